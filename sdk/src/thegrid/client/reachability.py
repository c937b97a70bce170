"""Whether a host of the market answers at all, and what time it is there."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

import httpx

from thegrid.client._http import connections
from thegrid.client.clock import market_time
from thegrid.client.errors import Unreachable


@dataclass(frozen=True, slots=True)
class Reached:
    """An answer, whatever its status.

    Attributes:
        seconds: How long it took.
        time: The host's time from the header `Date`, in whole seconds, or None without one.
    """

    seconds: float
    time: datetime | None


def reach(base: str, *, transport: httpx.BaseTransport | None = None) -> Reached:
    """Ask a host for anything, without a credential.

    Args:
        base: A base address of `Endpoints`.
        transport: Another network than the real one, for tests.

    Returns:
        The answer's time.

    Raises:
        Unreachable: No answer came.
    """
    try:
        with connections(transport=transport) as http:
            began = time.monotonic()
            answer = http.get(base)
    except httpx.ConnectError:
        problem = "nothing accepts connections there, or its certificate is not trusted"
    except httpx.TimeoutException:
        problem = "no answer in time"
    except httpx.TransportError:
        problem = "the connection broke"
    else:
        return Reached(time.monotonic() - began, market_time(answer.headers))
    raise Unreachable(f"{base}: {problem}")
