"""How a key is to be rotated, and when it is due by the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from thegrid.core.rotation.record import HeldKey, Record

SHORTEST_LIFETIME = timedelta(days=7)
"""No key is made to die sooner, so that a lost login or a long weekend stops no workload."""


class AtDeadline(Enum):
    """What becomes of a previous key that somebody still holds or uses at the deadline."""

    HOLD = "Hold"
    REVOKE = "Revoke"


class OnRevoked(Enum):
    """What follows when somebody revokes the current key at the market."""

    REPLACE = "Replace"
    HOLD = "Hold"


@dataclass(frozen=True, slots=True)
class RotationPolicy:
    """How a key is to be rotated.

    Args:
        rotate_after: The age at which a key is replaced, or None to replace it only when asked.
        overlap: How long the old key works on after the new one is in place; shorter than
            `rotate_after`.
        cut_overlap_short: When a rotation is due while the previous key still lives: True revokes
            the previous key at the swap, False waits for its overlap to end.
        deadline: How long after a swap workloads may take to let go of the previous key, or None
            for as long as they like; longer than `overlap`.
        at_deadline: What becomes of the previous key then.
        on_revoked: What follows when somebody else revokes the current key: it is replaced at
            once, or a rotation has to be asked for first.
        margin: How far ahead of a key's own end a rotation is to have ended, for clocks that
            differ.
        spread: How much sooner than `rotate_after` keys that say so are replaced, so that what was
            made together does not come due together; shorter than half of it.

    Raises:
        ValueError: `rotate_after` is zero, `overlap` is not shorter than it, `deadline` is not
            longer than `overlap`, or `spread` is not shorter than half of `rotate_after`.
    """

    rotate_after: timedelta | None
    overlap: timedelta
    cut_overlap_short: bool = False
    deadline: timedelta | None = None
    at_deadline: AtDeadline = AtDeadline.HOLD
    margin: timedelta = timedelta(0)
    on_revoked: OnRevoked = OnRevoked.REPLACE
    spread: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        if self.overlap < timedelta(0):
            raise ValueError("overlap must be zero or longer")
        if self.deadline is not None and self.deadline <= self.overlap:
            raise ValueError("deadline must be longer than overlap")
        if self.rotate_after is None:
            return
        if self.rotate_after <= timedelta(0):
            raise ValueError("rotate_after must be longer than zero")
        if self.overlap >= self.rotate_after:
            raise ValueError("overlap must be shorter than rotate_after")
        if not timedelta(0) <= self.spread < self.rotate_after / 2:
            raise ValueError("spread must be shorter than half of rotate_after")

    @property
    def lifetime(self) -> timedelta | None:
        """The time from a key's birth to its expiry at the market, or None for no expiry.

        Long enough that one missed rotation does no harm, and never short of a week; an abandoned
        key still dies by itself. A key that is replaced only when asked must not.
        """
        if self.rotate_after is None:
            return None
        stays = self.overlap + (self.deadline or timedelta(0))
        return max(2 * self.rotate_after + stays, SHORTEST_LIFETIME)


def next_rotation_at(policy: RotationPolicy, record: Record) -> datetime | None:
    """Tell when the current key is to be replaced by the clock.

    Times lie on a grid from the record's anchor, so that late runs do not drift; a slot sooner
    than half an interval after the last swap is skipped. A key that dies sooner is replaced one
    overlap before, and sooner still by the deadline and the margin, if it has half its life behind
    it by then: else a market that shortens lives would have it replaced over and over.

    Args:
        policy: How to rotate.
        record: What was written down.

    Returns:
        The time, or None for never: without a current key, or if it is replaced only when asked.
    """
    current = record.current
    if current is None:
        return None
    due: list[datetime] = []
    if (ahead := ahead_of_its_end(policy, current)) is not None:
        due.append(ahead)
    if policy.rotate_after is not None:
        anchor = record.anchor or current.since
        slot = _slot(anchor, policy.rotate_after, current.since)
        due.append(slot - policy.spread if current.spread else slot)
    return min(due, default=None)


def ahead_of_its_end(policy: RotationPolicy, current: HeldKey) -> datetime | None:
    """Return when a key must be replaced, so that it lives while anybody may hold it.

    One that lives no longer than the overlap cannot; it is replaced halfway.

    Args:
        policy: How to rotate.
        current: The key.

    Returns:
        The time, or None for a key that does not die by itself.
    """
    if current.expires_at is None:
        return None
    latest = current.expires_at - policy.overlap
    half = _half_of_its_life(current.since, current.expires_at)
    if latest <= current.since:
        return half
    wanted = latest - (policy.deadline or timedelta(0)) - policy.margin
    return min(latest, max(wanted, half))


def last_moment(policy: RotationPolicy, current: HeldKey) -> datetime | None:
    """Return when a key must be replaced even if the overlap of the last rotation lasts longer.

    Args:
        policy: How to rotate.
        current: The key.

    Returns:
        The time, with half of the key's life behind it, so that a market that shortens lives does
        not have it replaced over and over; None for a key that does not die by itself.
    """
    due = ahead_of_its_end(policy, current)
    if due is None or current.expires_at is None:
        return None
    return max(due, _half_of_its_life(current.since, current.expires_at))


def _half_of_its_life(since: datetime, end: datetime) -> datetime:
    return since + (end - since) / 2


def _slot(anchor: datetime, interval: timedelta, since: datetime) -> datetime:
    """Return the first time on the grid that is half an interval after a swap, or later."""
    slots = -((anchor - since - interval / 2) // interval)  # rounded up
    return anchor + max(slots, 1) * interval
