"""The rules of a rotation, in their order: the first that speaks wins.

So the list `_RULES` reads as the specification. See docs/decisions/0005.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from thegrid.core.plan import Plan
from thegrid.core.rotation.plans import finish, mint, wait
from thegrid.core.rotation.schedule import (
    AtDeadline,
    ahead_of_its_end,
    last_moment,
    next_rotation_at,
)
from thegrid.core.rotation.situation import LISTING_GRACE, Situation, Verdict
from thegrid.core.rotation.steps import (
    Forget,
    RestoreTarget,
    Revoke,
    RotationAction,
    RotationPlan,
)

LONGEST_QUIET = timedelta(minutes=10)
"""A previous key goes when it was not used for as long as the overlap, but no longer than this."""

SOONEST_LOOK = timedelta(seconds=1)
LATEST_LOOK = timedelta(minutes=1)
"""Who waits for workloads looks again at first soon, then at longer and longer intervals."""


def plan_rotation(situation: Situation) -> RotationPlan:
    """Decide the next steps of a key's rotation.

    Args:
        situation: The facts, gathered in this order: the declaration, the listing, the record.

    Returns:
        The steps, or an empty plan that says when to look again.
    """
    return next(plan for rule in _RULES if (plan := rule(situation)))


def _stand_still_without_a_place(s: Situation) -> RotationPlan | None:
    """Make no key that cannot be delivered; whoever loses a race for the place has made one.

    That one lives for an overlap, since a workload may have it if the place was lost, not missed.
    """
    if not s.target_is_refused:
        return None
    pending, message = s.record.pending, "the place that workloads read cannot be written"
    if pending is None:
        return wait(s, "TargetRefused", message)
    gone_at = pending.since + s.policy.overlap
    if s.now < gone_at:
        return wait(s, "TargetRefused", message, gone_at)
    return Plan((Revoke(pending.id), Forget(pending.id)), "TargetRefused", message)


def _restore_the_target(s: Situation) -> RotationPlan | None:
    current = s.record.current
    if s.target_is_right or current is None or s.is_dead(current):
        return None
    until = s.target_waits_until
    if until and s.now < until and not s.is_emergency():
        message = "somebody changes the target whenever it is put right; pausing"
        return wait(s, "TargetContested", message, until)
    return Plan((RestoreTarget(),), "TargetChanged", "the target does not hold the current key")


def _wait_out_a_doubtful_mint(s: Situation) -> RotationPlan | None:
    """A mint without an answer may have made a key that the listing does not show yet."""
    if s.in_doubt_since is None or s.now >= s.in_doubt_since + LISTING_GRACE:
        return None
    message = "a mint ended without an answer; waiting for the listing"
    return wait(s, "MintInDoubt", message, s.in_doubt_since + LISTING_GRACE)


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
    return Plan(finish(s), "Rotating", "a new key is stored; testing it and swapping it in")


def _rotate_at_once_in_an_emergency(s: Situation) -> RotationPlan | None:
    """What came before goes right after the swap: for no overlap, no pod and no deadline."""
    current = s.record.current
    if current is None or not s.is_emergency():
        return None
    leaving = (*s.older_keys(), current.id)
    message = "an emergency: replacing the key, and revoking what came before at once"
    return mint(s, "Emergency", message, then=tuple(Revoke(key_id) for key_id in leaving))


def _replace_a_dead_current_key(s: Situation) -> RotationPlan | None:
    current = s.record.current
    if current is None:
        return mint(s, "FirstKey", "there is no key yet; making one")
    if s.is_dead(current) and not s.stays_revoked():
        return mint(s, "KeyDied", "the current key is revoked or expired; replacing it")
    return None


def _outrank_a_newer_stray(s: Situation) -> RotationPlan | None:
    """A workload may run with a key newer than the record: rotate first, revoke it later.

    So it may with a twin of the current key, made when the listing did not show the other yet.
    """
    current = s.record.current
    newer = [key for tag, key in s.strays() if current and tag.number >= current.number]
    if not newer:
        return None
    return mint(s, "NewerKeyFound", "a live key of ours is newer than the record; rotating")


def _forget_a_dead_previous_key(s: Situation) -> RotationPlan | None:
    previous = s.record.previous
    if previous is None or s.previous_stays or not s.is_dead(previous):
        return None
    return Plan((Forget(previous.id),), "PreviousKeyDied", "the previous key is dead")


def _revoke_at_once_after_an_emergency(s: Situation) -> RotationPlan | None:
    """A crash may have come between the swap and the revocations."""
    if not (s.record.urgent and s.older_keys_may_go()):
        return None
    revocations = tuple(Revoke(key_id) for key_id in s.older_keys())
    return Plan(revocations, "Emergency", "an emergency: revoking what came before")


def _revoke_what_nobody_holds(s: Situation) -> RotationPlan | None:
    """The previous key and every stray go together: the overlap has passed, and nobody holds them.

    At the deadline they go all the same where the policy says so.
    """
    if not s.older_keys_may_go():
        return None
    waiting = _wait_for_who_may_hold_them(s)
    if waiting is None:
        message = "the overlap has passed; revoking what came before"
        return Plan(_revocations(s), "OverlapEnded", message)
    if _is_ending(s) and not s.stays_revoked():
        message = "the current key is about to expire; replacing it, whoever holds an older one"
        return mint(s, "KeyEnding", message)
    if not _deadline_has_passed(s):
        return waiting
    if s.policy.at_deadline is AtDeadline.REVOKE:
        message = f"the deadline has passed; revoking what came before without {waiting.message}"
        return Plan(_revocations(s), "RevokedAtDeadline", message)
    message = f"the deadline has passed, and what came before is kept: {waiting.message}"
    return replace(waiting, reason="DeadlinePassed", message=message)


def _wait_for_who_may_hold_them(s: Situation) -> RotationPlan | None:
    """Look again soon, later and later; no change of pods is watched."""
    if s.adoption is None:
        return None
    waited = s.now - s.overlap_ends_at()
    times = [s.now + min(max(waited, SOONEST_LOOK), LATEST_LOOK)]
    if s.policy.deadline and s.record.current and not _deadline_has_passed(s):
        times.append(s.record.current.since + s.policy.deadline)
    if ending := _ends(s):
        times.append(max(ending, s.now))
    then = "; the next rotation waits for it" if _is_asked_or_due(s) else ""
    if s.adoption.waiting_for:
        if s.adoption.changes_at and s.adoption.changes_at > s.now:
            times.append(s.adoption.changes_at)
        message = f"waiting for {s.adoption.waiting_for}{then}"
        return wait(s, "WaitingForPods", message, *times)
    quiet = min(s.policy.overlap, LONGEST_QUIET)
    used = s.adoption.last_used_at
    if used is None or s.now >= used + quiet:
        return None
    message = "waiting for somebody who still uses an older key, though no pod is seen to hold it"
    return wait(s, "StillUsed", message + then, *times, used + quiet)


def _ends(s: Situation) -> datetime | None:
    return ahead_of_its_end(s.policy, s.record.current) if s.record.current else None


def _is_ending(s: Situation) -> bool:
    """Then no wait for pods may hold up a rotation: else who holds the current key loses it."""
    ending = _ends(s)
    return ending is not None and s.now >= ending


def _deadline_has_passed(s: Situation) -> bool:
    current, deadline = s.record.current, s.policy.deadline
    return current is not None and deadline is not None and s.now >= current.since + deadline


def _revocations(s: Situation) -> tuple[RotationAction, ...]:
    previous = s.record.previous
    actions: list[RotationAction] = [Revoke(key.id) for _, key in s.strays()]
    if previous:
        actions.append(Revoke(previous.id))
        if not _is_told_of_when_dead(s):
            actions.append(Forget(previous.id))
    return tuple(actions)


def _is_told_of_when_dead(s: Situation) -> bool:
    return s.previous_stays or bool(s.adoption and s.adoption.waiting_for)


def _rotate_when_asked_or_due(s: Situation) -> RotationPlan | None:
    if not _is_asked_or_due(s):
        return None
    lives_on = s.older_keys()
    if lives_on and not s.policy.cut_overlap_short:
        return _wait_for_the_overlap(s)
    reason = "RotationRequested" if s.trigger != s.record.trigger else "RotationDue"
    return mint(s, reason, "rotating", then=tuple(Revoke(key_id) for key_id in lives_on))


def _wait_for_the_overlap(s: Situation) -> RotationPlan:
    """What came before must live on, but nobody may find a dead key for that."""
    last = s.record.current and last_moment(s.policy, s.record.current)
    if _lies_ahead(s):
        return mint(s, "RotationDue", "rotating: by the record the last swap is yet to come")
    if last and s.now >= last:
        message = "the current key is about to expire; replacing it, although an older one lives"
        return mint(s, "KeyEnding", message)
    message = "a rotation is due; waiting for the overlap of the last one to end"
    return wait(s, "WaitingForOverlap", message, s.overlap_ends_at(), *([last] if last else []))


def _is_asked_or_due(s: Situation) -> bool:
    if s.trigger != s.record.trigger:
        return True
    if s.stays_revoked():
        return False
    due = next_rotation_at(s.policy, s.record)
    return not s.hold and ((due is not None and s.now >= due) or _lies_ahead(s))


def _lies_ahead(s: Situation) -> bool:
    """Tell whether the last swap is to come: the market's clock was far ahead, and was put right.

    Reckoned from there, the next rotation would be as far away.
    """
    current, interval = s.record.current, s.policy.rotate_after
    return bool(current and interval and current.since > s.now + interval)


def _leave_a_revoked_key_alone(s: Situation) -> RotationPlan | None:
    if not s.stays_revoked():
        return None
    message = "somebody revoked the current key, and it is replaced only when that is asked for"
    times = [s.overlap_ends_at()] if s.now < s.overlap_ends_at() and s.older_keys() else []
    return wait(s, "KeyRevoked", message, *times)


def _rest(s: Situation) -> RotationPlan:
    current = s.record.current
    due = current and current.expires_at if s.hold else next_rotation_at(s.policy, s.record)
    times = [due] if due else []
    if s.now < s.overlap_ends_at() and (s.record.previous or s.strays()):
        times.append(s.overlap_ends_at())
    return wait(s, "UpToDate", "the key is in place", *times)


_RULES: tuple[Callable[[Situation], RotationPlan | None], ...] = (
    _stand_still_without_a_place,
    _restore_the_target,
    _wait_out_a_doubtful_mint,
    _drop_a_pending_key_that_fails,
    _finish_a_pending_key,
    _rotate_at_once_in_an_emergency,
    _replace_a_dead_current_key,
    _outrank_a_newer_stray,
    _forget_a_dead_previous_key,
    _revoke_at_once_after_an_emergency,
    _revoke_what_nobody_holds,
    _rotate_when_asked_or_due,
    _leave_a_revoked_key_alone,
    _rest,
)
