"""Asking workloads about older keys: which pods may hold one, and restarting those that are named.

Pods are listed only where there is something to be asked: while an older key lives and its overlap
has ended; while one that is dead is known, since who holds it makes calls that fail; and once when
a key is put into place that nothing is known to have come before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from thegrid.core.rotation import Adoption, HeldKey
from thegrid_operator.adoption import Holdout, changes_at, told
from thegrid_operator.reconcilers.consumption_key.answers import (
    HOLD_DEAD_KEY,
    HOLD_OTHER_KEY,
    PODS_FORBIDDEN,
    Answers,
    Forbidden,
    Stranded,
    unended_restart,
)
from thegrid_operator.reconcilers.consumption_key.contested import Contest
from thegrid_operator.reconcilers.consumption_key.look import Look
from thegrid_operator.reconcilers.consumption_key.pods import (
    swap_of,
    who_holds_another,
    why_unasked,
)
from thegrid_operator.reconcilers.consumption_key.rollouts import (
    ask_about_restarts,
    restart_in_turn,
)
from thegrid_operator.reconcilers.consumption_key.tools import Tools
from thegrid_operator.status import condition_in

SOONEST_LOOK = timedelta(seconds=1)
LATEST_LOOK = timedelta(minutes=1)


def ask_workloads(tools: Tools, look: Look, *, told: bool) -> Answers:
    """Complete a look by what workloads tell, where it matters.

    Args:
        tools: What the reconciler works with.
        look: What was found at the market and in the Secrets.
        told: Whether pods have told already that they hold no older key, before what was known of
            it went.

    Returns:
        The look and the answers.

    Raises:
        KubeError: The API server refused otherwise, or could not be asked.
    """
    answers = Answers(look, tools.outside.clock(look.session.endpoints).now())
    situation, contest = look.situation, look.memory.contest
    if contest and contest.holds_up(look.now):
        return _while_contested(answers, contest)
    if situation.record.previous or situation.older_keys():
        return _ask_pods(tools, ask_about_restarts(tools, answers))
    return answers if told else _ask_who_came_before(tools, answers)


def _ask_pods(tools: Tools, answers: Answers) -> Answers:
    look = answers.look
    if not look.situation.older_keys_may_go():
        return _ask_who_holds_a_dead_key(tools, answers)
    if why := why_unasked(tools, look):
        return replace(answers, unasked=why)
    found = who_holds_another(tools, look, answers.now, look.situation.record.current)
    if found is None:
        answers = replace(answers, unasked=PODS_FORBIDDEN)
        return _with(answers, Adoption(f"an answer of pods, but {PODS_FORBIDDEN}"))
    if not found:
        answers = _without_a_restart_in_vain(answers)
    waiting_for = told(found) if found else unended_restart(answers)
    changes = changes_at(found)
    adoption = Adoption(
        waiting_for,
        changes_at=changes and look.present() + (changes - answers.now),
        last_used_at=_last_use(look),
    )
    return _with(answers, adoption)


def _ask_who_holds_a_dead_key(tools: Tools, answers: Answers) -> Answers:
    """Keep a dead previous key in the record while pods may hold it, as the sign to ask again."""
    look = answers.look
    situation = look.situation
    previous = situation.record.previous
    if previous is None or not _is_settled(look):
        return answers
    if not situation.is_dead(previous):
        return _ask_who_missed_it_too(tools, answers, previous)
    if why := why_unasked(tools, look):
        return replace(answers, unasked=why)
    found = who_holds_another(tools, look, answers.now, look.situation.record.current)
    if found is None:
        look = replace(look, situation=replace(situation, previous_stays=True))
        return replace(answers, look=look, unasked=PODS_FORBIDDEN)
    answers = replace(answers, stranded=Stranded(found))
    if not found:
        return _without_a_restart_in_vain(answers)
    look = replace(look, situation=replace(situation, previous_stays=True))
    return _look_again_at_pods(tools, replace(answers, look=look), found)


def _without_a_restart_in_vain(answers: Answers) -> Answers:
    """Let an older key go that nobody holds, although a restart was not allowed."""
    if not isinstance(answers.restart, Forbidden):
        return answers
    look = answers.look
    situation = replace(look.situation, previous_stays=False)
    return replace(answers, look=replace(look, situation=situation))


def _ask_who_missed_it_too(tools: Tools, answers: Answers, previous: HeldKey) -> Answers:
    """While an overlap lasts, tell on of those that had not even taken up the previous key."""
    look = answers.look
    reason = condition_in(look.item.get("status") or {}, "Adopted").get("reason")
    if reason not in (HOLD_DEAD_KEY, HOLD_OTHER_KEY) or why_unasked(tools, look):
        return answers
    opens = reason == HOLD_OTHER_KEY
    found = who_holds_another(tools, look, answers.now, previous, opens=opens)
    if found is None:
        return answers  # told once the overlap has ended
    if not found:
        return answers
    stranded = replace(answers, stranded=Stranded(found, is_first=opens))
    return _look_again_at_pods(tools, stranded, found)


def _ask_who_came_before(tools: Tools, answers: Answers) -> Answers:
    """Ask once who runs with a key of which nothing is left but that, and on while somebody does.

    The status is what remembers the answer: where that is lost, they are asked once more.
    """
    look = answers.look
    situation = look.situation
    if not (_is_settled(look) and _is_to_be_asked_about_the_past(look)):
        return answers
    if why := why_unasked(tools, look):
        return replace(answers, unasked=why)
    found = who_holds_another(tools, look, answers.now, situation.record.current, opens=True)
    if found is None:
        return answers  # the first rotation tells it; nothing of ours is at stake before
    answers = replace(answers, stranded=Stranded(found, is_first=True))
    makers = {holdout.belongs_to for holdout in found}
    if any(str(workload) in makers for workload in look.key.restart):
        answers = restart_in_turn(tools, answers, makers)
    return _look_again_at_pods(tools, answers, found) if found else answers


def _is_settled(look: Look) -> bool:
    """Tell whether the target holds a current key that lives, and no other one is on its way."""
    record, situation = look.situation.record, look.situation
    return (
        record.current is not None
        and record.pending is None
        and situation.target_is_right
        and not look.stored.refused
        and not situation.is_dead(record.current)
    )


def _is_to_be_asked_about_the_past(look: Look) -> bool:
    status, current = look.item.get("status") or {}, look.situation.record.current
    if current is None or current.id == look.key.adopt_key_id:
        return False  # pods may hold what was taken over, and it is current
    told = condition_in(status, "Adopted")
    return status.get("keyId") != current.id or told.get("status") == "False"


def _look_again_at_pods(tools: Tools, answers: Answers, found: Sequence[Holdout]) -> Answers:
    """Look again soon, later and later; no change of pods is watched."""
    waited = (
        answers.now
        - swap_of(tools, answers.look, answers.now, answers.look.situation.record.current).at
    )
    waits = [min(max(waited, SOONEST_LOOK), LATEST_LOOK)]
    if changes := changes_at(found):
        waits.append(max(changes - answers.now, SOONEST_LOOK))
    if answers.look_again_in:
        waits.append(answers.look_again_in)
    return replace(answers, look_again_in=min(waits))


def _while_contested(answers: Answers, contest: Contest) -> Answers:
    """Ask nobody and restart nothing: what pods read is what somebody else has put there."""
    look = answers.look
    stays = Adoption(f"Secret {look.key.target.name} to be left alone", contest.ends_at)
    look = replace(look, situation=replace(look.situation, previous_stays=True))
    over = max(contest.ends_at - look.present(), SOONEST_LOOK)
    return replace(_with(replace(answers, look=look), stays), look_again_in=over)


def _with(answers: Answers, adoption: Adoption) -> Answers:
    look = answers.look
    return replace(
        answers, look=replace(look, situation=replace(look.situation, adoption=adoption))
    )


def _last_use(look: Look) -> datetime | None:
    """Return when an older key was last used, as far as the market says."""
    older = look.situation.older_keys()
    uses = (key.last_used_at for key in look.listed if key.id in older)
    return max((use for use in uses if use), default=None)
