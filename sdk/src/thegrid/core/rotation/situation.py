"""The facts that a rotation is decided from, and what follows from them without a rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from thegrid.core.identity import KeyTag, Owner, owned_by
from thegrid.core.model import ListedKey
from thegrid.core.rotation.record import HeldKey, Record
from thegrid.core.rotation.schedule import OnRevoked, RotationPolicy

LISTING_GRACE = timedelta(seconds=60)
"""How long after a write the market's listing may still not show it."""


class Verdict(Enum):
    """What the test of the pending key said."""

    UNTESTED = "Untested"
    ACCEPTED = "Accepted"
    REJECTED = "Rejected"


@dataclass(frozen=True, slots=True)
class Adoption:
    """Whether workloads have taken up the current key, as a front door saw them.

    Attributes:
        waiting_for: Who may still hold an older key, and how to go on, in words for people that
            follow "waiting for"; empty for nobody.
        changes_at: When that may end by itself, or None where somebody has to act.
        last_used_at: When the market last saw an older key used, or None where it does not say.
    """

    waiting_for: str = ""
    changes_at: datetime | None = None
    last_used_at: datetime | None = None


def as_listed(record: Record, keys: tuple[ListedKey, ...]) -> Record:
    """Return a record whose keys end when the market says, where that is sooner than was recorded.

    Args:
        record: What was written down, by the answers to the creation of its keys.
        keys: The account's listing.
    """
    ends = {key.id: key.expires_at for key in keys if key.expires_at}

    def ending(held: HeldKey | None) -> HeldKey | None:
        end = ends.get(held.id) if held else None
        if held is None or end is None or (held.expires_at and held.expires_at <= end):
            return held
        return replace(held, expires_at=end)

    pending, current, previous = map(ending, (record.pending, record.current, record.previous))
    return replace(record, pending=pending, current=current, previous=previous)


@dataclass(frozen=True, slots=True)
class Situation:
    """All that `plan_rotation` looks at.

    Attributes:
        policy: How to rotate.
        owner: Whose key it is.
        label: The readable part of the names of keys to be made.
        now: The market's time.
        keys: The account's listing, read before the record, so that a key which was stored between
            the two reads is not taken for one that nobody recorded.
        record: What was written down.
        trigger: The request for a rotation as it stands; another text than the record's asks for
            one.
        emergency: The request for an emergency rotation as it stands, empty for none; another text
            than the record's asks for one.
        hold: Ignore the clock: rotate only when asked, and to replace a dead key.
        verdict: What the test of `record.pending` said.
        target_is_right: Whether the place that workloads read holds `record.current`.
        target_waits_until: Before when that place is not put right again, since somebody changes it
            each time; None for no such time.
        target_is_refused: Whether that place is another's, or cannot be written for other reasons.
        missing_since: For keys that a listing lacked, when that was first seen.
        in_doubt_since: When a mint ended without an answer, or None.
        adoption: Who was seen to hold an older key, or None where nobody is asked and time alone
            decides. It needs to be known only once `older_keys_may_go`.
        previous_stays: Whether a previous key stays in the record, dead or not, as the sign that
            workloads are being restarted to take up the current one, or may still hold it.
    """

    policy: RotationPolicy
    owner: Owner
    label: str
    now: datetime
    keys: tuple[ListedKey, ...]
    record: Record
    trigger: str = ""
    emergency: str = ""
    hold: bool = False
    verdict: Verdict = Verdict.UNTESTED
    target_is_right: bool = True
    target_waits_until: datetime | None = None
    target_is_refused: bool = False
    missing_since: Mapping[str, datetime] = field(default_factory=dict)
    in_doubt_since: datetime | None = None
    adoption: Adoption | None = None
    previous_stays: bool = False

    def mine(self) -> dict[str, tuple[KeyTag, ListedKey]]:
        """Return the listed keys with our tag, by id, revoked ones included."""
        return owned_by(self.owner, self.keys)

    def is_dead(self, key: HeldKey) -> bool:
        """Tell whether the market no longer accepts a key that we hold.

        A key that the listing lacks is dead only when it lacked it one grace ago as well.
        """
        listed = next((entry for entry in self.keys if entry.id == key.id), None)
        if listed:
            return not listed.is_live(self.now)
        if key.expires_at is not None and key.expires_at <= self.now:
            return True
        first_missed = self.missing_since.get(key.id, self.now)
        return min(self.now - first_missed, self.now - key.since) >= LISTING_GRACE

    def strays(self) -> list[tuple[KeyTag, ListedKey]]:
        """Return our live keys that the record does not hold, oldest rotation first."""
        held = {key.id for key in self.record.held()}
        found = [
            (t, k) for i, (t, k) in self.mine().items() if i not in held and k.is_live(self.now)
        ]
        return sorted(found, key=lambda pair: pair[0].number)

    def next_number(self) -> int:
        """Return one more than the highest number ever used, in the record or at the market."""
        recorded = [key.number for key in self.record.held()]
        return 1 + max([0, *recorded, *(tag.number for tag, _ in self.mine().values())])

    def overlap_ends_at(self) -> datetime:
        """Return when whatever was current before may be revoked."""
        if self.record.current is None:
            return self.now + self.policy.overlap
        overlap = timedelta(0) if self.record.urgent else self.policy.overlap
        return self.record.current.since + overlap

    def is_emergency(self) -> bool:
        """Tell whether an emergency rotation is asked for and was not handled."""
        return bool(self.emergency) and self.emergency != self.record.emergency

    def is_asked(self) -> bool:
        """Tell whether a rotation is asked for, in whatever way, and was not handled."""
        return self.trigger != self.record.trigger or self.is_emergency()

    def stays_revoked(self) -> bool:
        """Tell whether somebody revoked the current key, and the policy is to respect that."""
        current = self.record.current
        if self.policy.on_revoked is OnRevoked.REPLACE or current is None or self.is_asked():
            return False
        return any(key.id == current.id and not key.is_active for key in self.keys)

    def older_keys(self) -> tuple[str, ...]:
        """Return the ids of our live keys that are neither pending nor current."""
        previous = self.record.previous
        known = (previous.id,) if previous and not self.is_dead(previous) else ()
        return (*(key.id for _, key in self.strays()), *known)

    def older_keys_may_go(self) -> bool:
        """Tell whether a key lives that came before, and its overlap has ended."""
        current, leaving = self.record.current, self.older_keys()
        return bool(leaving) and current is not None and self.now >= self.overlap_ends_at()
