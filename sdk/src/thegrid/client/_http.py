"""How one request is sent, sent again or given up, and what error comes of it.

What belongs here: the way from a request to a 2xx answer. What does not: routes (`api`), bodies
(`_wire`), and the decision to repeat (`_retry`).
"""

from __future__ import annotations

import functools
import random
import ssl
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import httpx

from thegrid.client import _retry, _wire
from thegrid.client.clock import Clock
from thegrid.client.errors import (
    GridError,
    InDoubt,
    LoginRejected,
    NotFound,
    RateLimited,
    Refused,
    Unreachable,
)

TIMEOUT = httpx.Timeout(30.0, connect=10.0)
USER_AGENT = "thegrid-sdk/0.1.0"
_SERVER_ERROR = 500
_SECRET_FIELDS = frozenset({"refresh_token", "device_code", "token"})
_REPEATABLE_METHODS = frozenset({"GET", "PUT", "PATCH", "DELETE"})
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Call:
    """One thing to ask of the market.

    Attributes:
        method: The HTTP method.
        url: The whole address.
        route: The path as documented, for messages.
        body: What to send as JSON, or None for no body.
        look_for: What to look for when it may have happened, for methods that cannot be repeated;
            None says that doing it twice is the same as doing it once.
    """

    method: str
    url: str
    route: str
    body: Any = field(default=None, repr=False)
    look_for: str | None = None

    @property
    def name(self) -> str:
        """Return what errors call this request."""
        return f"{self.method} {self.route}"

    @property
    def repeatable(self) -> bool:
        """Tell whether doing it twice is the same as doing it once."""
        return self.look_for is None


class Closing(ABC):
    """Holds connections that the end of a `with` block closes."""

    @abstractmethod
    def close(self) -> None:
        """Close the connections."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Sender(Closing):
    """Sends calls to the market through one connection pool. Safe for several threads.

    Args:
        clock: Tells the time for waits that are given as timestamps.
        auth: How requests are authenticated, or None.
        transport: Another network than the real one, for tests.
        sleep: Waits for some seconds before a retry.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        auth: httpx.Auth | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._http = connections(auth=auth, transport=transport)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(self, call: Call) -> httpx.Response:
        """Send a call until it is answered with 2xx or no retry is left.

        Args:
            call: What to ask.

        Returns:
            The answer, 2xx, its body read.

        Raises:
            Refused: The market said no; its subclasses say how.
            Unreachable: No usable answer came, and asking again is safe.
            InDoubt: No usable answer came, and it may have happened.
        """
        number = 0
        while True:
            number += 1
            attempt, outcome = self._try(call, number)
            if isinstance(outcome, httpx.Response):
                return outcome
            wait = _retry.wait_before_retry(attempt, random.random())  # noqa: S311 - spreads load
            if wait is None:
                raise outcome
            self._sleep(wait)

    def read(self, call: Call, reader: Callable[[_wire.Json], _wire.T]) -> _wire.T:
        """Send a call and read its answer.

        Args:
            call: What to ask.
            reader: A reader of `_wire`.

        Returns:
            The value.

        Raises:
            Refused: The market said no.
            Unreachable: No usable answer came, and asking again is safe.
            InDoubt: No usable answer came, and it may have happened.
        """
        return self.read_answer(call, self.send(call), reader)

    def read_answer(
        self, call: Call, answer: httpx.Response, reader: Callable[[_wire.Json], _wire.T]
    ) -> _wire.T:
        """Read an answer that `send` returned; raises as `read` does."""
        try:
            return _wire.parse(answer.content, reader)
        except _wire.UnusableAnswer as unusable:
            raise _no_usable_answer(call, str(unusable)) from None

    def _try(self, call: Call, number: int) -> tuple[_retry.Attempt, httpx.Response | GridError]:
        try:
            answer = self._http.request(call.method, call.url, json=call.body)
        except (httpx.TransportError, httpx.DecodingError) as failure:
            never_sent = isinstance(failure, _NEVER_SENT)
            attempt = _retry.Attempt(number, call.repeatable, never_sent=never_sent)
            cause = _describe(failure)
            if never_sent:
                return attempt, Unreachable(f"{call.name}: {cause}")
            return attempt, _no_usable_answer(call, cause)
        if answer.is_success:
            return _retry.Attempt(number, call.repeatable, answer.status_code), answer
        error = self._refusal(call, answer)
        waits = error.retry_after if isinstance(error, Refused) else None
        return _retry.Attempt(number, call.repeatable, answer.status_code, retry_after=waits), error

    def _refusal(self, call: Call, answer: httpx.Response) -> GridError:
        status = answer.status_code
        if status >= _SERVER_ERROR and not call.repeatable:
            return _no_usable_answer(call, f"the market answered {status}")
        return refusal(call, answer, now=self._clock.now())


def connections(
    *, auth: httpx.Auth | None = None, transport: httpx.BaseTransport | None = None
) -> httpx.Client:
    """Open a connection pool; redirects are not followed.

    Args:
        auth: How requests are authenticated, or None.
        transport: Another network than the real one, for tests.

    Returns:
        The pool, which the caller closes.
    """
    return httpx.Client(
        auth=auth,
        transport=transport,
        verify=_certificates(),
        timeout=TIMEOUT,
        headers={"user-agent": USER_AGENT},
    )


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Load the trusted certificates once; that takes longer than everything else about a pool."""
    return httpx.create_ssl_context()


def refusal(call: Call, answer: httpx.Response, *, now: datetime) -> Refused:
    """Make the error of an answer that says no.

    Args:
        call: What was asked.
        answer: The answer, not 2xx, its body read.
        now: The present, for waits that are given as timestamps.

    Returns:
        The error, of the class that fits.
    """
    status = answer.status_code
    wait = None
    if status == httpx.codes.TOO_MANY_REQUESTS or "retry-after" in answer.headers:
        wait = _retry.retry_after(answer.headers, now=now.timestamp())
    code, message = (_without_secrets(text, call, answer) for text in _said(answer))
    return _refusal_class(status, code)(
        call.name,
        status,
        code=code,
        message=message,
        request_id=_without_secrets(answer.headers.get("x-request-id", ""), call, answer),
        retry_after=wait,
    )


def _said(answer: httpx.Response) -> tuple[str, str]:
    code, message = _wire.error_texts(answer.content)
    return code, message or answer.reason_phrase


def _without_secrets(text: str, call: Call, answer: httpx.Response) -> str:
    """Hide the credentials of a request where its answer quotes them."""
    sent = [answer.request.headers.get("authorization", "").removeprefix("Bearer ")]
    if isinstance(call.body, Mapping):
        sent += [call.body[name] for name in _SECRET_FIELDS & call.body.keys()]
    for secret in filter(None, sent):
        text = text.replace(secret, "***")
    return text


def call(  # noqa: D417 - the rest is said at `Call`
    method: str, base: str, path: str, *, body: Any = None, look_for: str | None = None
) -> Call:
    """Build a call to a path below a base address.

    Args:
        base: The base address, without a slash at its end.
        path: The path, from its slash on.

    Raises:
        ValueError: A method that cannot be repeated does not say what to look for.
    """
    if look_for is None and method not in _REPEATABLE_METHODS:
        raise ValueError(f"{method} {path} must say what to look for when in doubt")
    return Call(method, base + path, path, body, look_for)


def _no_usable_answer(call: Call, cause: str) -> GridError:
    if call.look_for is not None:
        return InDoubt(call.name, cause, call.look_for)
    return Unreachable(f"{call.name}: {cause}")


def _describe(failure: Exception) -> str:
    """Say what went wrong on the way. The library's own text may quote an address."""
    if isinstance(failure, httpx.ConnectTimeout | httpx.ConnectError):
        return "the market cannot be reached (is the address right, and the network up?)"
    if isinstance(failure, httpx.TimeoutException):
        return "the market did not answer in time"
    return "the connection broke before the answer was complete"


def _refusal_class(status: int, code: str) -> type[Refused]:
    if status == httpx.codes.UNAUTHORIZED or (
        status == httpx.codes.FORBIDDEN and code == "invalid_token"
    ):
        return LoginRejected
    if status == httpx.codes.NOT_FOUND:
        return NotFound
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return RateLimited
    return Refused
