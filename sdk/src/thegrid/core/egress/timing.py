"""How long what was seen is kept, and when to look again.

What belongs here: reckoning with times. Kept things carry the moment their grace counts from: an
address the end of its last TTL, a domain the moment it was seen last.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_FIRST_RETRY = timedelta(seconds=5)
_LAST_RETRY = timedelta(minutes=2)
_MOST_DOUBLINGS = 10
_NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things count.

    Args:
        grace: How long an address stays after its TTL has run out without another answer.
        domain_grace: How long a found domain stays after it was seen last.
        shortest_ttl: What a shorter TTL counts as, so that a TTL of zero neither stops the looks
            nor has them spin.
        longest_ttl: What a longer TTL counts as.
        look_at_least_every: Longest time between two looks.

    Raises:
        ValueError: A time is negative, or they contradict each other.
    """

    grace: timedelta = timedelta(hours=1)
    domain_grace: timedelta = timedelta(days=7)
    shortest_ttl: timedelta = timedelta(seconds=30)
    longest_ttl: timedelta = timedelta(hours=1)
    look_at_least_every: timedelta = timedelta(minutes=5)

    def __post_init__(self) -> None:
        if self.grace < _NONE or self.domain_grace < _NONE:
            raise ValueError("grace: must not be negative")
        if not _NONE < self.shortest_ttl <= self.longest_ttl:
            raise ValueError("shortest_ttl: must be above zero, and at most longest_ttl")
        if self.look_at_least_every < self.shortest_ttl:
            raise ValueError("look_at_least_every: must be at least shortest_ttl")

    def clamped(self, seconds: int) -> timedelta:
        """Return a TTL of so many seconds within the limits."""
        longest = int(self.longest_ttl.total_seconds())
        return max(
            self.shortest_ttl, min(timedelta(seconds=min(seconds, longest)), self.longest_ttl)
        )


def retry_after(failed_looks: int) -> timedelta:
    """Say how long to wait after so many looks in a row that failed: 5 s at first, at most 2 m."""
    return min(_FIRST_RETRY * (1 << min(failed_looks - 1, _MOST_DOUBLINGS)), _LAST_RETRY)


def recorded(counts_from: datetime, grace: timedelta, now: datetime) -> datetime | None:
    """Return what to record of a moment, so that an unchanged world has nothing new to record.

    Args:
        counts_from: The moment that a grace counts from.
        grace: That grace.
        now: The time of the look.

    Returns:
        None while the thing is current: less than a quarter of its grace has passed, as happens
        between two turns of a rotating answer. Then the moment, up to the next whole second.
    """
    if now < counts_from + grace / 4:
        return None
    return counts_from + timedelta(microseconds=-counts_from.microsecond % 1_000_000)
