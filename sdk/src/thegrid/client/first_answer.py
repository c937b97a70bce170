"""Asking whom the market would send an inference call to, without going there.

What belongs here: one call that is never followed and never sent twice. What does not: calls that
are meant to be answered (`inference`), and what becomes of the address (whoever asks).

A supplier serves a call, and so it costs something, only when its redirect is followed. The Grid's
documentation ("Consumption API") allows an answer without a redirect too; so the call asks for one
token, and whoever gets such an answer should not ask again.
"""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from thegrid.client._auth import bearer
from thegrid.client._budget import SHARED
from thegrid.client._call import Call, call
from thegrid.client._http import connections, describe, hold_back
from thegrid.client._redirects import read_body
from thegrid.client._refusal import refusal
from thegrid.client.clock import Clock, clock_for
from thegrid.client.endpoints import Endpoints
from thegrid.client.errors import GridError, Unreachable
from thegrid.core.secret import Secret

_TIMEOUT = httpx.Timeout(10.0)
_PATIENCE_SECONDS = 0.0
_LOOK_FOR = "nothing: at most one token was asked for"


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """What the market answered by itself, before any supplier.

    Attributes:
        status: The HTTP status: 2xx for a call that was served without a redirect, or 3xx.
        location: Where a redirect leads, exactly as it was told; None where nothing was. Its query
            is a credential.
    """

    status: int
    location: Secret | None = None


def first_answer(
    endpoints: Endpoints,
    key: Secret,
    model: str,
    *,
    transport: httpx.BaseTransport | None = None,
    clock: Clock | None = None,
) -> FirstAnswer:
    """Make one chat completion of one token at most, and stop at the market's own answer.

    Args:
        endpoints: Where the market is.
        key: The consumption key.
        model: An instrument's symbol, such as `text-prime`.
        transport: Another network than the real one, for tests.
        clock: Another clock than the market's usual one, for tests.

    Returns:
        The answer; the body of one that was served is not read.

    Raises:
        Misuse: The key cannot be sent.
        Refused: The market said no; `RateLimited` also where its limit is known to be spent.
        Unreachable: No usable answer came.
    """
    body = {"model": model, "messages": [{"role": "user", "content": "."}], "max_tokens": 1}
    asked = call("POST", endpoints.consumption, "/chat/completions", body=body, look_for=_LOOK_FOR)
    clock = clock or clock_for(endpoints)
    budget = SHARED.of(asked.base, key.reveal(), clock.now().timestamp())
    hold_back(asked, budget, clock=clock, sleep=clock.sleep, patience=_PATIENCE_SECONDS)
    with connections(transport=transport) as http:
        answer = _post(http, asked, bearer(key))
        budget.learn(answer.headers, clock.now().timestamp())
        if answer.is_success or answer.is_redirect:
            answer.close()
            location = answer.headers.get("location")
            return FirstAnswer(answer.status_code, Secret(location) if location else None)
        read_body(asked, answer)
        raise refusal(asked, answer, now=clock.now())


def _post(http: httpx.Client, asked: Call, credential: str) -> httpx.Response:
    request = http.build_request(
        "POST",
        asked.url,
        json=asked.body,
        headers={"authorization": credential},
        timeout=_TIMEOUT,
    )
    try:
        return http.send(request, stream=True, follow_redirects=False)
    except httpx.RequestError as failure:  # which holds the request, and so the key
        problem: GridError = Unreachable(f"{asked.name}: {describe(failure)}")
    raise problem
