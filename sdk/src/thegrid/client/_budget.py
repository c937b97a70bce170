"""How many requests a credential has left, so that none is sent that the market must refuse.

The market tells in every answer how many requests are left until when (The Grid's documentation,
"Request and response conventions"). What was told is shared by all threads of this process that use
the same credential on the same surface. Without a word from the market nothing is held back.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace

from thegrid.client.clock import market_time

LONGEST_WINDOW_SECONDS = 3600.0
"""A limit that lasts longer is a quota, which a deposit may lift at any time: not held to."""

_TIMESTAMP_FROM = 10**9
_SAME_WINDOW_SECONDS = 1.0
_MOST_BUDGETS = 1024


@dataclass(frozen=True, slots=True)
class Window:
    """What is known of the present window of requests.

    Attributes:
        left: Requests that may still be sent.
        resets_at: When the next window begins, in the caller's Unix seconds.
    """

    left: int
    resets_at: float


def wait_for(window: Window | None, now: float) -> float:
    """Tell how long a request should be held back.

    Args:
        window: What is known, or None.
        now: The present, in Unix seconds.

    Returns:
        Seconds; zero while there are requests left, or where nothing is known any more.
    """
    if window is None or window.left > 0:
        return 0.0
    return max(window.resets_at - now, 0.0)


def spend(window: Window | None, now: float) -> Window | None:
    """Count a request that is about to be sent; a window that is over is forgotten."""
    if window is None or now >= window.resets_at:
        return None
    return replace(window, left=window.left - 1)


def learn(window: Window | None, headers: Mapping[str, str], now: float) -> Window | None:
    """Take in what an answer tells.

    Answers may overtake each other, so within one window the lower count is believed.

    Args:
        window: What was known, or None.
        headers: The answer's headers, by lower-case name.
        now: The present, in Unix seconds.

    Returns:
        What is known now.
    """
    told = _told(headers, now)
    if told is None or window is None:
        return told or window
    if abs(told.resets_at - window.resets_at) <= _SAME_WINDOW_SECONDS:
        return replace(window, left=min(window.left, told.left))
    return told


def _told(headers: Mapping[str, str], now: float) -> Window | None:
    left = _number(headers.get("x-ratelimit-remaining"))
    reset = _number(headers.get("x-ratelimit-reset"))
    if left is None or reset is None:
        return None
    seconds = reset - _time_of(headers, now) if reset > _TIMESTAMP_FROM else reset
    if not 0 < seconds <= LONGEST_WINDOW_SECONDS:
        return None
    return Window(int(left), now + seconds)


def _time_of(headers: Mapping[str, str], now: float) -> float:
    """Return the market's own time, so that a clock that is off does not lengthen a wait."""
    time = market_time(headers)
    return time.timestamp() if time else now


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


class Budget:
    """The present window of one credential on one surface. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window: Window | None = None

    def take(self, now: float) -> float:
        """Count a request, if one is left.

        Args:
            now: The present, in Unix seconds.

        Returns:
            Zero when it may be sent, else the seconds to wait before asking again.
        """
        with self._lock:
            wait = wait_for(self._window, now)
            if not wait:
                self._window = spend(self._window, now)
            return wait

    def learn(self, headers: Mapping[str, str], now: float) -> None:
        """Take in what an answer tells; see `learn`."""
        with self._lock:
            self._window = learn(self._window, headers, now)

    def left(self, now: float) -> int | None:
        """Return how many requests are left; None where nothing is known any more."""
        with self._lock:
            if self._window is None or now >= self._window.resets_at:
                return None
            return max(self._window.left, 0)

    def is_over(self, now: float) -> bool:
        """Tell whether nothing is known any more."""
        with self._lock:
            return self._window is None or now >= self._window.resets_at


class Budgets:
    """The budgets of a process, by surface and credential. Credentials are kept as digests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._budgets: dict[tuple[str, bytes], Budget] = {}

    def of(self, surface: str, credential: str, now: float) -> Budget:
        """Return the one budget of a credential on a surface.

        Args:
            surface: The base address of the surface.
            credential: A token, a key, or the fingerprint of one.
            now: The present, in Unix seconds.

        Returns:
            The budget, the same for everybody who asks.
        """
        who = (surface, hashlib.sha256(credential.encode(errors="backslashreplace")).digest())
        with self._lock:
            if len(self._budgets) >= _MOST_BUDGETS:
                self._forget(now)
            return self._budgets.setdefault(who, Budget())

    def _forget(self, now: float) -> None:
        over = [who for who, budget in self._budgets.items() if budget.is_over(now)]
        for who in over:
            del self._budgets[who]


SHARED = Budgets()
"""The budgets of this process."""
