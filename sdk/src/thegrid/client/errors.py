"""What can go wrong between us and the market, as one tree.

    GridError
    ├── Misuse            we asked for something that cannot be: mend the caller
    │   └── WrongAccount  the login belongs to another account than before
    ├── Refused           the market answered no; nothing happened
    │   ├── LoginRejected the login or key is not accepted (any more)
    │   ├── NotFound      the market does not know the thing
    │   └── RateLimited   too many requests; says when to come back
    ├── Unreachable       no usable answer to something that may safely be asked again
    │   └── Truncated     a listing broke off, so what it does not show may still be there
    └── InDoubt           no usable answer to something that may have happened: look first

Every error is one line for a person: what was asked, what came back, what to do. None carries a
credential or the body of a request.
"""

from __future__ import annotations

import textwrap
from typing import Any


class GridError(Exception):
    """Anything that this client raises on purpose. It survives copying and pickling."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self.args), self.__dict__


def _restored(kind: type[GridError], args: tuple[Any, ...]) -> GridError:
    """Build an error from its text alone; its attributes follow. See the pickle protocol."""
    error: GridError = kind.__new__(kind, *args)
    return error


class Misuse(GridError):
    """An argument, a setting or a file cannot be used. Nothing was sent."""


class WrongAccount(Misuse):
    """The login belongs to another account than the one that these things were made in.

    Args:
        expected: The user id that was pinned.
        actual: The user id of the login.
    """

    def __init__(self, expected: str, actual: str) -> None:
        self.expected = expected
        self.actual = actual
        super().__init__(
            f"this login belongs to account {actual}, but account {expected} is expected: "
            "log in as that account, or declare new resources for the other one"
        )


class Refused(GridError):
    """The market answered, and the answer was no.

    Args:
        request: Method and path, as in `POST /api-keys`.
        status: The HTTP status.
        code: The market's machine code, or an empty text.
        message: The market's text for people, or an empty text.
        request_id: What to quote to the market's support, or an empty text.
        retry_after: Seconds after which to come back, or None.
    """

    def __init__(
        self,
        request: str,
        status: int,
        *,
        code: str = "",
        message: str = "",
        request_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        self.request = request
        self.status = status
        self.code = code
        self.message = message
        self.request_id = request_id
        self.retry_after = retry_after
        said = code if code == message or not message else f"{code} {message}".strip()
        quoted = f" (request {request_id})" if request_id else ""
        answer = f"{status} {one_line(said)}".strip()
        super().__init__(f"{request} was refused: {answer}{quoted}{_hint(status, code)}")


class LoginRejected(Refused):
    """401, or 403 with `invalid_token`: the market does not accept the login or key."""


class NotFound(Refused):
    """404: the market does not know it, under this account."""


class RateLimited(Refused):
    """429: too many requests. `retry_after` is always set."""


class Unreachable(GridError):
    """There was no usable answer, and asking again is safe.

    Attributes:
        may_have_happened: Whether it was a change that reached the market, as far as is known.
    """

    may_have_happened: bool = False


class Truncated(Unreachable):
    """A listing broke off before its end, so nothing can be concluded from what it lacks."""


class InDoubt(GridError):
    """There was no usable answer, and what was asked may have happened.

    Args:
        request: Method and path, as in `POST /api-keys`.
        cause: What went wrong, without addresses or secrets.
        look_for: What to look for before it is done again.
    """

    def __init__(self, request: str, cause: str, look_for: str) -> None:
        self.request = request
        self.cause = cause
        self.look_for = look_for
        super().__init__(f"{request}: {cause}; it may have happened, so look for {look_for} first")


_UNAUTHORIZED = 401
_PAYMENT_REQUIRED = 402
_LONGEST_QUOTE = 300
_LOGIN_HINT = "the login or key is not accepted (any more): log in again"
_SIGNATURE_HINT = "is this machine's clock right, and the trading key still registered?"
_BALANCE_HINT = "deposit or sell first, or ask for less; open orders lock what they need"
_HINTS = {
    "access_denied": "the person refused: start the login anew if that was a mistake",
    "auto_mode_trading_restricted": "in mode easy the platform trades by itself: set the account's "
    "mode to advanced",
    "duplicate_client_order_id": "an order of this name exists: read it, or choose another name",
    "expired_timestamp": _SIGNATURE_HINT,
    "expired_token": "the code has died: start the login anew",
    "insufficient_balance": _BALANCE_HINT,
    "insufficient_funds": _BALANCE_HINT,
    "insufficient_scope": "log in again with the scope that this needs",
    "invalid_client": "is the client id the one that the vendor gave?",
    "invalid_grant": "the login was used up or revoked: log in again",
    "invalid_market": "look the market up anew: its identifier is not known",
    "invalid_price": "keep to the market's steps between prices",
    "invalid_quantity": "keep to the market's whole units and limits",
    "invalid_scope": "ask only for scopes that the client may have",
    "invalid_signature": _SIGNATURE_HINT,
    "invalid_token": _LOGIN_HINT,
    "market_closed": "only an active market takes orders: look again later",
    "mode_managed_setting": "the account's mode dictates this setting",
    "order_already_cancelled": "there is nothing left to do",
    "order_not_cancellable": "it has ended already: read it to see how",
    "order_not_found": "read the account's orders: no such order is among them",
    "payment_method_required": "save a payment method in the web app first",
}
"""What to do, by the market's machine code in lower case; older answers write it in capitals."""

_STATUS_HINTS = {
    _UNAUTHORIZED: _LOGIN_HINT,
    _PAYMENT_REQUIRED: "no US dollars, or no units of this instrument: deposit, buy, or let the "
    "platform buy",
}


def one_line(text: str) -> str:
    """Make what the market said fit for a line of a log or a terminal.

    Args:
        text: Anything, of any length.

    Returns:
        At most 300 printable characters.
    """
    printable = "".join(char if char.isprintable() else " " for char in text)
    return textwrap.shorten(printable, _LONGEST_QUOTE, placeholder=" …")


def _hint(status: int, code: str) -> str:
    hint = _HINTS.get(code.lower()) or _STATUS_HINTS.get(status)
    return f"; {hint}" if hint else ""
