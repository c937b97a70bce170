"""How a key is to be rotated, and when it is due by the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from thegrid.core.rotation.record import Record

SHORTEST_LIFETIME = timedelta(days=7)
"""No key is made to die sooner, so that a lost login or a long weekend stops no workload."""


@dataclass(frozen=True, slots=True)
class RotationPolicy:
    """How a key is to be rotated.

    Args:
        rotate_after: The age at which a key is replaced, or None to replace it only when asked.
        overlap: How long the old key works on after the new one is in place; shorter than
            `rotate_after`.
        cut_overlap_short: When a rotation is due while the previous key still lives: True revokes
            the previous key at the swap, False waits for its overlap to end.

    Raises:
        ValueError: `rotate_after` is zero, or `overlap` is not shorter than it.
    """

    rotate_after: timedelta | None
    overlap: timedelta
    cut_overlap_short: bool = False

    def __post_init__(self) -> None:
        if self.overlap < timedelta(0):
            raise ValueError("overlap must be zero or longer")
        if self.rotate_after is None:
            return
        if self.rotate_after <= timedelta(0):
            raise ValueError("rotate_after must be longer than zero")
        if self.overlap >= self.rotate_after:
            raise ValueError("overlap must be shorter than rotate_after")

    @property
    def lifetime(self) -> timedelta | None:
        """The time from a key's birth to its expiry at the market, or None for no expiry.

        Long enough that one missed rotation does no harm, and never short of a week; an abandoned
        key still dies by itself. A key that is replaced only when asked must not.
        """
        if self.rotate_after is None:
            return None
        return max(2 * self.rotate_after + self.overlap, SHORTEST_LIFETIME)


def next_rotation_at(policy: RotationPolicy, record: Record) -> datetime | None:
    """Tell when the current key is to be replaced by the clock.

    Times lie on a grid from the record's anchor, so that late runs do not drift; a slot sooner
    than half an interval after the last swap is skipped. A key that dies sooner is replaced one
    overlap before.

    Args:
        policy: How to rotate.
        record: What was written down.

    Returns:
        The time, or None for never: without a current key, or if it is replaced only when asked.
    """
    current = record.current
    if current is None:
        return None
    due = [] if current.expires_at is None else [current.expires_at - policy.overlap]
    if policy.rotate_after is not None:
        anchor = record.anchor or current.since
        due.append(_slot(anchor, policy.rotate_after, current.since))
    return min(due, default=None)


def _slot(anchor: datetime, interval: timedelta, since: datetime) -> datetime:
    """Return the first time on the grid that is half an interval after a swap, or later."""
    slots = -((anchor - since - interval / 2) // interval)  # rounded up
    return anchor + max(slots, 1) * interval
