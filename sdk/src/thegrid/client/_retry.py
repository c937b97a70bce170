"""Whether and when to send a request again. Pure: facts in, seconds or None out.

The statuses and waits follow The Grid's documentation, "Errors and rate limits", and its own
client. On the platform and the trading host 500 is never repeated: there it marks a bug, not a busy
server.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

LONGEST_WAIT_SECONDS = 30.0
"""A longer wait is the caller's to plan; it is told instead of slept through."""

MOST_ATTEMPTS = 3
_PASSING_INFERENCE_STATUSES = frozenset({429, 500, 503})
_PASSING_STATUSES = frozenset({408, 429, 502, 503, 504})
_FIRST_BACKOFF_SECONDS = 0.2
_LONGEST_BACKOFF_SECONDS = 2.0
_JITTER = 0.25
_TIMESTAMP_FROM = 10**9
_DEFAULT_RATE_LIMIT_WAIT_SECONDS = 60.0
_PAYMENT_REQUIRED = 402
_REQUEST_TIMEOUT = 408
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500
_NOTHING_WAS_DONE = frozenset({"account_already_exists"})
"""The vendor's client repeats a transfer that lost the race for making its account."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of sending a request.

    Attributes:
        number: 1 for the first time it was sent.
        repeatable: Whether doing it twice is the same as doing it once.
        status: The answer's status, or None when no answer came.
        never_sent: With no answer: whether the request certainly did not leave.
        distrusted: With no answer: whether the server's certificate is not trusted, which no
            repetition mends.
        retry_after: Seconds that the answer asked to wait, or None.
        code: The machine code of a refusal, or an empty text.
    """

    number: int
    repeatable: bool
    status: int | None = None
    never_sent: bool = False
    distrusted: bool = False
    retry_after: float | None = None
    code: str = ""


def wait_before_retry(
    attempt: Attempt, chance: float, longest: float = LONGEST_WAIT_SECONDS
) -> float | None:
    """Decide whether a request is sent again.

    Args:
        attempt: What came of sending it.
        chance: A number from 0 to 1 that spreads waits, so that callers do not return together.
        longest: The longest wait that is slept through when an answer asks for one, in seconds.

    Returns:
        Seconds to wait before sending it again, or None to stop.
    """
    if attempt.number >= MOST_ATTEMPTS or not _may_repeat(attempt):
        return None
    if attempt.retry_after is not None:
        return attempt.retry_after if attempt.retry_after <= longest else None
    backoff = _FIRST_BACKOFF_SECONDS * 2.0 ** (attempt.number - 1) * (1 + _JITTER * chance)
    return min(backoff, _LONGEST_BACKOFF_SECONDS)


def _may_repeat(attempt: Attempt) -> bool:
    if attempt.distrusted:
        return False
    if attempt.status is None:
        return attempt.repeatable or attempt.never_sent
    if attempt.status == _TOO_MANY_REQUESTS or attempt.code in _NOTHING_WAS_DONE:
        return True  # refused before anything was done
    return attempt.repeatable and attempt.status in _PASSING_STATUSES


def may_have_happened(attempt: Attempt) -> bool:
    """Tell whether a refusal leaves in doubt what may not be done twice.

    Args:
        attempt: What came of sending it: a refusal.

    Returns:
        True for the failure of a server, and for its running out of time, unless its code tells
        that nothing was done.
    """
    status = attempt.status or 0
    failed = status >= _SERVER_ERROR or status == _REQUEST_TIMEOUT
    return failed and not attempt.repeatable and attempt.code not in _NOTHING_WAS_DONE


@dataclass(frozen=True, slots=True)
class InferenceRetries:
    """Which refused inference calls are sent again, and how often.

    A refused call is not billed. What was answered in part, or not at all, is never sent again.
    The statuses and waits follow The Grid's documentation, "Best practices".

    Args:
        attempts: How often a call is sent at most, from 1.
        while_buying: Whether 402 passes by itself, since auto-buy or auto-reload is on.

    Raises:
        ValueError: `attempts` is below 1.
    """

    attempts: int = 5
    while_buying: bool = False

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError(f"attempts: {self.attempts} is below 1")

    def wait(self, attempt: Attempt, chance: float) -> float | None:
        """Decide whether a call is sent again.

        Args:
            attempt: What came of sending it.
            chance: A number from 0 to 1 that spreads waits.

        Returns:
            Seconds to wait before sending it again, or None to stop.
        """
        if attempt.number >= self.attempts or not self._passes(attempt):
            return None
        if attempt.retry_after is not None:
            return attempt.retry_after if attempt.retry_after <= LONGEST_WAIT_SECONDS else None
        return 2.0 ** (attempt.number - 1) + chance

    def _passes(self, attempt: Attempt) -> bool:
        if attempt.status is None:
            return attempt.never_sent and not attempt.distrusted
        if attempt.status == _PAYMENT_REQUIRED:
            return self.while_buying
        return attempt.status in _PASSING_INFERENCE_STATUSES


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
