"""Whether and when to send a request again. Pure: facts in, seconds or None out.

The statuses and waits follow The Grid's documentation, "Errors and rate limits", and its own
client. 500 is never repeated: there it marks a bug, not a busy server.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

LONGEST_WAIT_SECONDS = 30.0
"""A longer wait is the caller's to plan; it is told instead of slept through."""

MOST_ATTEMPTS = 3
_PASSING_STATUSES = frozenset({408, 429, 502, 503, 504})
_FIRST_BACKOFF_SECONDS = 0.2
_LONGEST_BACKOFF_SECONDS = 2.0
_JITTER = 0.25
_TIMESTAMP_FROM = 10**9
_DEFAULT_RATE_LIMIT_WAIT_SECONDS = 60.0
_TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of sending a request.

    Attributes:
        number: 1 for the first time it was sent.
        repeatable: Whether doing it twice is the same as doing it once.
        status: The answer's status, or None when no answer came.
        never_sent: With no answer: whether the request certainly did not leave.
        retry_after: Seconds that the answer asked to wait, or None.
    """

    number: int
    repeatable: bool
    status: int | None = None
    never_sent: bool = False
    retry_after: float | None = None


def wait_before_retry(attempt: Attempt, chance: float) -> float | None:
    """Decide whether a request is sent again.

    Args:
        attempt: What came of sending it.
        chance: A number from 0 to 1 that spreads waits, so that callers do not return together.

    Returns:
        Seconds to wait before sending it again, or None to stop.
    """
    if attempt.number >= MOST_ATTEMPTS or not _may_repeat(attempt):
        return None
    if attempt.retry_after is not None:
        return attempt.retry_after if attempt.retry_after <= LONGEST_WAIT_SECONDS else None
    backoff = _FIRST_BACKOFF_SECONDS * 2.0 ** (attempt.number - 1) * (1 + _JITTER * chance)
    return min(backoff, _LONGEST_BACKOFF_SECONDS)


def _may_repeat(attempt: Attempt) -> bool:
    if attempt.status is None:
        return attempt.repeatable or attempt.never_sent
    if attempt.status == _TOO_MANY_REQUESTS:  # refused before anything was done
        return True
    return attempt.repeatable and attempt.status in _PASSING_STATUSES


def retry_after(headers: Mapping[str, str], *, now: float) -> float:
    """Read how long a 429 asks to wait.

    Args:
        headers: The answer's headers, by lower-case name.
        now: The present as a Unix timestamp, in seconds.

    Returns:
        Seconds, zero or more; a minute where no header tells.
    """
    for name in ("retry-after", "x-ratelimit-retry-after", "x-ratelimit-reset"):
        try:
            seconds = float(headers[name])
        except (KeyError, ValueError):
            continue
        if not math.isfinite(seconds):
            continue
        if name == "x-ratelimit-reset" and seconds > _TIMESTAMP_FROM:
            seconds -= now
        return max(seconds, 0.0)
    return _DEFAULT_RATE_LIMIT_WAIT_SECONDS
