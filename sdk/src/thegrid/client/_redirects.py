"""How an inference call reaches the supplier that answers it.

The market answers with a redirect to a supplier. It is followed by hand: the signed address is the
credential there, so the key never travels to another host, and only hosts that the caller trusts
are asked. See The Grid's documentation, "Consumption API", and docs/decisions/0006.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx

from thegrid.client import _retry
from thegrid.client._budget import SHARED
from thegrid.client._call import Call
from thegrid.client._http import (
    NEVER_SENT,
    Closing,
    connections,
    describe,
    hold_back,
    is_distrust,
)
from thegrid.client._refusal import refusal
from thegrid.client.clock import Clock
from thegrid.client.endpoints import Endpoints, is_loopback
from thegrid.client.errors import GridError, LoginRejected, Refused, Unreachable
from thegrid.core.secret import Secret

MOST_HOPS = 3
RECEIPT_HEADER = "x-grid-request-id"
_FIRST_HOP = httpx.Timeout(30.0, connect=10.0)
_SUPPLIER = httpx.Timeout(120.0, connect=10.0)
_STREAMING_SUPPLIER = httpx.Timeout(300.0, connect=10.0)


@dataclass(frozen=True, slots=True)
class InferenceCall:
    """An inference call.

    Attributes:
        call: What is asked.
        credential: The header that proves the right to ask; for the market alone.
        headers: Further headers, for the market and the supplier.
        streamed: Whether the answer comes bit by bit.
    """

    call: Call
    credential: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str]
    streamed: bool


@dataclass(frozen=True, slots=True)
class OpenAnswer:
    """An answer, 2xx, whose body is not read yet; whoever has it closes it.

    Attributes:
        response: The answer.
        request_id: The handle of the call's receipt, or None where none was given.
    """

    response: httpx.Response
    request_id: str | None


class _Failed(Exception):
    """An attempt came to nothing. It never leaves this module."""

    def __init__(
        self,
        error: GridError,
        *,
        status: int | None = None,
        never_sent: bool = False,
        distrusted: bool = False,
    ) -> None:
        super().__init__()
        self.error = error
        self.status = status
        self.never_sent = never_sent
        self.distrusted = distrusted


class Caller(Closing):
    """Makes inference calls with one key through one connection pool. Safe for several threads.

    Args:
        endpoints: Where the market is.
        key: The consumption key, which the market counts requests by.
        clock: Tells the time for waits that are given as timestamps.
        supplier_hosts: Host names that a redirect may lead to; a market on this machine may also
            redirect to this machine.
        retries: Which refused calls are sent again, or None for none.
        transport: Another network than the real one, for tests.
        sleep: Waits for some seconds; by the clock if None.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        key: Secret,
        clock: Clock,
        *,
        supplier_hosts: frozenset[str],
        retries: _retry.InferenceRetries | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._endpoints = endpoints
        self._key = key
        self._clock = clock
        self._supplier_hosts = supplier_hosts
        self._retries = retries or _retry.InferenceRetries(attempts=1)
        self._sleep = sleep
        self._http = connections(transport=transport)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def open(self, asked: InferenceCall) -> OpenAnswer:
        """Make a call, as often as the retries allow.

        Args:
            asked: What is asked.

        Returns:
            The answer, not read yet.

        Raises:
            Refused: The market or the supplier said no.
            Unreachable: No usable answer came, or the redirect leads where it may not.
        """
        number = 0
        while True:
            number += 1
            error, attempt = None, None
            try:
                return self._attempt(asked)
            except _Failed as failed:
                error = failed.error
                waits = error.retry_after if isinstance(error, Refused) else None
                attempt = _retry.Attempt(
                    number,
                    repeatable=False,
                    status=failed.status,
                    never_sent=failed.never_sent,
                    distrusted=failed.distrusted,
                    retry_after=waits,
                )
            wait = self._retries.wait(attempt, random.random())  # noqa: S311 - spreads load
            if wait is None:
                raise error
            self._wait(wait)

    def _wait(self, seconds: float) -> None:
        (self._sleep or self._clock.sleep)(seconds)

    def _attempt(self, asked: InferenceCall) -> OpenAnswer:
        call, url = asked.call, httpx.URL(asked.call.url)
        now = self._clock.now().timestamp()
        budget = SHARED.of(call.base, self._key.reveal(), now)
        hold_back(call, budget, clock=self._clock, sleep=self._wait)
        answer = self._post(url, asked, _FIRST_HOP, asked.credential)
        budget.learn(answer.headers, self._clock.now().timestamp())
        request_id = answer.headers.get(RECEIPT_HEADER)
        for _ in range(MOST_HOPS):
            if answer.status_code != httpx.codes.TEMPORARY_REDIRECT:
                break
            read_body(call, answer)  # so that the connection can be used again
            url = self._target(url, answer, call)
            timeout = _STREAMING_SUPPLIER if asked.streamed else _SUPPLIER
            answer = self._post(url, asked, timeout, {})
        if answer.is_success:
            return OpenAnswer(answer, answer.headers.get(RECEIPT_HEADER) or request_id)
        raise self._failed(call, answer)

    def _post(
        self,
        url: httpx.URL,
        asked: InferenceCall,
        timeout: httpx.Timeout,
        credential: Mapping[str, str],
    ) -> httpx.Response:
        """Send the request. httpx logs addresses, so the query, a credential, is kept out of it."""
        request = self._http.build_request(
            "POST",
            url.copy_with(query=None),
            json=asked.call.body,
            headers={**asked.headers, **credential},
            timeout=timeout,
            extensions={"target": url.raw_path},
        )
        try:
            return self._http.send(request, stream=True)
        except httpx.RequestError as failure:  # which holds the request, and so the key
            never_sent, distrusted = isinstance(failure, NEVER_SENT), is_distrust(failure)
            reason = f": {describe(failure)}" if distrusted else ""
        text = f"{asked.call.name}: no usable answer from {url.host}{reason}"
        raise _Failed(Unreachable(text), never_sent=never_sent, distrusted=distrusted)

    def _target(self, asked: httpx.URL, answer: httpx.Response, call: Call) -> httpx.URL:
        """Refuse an untrusted target. Its query is a credential, so it is never shown."""
        location = answer.headers.get("location")
        if not location:
            raise _Failed(Unreachable(f"{call.name}: a redirect without a target"))
        url = asked.join(location)  # httpx has refused an answer with a malformed one already
        if self._endpoints.all_loopback and is_loopback(f"{url.scheme}://{url.netloc.decode()}"):
            return url
        if url.scheme != "https" or url.host not in self._supplier_hosts:
            where = f"{url.scheme}://{url.host}"
            text = f"{call.name}: the redirect leads to {where}, which is not an allowed supplier"
            raise _Failed(Unreachable(text))
        return url

    def _failed(self, call: Call, answer: httpx.Response) -> _Failed:
        """Tell a rejected key from a signed address that the supplier does not accept."""
        read_body(call, answer)
        if answer.status_code == httpx.codes.TEMPORARY_REDIRECT:
            return _Failed(Unreachable(f"{call.name}: more than {MOST_HOPS} redirects"))
        refused: GridError = refusal(call, answer, now=self._clock.now())
        if isinstance(refused, LoginRejected) and not _was_authenticated(answer):
            text = f"{call.name}: the supplier did not accept the market's redirect; ask again"
            refused = Unreachable(text)
        return _Failed(refused, status=answer.status_code)


def read_body(call: Call, answer: httpx.Response) -> None:
    """Read an answer to its end.

    Args:
        call: What was asked.
        answer: The answer.

    Raises:
        Unreachable: It broke off.
    """
    problem = None
    try:
        answer.read()
    except httpx.RequestError as failure:  # which holds the request, and so the key
        problem = describe(failure)
    finally:
        answer.close()
    if problem:
        raise Unreachable(f"{call.name}: {problem}")


def _was_authenticated(answer: httpx.Response) -> bool:
    return any(name in answer.request.headers for name in ("authorization", "x-api-key"))
