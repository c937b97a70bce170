"""When a key is replaced, by what steps, and when the old one may go.

A rotation is: mint a key that carries our tag, store it where no workload looks, test it, swap it
into the place that workloads read, wait until nobody can still hold the old one, revoke that.
`plan_rotation` decides the next steps from facts alone. The rules stand below in their order; the
first that speaks wins, so the list `_RULES` reads as the specification.

Always true, whatever is lost on the way: a key is never revoked while it is current; a known
previous key is revoked only after the overlap; a live key of ours that nobody recorded (its answer
was lost, or its record was) counts as a previous key, because a workload may hold it.

What does not belong here: how a key is stored, tested or delivered. See docs/decisions/0005.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import TypeAlias

from thegrid.core.identity import KeyTag, Owner, owned_by
from thegrid.core.model import ListedKey
from thegrid.core.plan import Plan

LISTING_GRACE = timedelta(seconds=60)
"""How long after a write the market's listing may still not show it."""

SHORTEST_LIFETIME = timedelta(days=7)
"""No key is made to die sooner, so that a lost login or a long weekend stops no workload."""

MINT_WINDOW = timedelta(hours=1)
MINTS_PER_WINDOW = 3
"""So many keys that never came into use are enough; then the window must pass."""

LOOK_AT_LEAST_EVERY = timedelta(minutes=10)
"""A target that was deleted or edited by hand is found within this time."""


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


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key whose secret we hold.

    Attributes:
        id: The market's identifier.
        number: The rotation that made it.
        since: When it took its place: a pending key's birth, a current key's swap.
        expires_at: When it dies by itself, or None for never.
    """

    id: str
    number: int
    since: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Record:
    """What was written down about a key's rotations.

    Attributes:
        pending: Minted and stored, in no workload's reach.
        current: What workloads read.
        previous: What workloads read before, and may still hold.
        anchor: Where the grid of rotation times begins, or None to count from the last swap.
        trigger: The request for a rotation that was handled last.
    """

    pending: HeldKey | None = None
    current: HeldKey | None = None
    previous: HeldKey | None = None
    anchor: datetime | None = None
    trigger: str = ""

    def held(self) -> tuple[HeldKey, ...]:
        """Return every key in the record."""
        return tuple(key for key in (self.pending, self.current, self.previous) if key)


class Verdict(Enum):
    """What the test of the pending key said."""

    UNTESTED = "Untested"
    ACCEPTED = "Accepted"
    REJECTED = "Rejected"


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
        hold: Ignore the clock: rotate only when asked, and to replace a dead key.
        verdict: What the test of `record.pending` said.
        target_is_right: Whether the place that workloads read holds `record.current`.
        missing_since: For keys that a listing lacked, when that was first seen.
        in_doubt_since: When a mint ended without an answer, or None.
    """

    policy: RotationPolicy
    owner: Owner
    label: str
    now: datetime
    keys: tuple[ListedKey, ...]
    record: Record
    trigger: str = ""
    hold: bool = False
    verdict: Verdict = Verdict.UNTESTED
    target_is_right: bool = True
    missing_since: Mapping[str, datetime] = field(default_factory=dict)
    in_doubt_since: datetime | None = None

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
        return self.record.current.since + self.policy.overlap


@dataclass(frozen=True, slots=True)
class Mint:
    """Create a key. Its secret comes once, so whoever does this stores it before anything else.

    Attributes:
        name: The name to give it, tag included.
        number: The rotation it belongs to.
        expires_at: When it is to die by itself, or None for never.
        trigger: The request that this rotation handles; it is stored with the key and becomes the
            record's at the swap, so that a key which fails its test leaves the request open.
    """

    name: str
    number: int
    expires_at: datetime | None
    trigger: str


@dataclass(frozen=True, slots=True)
class TestPending:
    """Ask the market whether it accepts the pending key.

    Where it does not, or does not tell, the rest of the plan is dropped like after any error; a
    refusal comes back as the next situation's verdict.
    """

    __test__ = False  # not a test case, whatever its name suggests to a test runner


@dataclass(frozen=True, slots=True)
class SwapPending:
    """Make the pending key current and the current one previous, in one write of the record."""


@dataclass(frozen=True, slots=True)
class RestoreTarget:
    """Write the current key into the place that workloads read, again."""


@dataclass(frozen=True, slots=True)
class Revoke:
    """Revoke a key at the market. Revoking a revoked key is no error."""

    key_id: str


@dataclass(frozen=True, slots=True)
class Forget:
    """Drop a dead key's secret and its entry in the record."""

    key_id: str


RotationAction: TypeAlias = Mint | TestPending | SwapPending | RestoreTarget | Revoke | Forget
RotationPlan: TypeAlias = Plan[RotationAction]


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


def plan_rotation(situation: Situation) -> RotationPlan:
    """Decide the next steps of a key's rotation.

    Args:
        situation: The facts, gathered in this order: the declaration, the listing, the record.

    Returns:
        The steps, or an empty plan that says when to look again.
    """
    return next(plan for rule in _RULES if (plan := rule(situation)))


def plan_removal(
    owner: Owner, keys: tuple[ListedKey, ...], now: datetime, record: Record | None = None
) -> RotationPlan:
    """Decide how to end a declaration: every live key of it is revoked.

    Args:
        owner: Whose declaration ends.
        keys: The account's listing.
        now: The market's time.
        record: What was written down, or None; its keys are revoked too, tagged or not, unless the
            listing says that they are dead.

    Returns:
        The revocations, oldest rotation first; empty when no key is alive.
    """
    numbers = {key_id: tag.number for key_id, (tag, _) in owned_by(owner, keys).items()}
    numbers |= {key.id: key.number for key in (record.held() if record else ())}
    dead = {key.id for key in keys if not key.is_live(now)}
    live = sorted((number, key_id) for key_id, number in numbers.items() if key_id not in dead)
    actions = tuple(Revoke(key_id) for _, key_id in live)
    return Plan(actions, "Removed", f"{len(live)} keys to revoke")


def _restore_the_target(s: Situation) -> RotationPlan | None:
    current = s.record.current
    if s.target_is_right or current is None or s.is_dead(current):
        return None
    return Plan((RestoreTarget(),), "TargetChanged", "the target does not hold the current key")


def _wait_out_a_doubtful_mint(s: Situation) -> RotationPlan | None:
    """A mint without an answer may have made a key that the listing does not show yet."""
    if s.in_doubt_since is None or s.now >= s.in_doubt_since + LISTING_GRACE:
        return None
    message = "a mint ended without an answer; waiting for the listing"
    return _wait(s, "MintInDoubt", message, s.in_doubt_since + LISTING_GRACE)


def _drop_a_pending_key_that_fails(s: Situation) -> RotationPlan | None:
    pending = s.record.pending
    if pending is None:
        return None
    if s.is_dead(pending):
        return Plan((Forget(pending.id),), "PendingKeyDied", "the new key died before its swap")
    if s.verdict is Verdict.REJECTED:
        actions = (Revoke(pending.id), Forget(pending.id))
        return Plan(actions, "TestFailed", "the market does not accept the new key")
    return None


def _finish_a_pending_key(s: Situation) -> RotationPlan | None:
    if s.record.pending is None:
        return None
    return Plan(_finish(s), "Rotating", "a new key is stored; testing it and swapping it in")


def _replace_a_dead_current_key(s: Situation) -> RotationPlan | None:
    current = s.record.current
    if current is None:
        return _mint(s, "FirstKey", "there is no key yet; making one")
    if s.is_dead(current):
        return _mint(s, "KeyDied", "the current key is revoked or expired; replacing it")
    return None


def _outrank_a_newer_stray(s: Situation) -> RotationPlan | None:
    """A workload may run with a key newer than the record: rotate first, revoke it later.

    So it may with a twin of the current key, made when the listing did not show the other yet.
    """
    current = s.record.current
    newer = [key for tag, key in s.strays() if current and tag.number >= current.number]
    if not newer:
        return None
    return _mint(s, "NewerKeyFound", "a live key of ours is newer than the record; rotating")


def _forget_a_dead_previous_key(s: Situation) -> RotationPlan | None:
    previous = s.record.previous
    if previous is None or not s.is_dead(previous):
        return None
    return Plan((Forget(previous.id),), "PreviousKeyDied", "the previous key is dead")


def _revoke_what_nobody_holds(s: Situation) -> RotationPlan | None:
    """The previous key and every stray go together, one overlap after the swap."""
    if s.now < s.overlap_ends_at():
        return None
    previous = s.record.previous
    actions: list[RotationAction] = [Revoke(key.id) for _, key in s.strays()]
    if previous:
        actions += [Revoke(previous.id), Forget(previous.id)]
    if not actions:
        return None
    return Plan(tuple(actions), "OverlapEnded", "the overlap has passed; revoking what came before")


def _rotate_when_asked_or_due(s: Situation) -> RotationPlan | None:
    due = next_rotation_at(s.policy, s.record)
    asked = s.trigger != s.record.trigger
    if not asked and (s.hold or due is None or s.now < due):
        return None
    lives_on = [key.id for _, key in s.strays()] + (
        [s.record.previous.id] if s.record.previous else []
    )
    if lives_on and not s.policy.cut_overlap_short:
        message = "a rotation is due; waiting for the overlap of the last one to end"
        return _wait(s, "WaitingForOverlap", message, s.overlap_ends_at())
    reason = "RotationRequested" if asked else "RotationDue"
    return _mint(s, reason, "rotating", then=tuple(Revoke(key_id) for key_id in lives_on))


def _rest(s: Situation) -> RotationPlan:
    current = s.record.current
    due = current and current.expires_at if s.hold else next_rotation_at(s.policy, s.record)
    times = [due] if due else []
    if s.record.previous or s.strays():
        times.append(s.overlap_ends_at())
    return _wait(s, "UpToDate", "the key is in place", *times)


_RULES: tuple[Callable[[Situation], RotationPlan | None], ...] = (
    _restore_the_target,
    _wait_out_a_doubtful_mint,
    _drop_a_pending_key_that_fails,
    _finish_a_pending_key,
    _replace_a_dead_current_key,
    _outrank_a_newer_stray,
    _forget_a_dead_previous_key,
    _revoke_what_nobody_holds,
    _rotate_when_asked_or_due,
    _rest,
)


def _wait(s: Situation, reason: str, message: str, *times: datetime) -> RotationPlan:
    """Do nothing until the first of some times, but look at target and listing meanwhile."""
    listed = {key.id for key in s.keys}
    unlisted = any(key.id not in listed for key in s.record.held())
    look_again_in = LISTING_GRACE if unlisted else LOOK_AT_LEAST_EVERY
    return Plan((), reason, message, min([s.now + look_again_in, *times]))


def _mint(
    s: Situation, reason: str, message: str, *, then: tuple[RotationAction, ...] = ()
) -> RotationPlan:
    attempts = sorted(
        born for born in _births_of_keys_never_swapped_in(s) if born > s.now - MINT_WINDOW
    )
    if len(attempts) >= MINTS_PER_WINDOW:
        text = f"{len(attempts)} keys made within an hour never came into use; waiting"
        return _wait(s, "TooManyMints", text, attempts[-MINTS_PER_WINDOW] + MINT_WINDOW)
    number = s.next_number()
    name = KeyTag(s.owner, number).name(s.label)
    lifetime = s.policy.lifetime
    mint = Mint(name, number, None if lifetime is None else s.now + lifetime, s.trigger)
    return Plan((mint, *_finish(s), *then), reason, message)


def _finish(s: Situation) -> tuple[RotationAction, ...]:
    if s.record.pending and s.verdict is Verdict.ACCEPTED:
        return (SwapPending(),)
    return (TestPending(), SwapPending())


def _births_of_keys_never_swapped_in(s: Situation) -> list[datetime]:
    """Our keys that came after the current one: their test failed, or their answer was lost."""
    reached = s.record.current.number if s.record.current else 0
    born = (_birth(s, key) for tag, key in s.mine().values() if tag.number > reached)
    return [time for time in born if time]


def _birth(s: Situation, key: ListedKey) -> datetime | None:
    """Where the market does not say when a key was made, its expiry tells.

    After the policy was shortened that would lie ahead, and tells nothing.
    """
    lifetime = s.policy.lifetime
    if key.created_at or key.expires_at is None or lifetime is None:
        return key.created_at
    born = key.expires_at - lifetime
    return born if born <= s.now else None
