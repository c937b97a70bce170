"""Targets of inference redirects: signed URLs that are good for a minute and for one call.

Lifetime and single use are the emulator's choice: neither is published, and the strictest reading
finds the client that keeps a URL or calls it twice.
"""

import hashlib
import hmac
import secrets
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import takewhile
from typing import Literal

from thegrid_emulator.errors import MarketError
from thegrid_emulator.rules import Rules
from thegrid_emulator.state.receipts import Receipt

RedirectState = Literal["waiting", "used", "expired", "refused"]

_MOST_RECENT = 100


@dataclass(eq=False)
class Redirect:
    """A call that was sent on to a supplier's host.

    Attributes:
        receipt: of the call.
        host: host to which it was sent, with the port if the URL says one.
        created_at: when.
        expires_at: when the URL stops working.
        state: `waiting` for its one call; `used` by it; `expired` without it; `refused`, if it was
            called with another body than the one that the market had checked.
    """

    receipt: Receipt
    host: str
    created_at: datetime
    expires_at: datetime
    state: RedirectState = "waiting"

    @property
    def user_id(self) -> str:
        """Who asked."""
        return self.receipt.user_id

    @property
    def api_key_id(self) -> str | None:
        """API key that asked; None for an access token."""
        return self.receipt.api_key_id

    @property
    def instrument(self) -> str:
        """Symbol of what was asked for."""
        return self.receipt.instrument.symbol


class Redirects:
    """All redirects that wait, and the latest of all.

    Args:
        rules: for their lifetime.
    """

    def __init__(self, rules: Rules) -> None:
        self._lifetime = timedelta(seconds=rules.signed_url_seconds)
        self._signing_secret = secrets.token_bytes(32)
        self._waiting: dict[str, tuple[Redirect, object]] = {}
        self._unused: list[Redirect] = []
        self._latest: deque[Redirect] = deque(maxlen=_MOST_RECENT)

    @property
    def recent(self) -> tuple[Redirect, ...]:
        """The latest redirects, newest first; older ones are forgotten."""
        return tuple(reversed(self._latest))

    def issue(self, receipt: Receipt, body: object, host: str, now: datetime) -> str:
        """Send a call on.

        Args:
            receipt: of the call.
            body: what was asked, as parsed; the gateway takes nothing else.
            host: to which it is sent, with the port if the URL says one.
            now: when.

        Returns:
            The token that the URL carries.
        """
        redirect = Redirect(receipt, host, now, now + self._lifetime)
        self._waiting[receipt.request_id] = redirect, body
        self._latest.append(redirect)
        expiry = str(int(redirect.expires_at.timestamp() * 1000))
        return f"{receipt.request_id}.{expiry}.{self._mac(receipt.request_id, expiry)}"

    def redeem(self, token: str, path: str, body: object, now: datetime) -> Receipt:
        """Return the receipt of the call behind a token, once.

        Args:
            token: query parameter `token` of the call; empty if it is missing.
            path: path that was called.
            body: what was sent, as parsed; None if it could not be.
            now: the market's time.

        Raises:
            MarketError: 401 if the token is missing, not ours, expired, used before, or for another
                path; 400 `body_changed` if it was issued for another body.
        """
        request_id = self._request_id(token, now)
        if request_id not in self._waiting:
            raise _unauthorized("token_already_used")
        redirect, expected = self._waiting[request_id]
        if redirect.receipt.endpoint != path:
            raise _unauthorized("invalid_token")
        del self._waiting[request_id]
        if body != expected:
            self._give_up(redirect, "refused")
            raise MarketError(
                HTTPStatus.BAD_REQUEST,
                "body_changed",
                "a redirect is followed with the same method and body (RFC 9110, section 15.4.8)",
            )
        redirect.state = "used"
        return redirect.receipt

    def take_unused(self, now: datetime) -> list[Redirect]:
        """Give up waiting where the time is over.

        Returns:
            The redirects that have expired or been refused since this was last asked.
        """
        waiting = [redirect for redirect, _ in self._waiting.values()]
        for redirect in takewhile(lambda it: it.expires_at <= now, waiting):
            del self._waiting[redirect.receipt.request_id]
            self._give_up(redirect, "expired")
        unused, self._unused = self._unused, []
        return unused

    def _give_up(self, redirect: Redirect, state: RedirectState) -> None:
        redirect.state = state
        self._unused.append(redirect)

    def _request_id(self, token: str, now: datetime) -> str:
        if not token:
            raise _unauthorized("missing_token")
        request_id, _, rest = token.partition(".")
        expiry, _, mac = rest.partition(".")
        if not hmac.compare_digest(mac.encode(), self._mac(request_id, expiry).encode()):
            raise _unauthorized("invalid_token")
        if now.timestamp() * 1000 >= int(expiry):
            raise _unauthorized("token_expired")
        return request_id

    def _mac(self, request_id: str, expiry: str) -> str:
        message = f"{request_id}.{expiry}".encode()
        return hmac.new(self._signing_secret, message, hashlib.sha256).hexdigest()


def _unauthorized(code: str) -> MarketError:
    return MarketError(HTTPStatus.UNAUTHORIZED, code)
