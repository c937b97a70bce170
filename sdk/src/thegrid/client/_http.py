"""How one request is sent, held back, sent again or given up.

What belongs here: the way from a request to a 2xx answer. What does not: routes (`api`), bodies
(`_wire`), what a refusal says (`_refusal`), and the decisions to repeat (`_retry`) and to hold back
(`_budget`).
"""

from __future__ import annotations

import functools
import os
import random
import ssl
from abc import ABC, abstractmethod
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from types import TracebackType
from typing import Self

import httpx

from thegrid.client import _retry, _wire
from thegrid.client._budget import SHARED, Budget
from thegrid.client._call import Call
from thegrid.client._refusal import refusal
from thegrid.client.clock import Clock
from thegrid.client.errors import GridError, InDoubt, RateLimited, Unreachable

TIMEOUT = httpx.Timeout(30.0, connect=10.0)
USER_AGENT = "thegrid-sdk/0.1.0"
_TOO_MANY_REQUESTS = 429
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


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
        credential: Tells what the market counts requests by, such as the token; None for requests
            that no login is counted for.
        transport: Another network than the real one, for tests.
        http: Connections that are shared with others, from `connections`; None opens its own.
        sleep: Waits for some seconds, before a retry or for a spent limit; by the clock if None.
        patience: The longest wait for the market's limits that is slept through, in seconds.
        asked: Told of every request's method and status; 0 stands for no answer.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        auth: httpx.Auth | None = None,
        credential: Callable[[], str] | None = None,
        transport: httpx.BaseTransport | None = None,
        http: httpx.Client | None = None,
        sleep: Callable[[float], None] | None = None,
        patience: float = _retry.LONGEST_WAIT_SECONDS,
        asked: Callable[[str, int], None] | None = None,
    ) -> None:
        self._clock = clock
        self._asked = asked or (lambda _method, _status: None)
        self._patience = patience
        self._sleep = sleep
        self._credential = credential
        self._auth = auth
        self._http = http or connections(transport=transport)

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
            Refused: The market said no; its subclasses say how. `RateLimited` may also say that
                nothing was sent, since the limit is known to be spent for longer than is waited.
            Unreachable: No usable answer came, and asking again is safe.
            InDoubt: No usable answer came, and it may have happened.
        """
        number = 0
        while True:
            number += 1
            budget = self._budget(call)
            if budget:
                hold_back(
                    call, budget, clock=self._clock, sleep=self._wait, patience=self._patience
                )
            attempt, outcome = self._try(call, number, budget)
            if isinstance(outcome, httpx.Response):
                return outcome
            chance = random.random()  # noqa: S311 - spreads load
            wait = _retry.wait_before_retry(attempt, chance, self._patience)
            if wait is None:
                raise outcome
            self._wait(wait)

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
        self,
        call: Call,
        answer: httpx.Response,
        reader: Callable[[_wire.Json], _wire.T],
        *,
        row: Callable[[_wire.Json], object] | None = None,
    ) -> _wire.T:
        """Read an answer that `send` returned, as `parse` does; raises as `read` does."""
        try:
            return _wire.parse(answer.content, reader, row=row)
        except _wire.UnusableAnswer as unusable:
            raise _no_usable_answer(call, str(unusable)) from None

    def _wait(self, seconds: float) -> None:
        (self._sleep or self._clock.sleep)(seconds)

    def requests_left(self, base: str) -> int | None:
        """Tell how many requests a surface has left for this login, as far as it has told.

        Args:
            base: The base address of the surface.
        """
        if self._credential is None:
            return None
        now = self._clock.now().timestamp()
        return SHARED.of(base, self._credential(), now).left(now)

    def _budget(self, call: Call) -> Budget | None:
        if self._credential is None or call.public:
            return None
        return SHARED.of(call.base, self._credential(), self._clock.now().timestamp())

    def _try(
        self, call: Call, number: int, budget: Budget | None
    ) -> tuple[_retry.Attempt, httpx.Response | GridError]:
        try:
            answer = self._request(call)
        except (httpx.TransportError, httpx.DecodingError) as failure:
            self._asked(call.method, 0)
            never_sent = isinstance(failure, NEVER_SENT)
            attempt = _retry.Attempt(
                number,
                call.repeatable,
                never_sent=never_sent,
                distrusted=is_distrust(failure),
            )
            cause = describe(failure)
            if never_sent:
                return attempt, Unreachable(f"{call.name}: {cause}")
            return attempt, _no_usable_answer(call, cause)
        self._asked(call.method, answer.status_code)
        if budget:
            budget.learn(answer.headers, self._clock.now().timestamp())
        if answer.is_success:
            return _retry.Attempt(number, call.repeatable, answer.status_code), answer
        return self._refused(call, number, answer)

    def _request(self, call: Call) -> httpx.Response:
        answer = self._http.request(
            call.method,
            call.url,
            params=call.query or None,
            json=call.body,
            auth=None if call.public else self._auth,
        )
        # An answer and its stream hold each other: large bodies would pile up until that is found.
        answer.stream = httpx.ByteStream(b"")
        return answer

    def _refused(
        self, call: Call, number: int, answer: httpx.Response
    ) -> tuple[_retry.Attempt, GridError]:
        error = refusal(call, answer, now=self._clock.now())
        attempt = _retry.Attempt(
            number,
            call.repeatable,
            answer.status_code,
            retry_after=error.retry_after,
            code=error.code,
        )
        if _retry.may_have_happened(attempt):
            return attempt, _no_usable_answer(call, f"the market answered {answer.status_code}")
        return attempt, error


def hold_back(
    call: Call,
    budget: Budget,
    *,
    clock: Clock,
    sleep: Callable[[float], None],
    patience: float = _retry.LONGEST_WAIT_SECONDS,
) -> None:
    """Wait until a request may be sent, as far as the market has told.

    Args:
        call: What is to be asked.
        budget: What is known of its limit.
        clock: Tells the time.
        sleep: Waits for some seconds.
        patience: The longest wait that is slept through, in seconds.

    Raises:
        RateLimited: The limit is spent for longer than is waited; nothing was sent.
    """
    waited = 0.0
    while wait := budget.take(clock.now().timestamp()):
        if waited + wait > patience:
            raise RateLimited(
                call.name,
                _TOO_MANY_REQUESTS,
                message="this program has used up the market's limit; nothing was sent",
                retry_after=wait,
            )
        sleep(wait)
        waited += wait


def connections(*, transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """Open a connection pool; redirects are not followed, and no cookie is kept.

    Whoever asks proves it with each request. So a pool may be shared, and nothing that the market
    tells one login goes out with another's requests.

    Args:
        transport: Another network than the real one, for tests.

    Returns:
        The pool, which the caller closes.
    """
    http = httpx.Client(
        transport=transport,
        verify=_certificates(),
        timeout=TIMEOUT,
        headers={"user-agent": USER_AGENT},
    )
    http.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))
    return http


def _certificates() -> ssl.SSLContext:
    return _certificates_of(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@functools.cache
def _certificates_of(file: str | None, folder: str | None) -> ssl.SSLContext:  # noqa: ARG001
    """Load the trusted certificates once; that takes longer than everything else about a pool.

    Args:
        file: What httpx reads from the environment by itself, and what the cache tells apart.
        folder: Likewise.
    """
    return httpx.create_ssl_context()


def _no_usable_answer(call: Call, cause: str) -> GridError:
    if call.look_for is not None:
        return InDoubt(call.name, cause, call.look_for)
    if call.method == "GET":
        return Unreachable(f"{call.name}: {cause}")
    unknown = Unreachable(f"{call.name}: {cause}; it may have happened, and doing it again is safe")
    unknown.may_have_happened = True
    return unknown


def describe(failure: Exception) -> str:
    """Say what went wrong on the way. The library's own text may quote an address."""
    if is_distrust(failure):
        return "the certificate is not trusted (SSL_CERT_FILE may name a file with its authority)"
    if isinstance(failure, httpx.ConnectTimeout | httpx.ConnectError):
        return "the market cannot be reached (is the address right, and the network up?)"
    if isinstance(failure, httpx.TimeoutException):
        return "the market did not answer in time"
    return "the connection broke before the answer was complete"


def is_distrust(failure: BaseException | None) -> bool:
    """Tell whether a certificate was refused; the libraries chain that cause."""
    while failure is not None and not isinstance(failure, ssl.SSLCertVerificationError):
        failure = failure.__cause__ or failure.__context__
    return failure is not None
