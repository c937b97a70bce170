"""Saying how a key stands once nothing more is to be done."""

from __future__ import annotations

from typing import TypeAlias

from thegrid.core.rotation import RotationPlan, next_rotation_at
from thegrid_operator.adoption import told, told_of_the_first
from thegrid_operator.kube import Json
from thegrid_operator.reconcilers.consumption_key.answers import (
    HOLD_DEAD_KEY,
    HOLD_OTHER_KEY,
    Answers,
    Forbidden,
    Stranded,
    unended_restart,
)
from thegrid_operator.reconcilers.consumption_key.contested import (
    CONTESTED,
    words_for_contest,
)
from thegrid_operator.reconcilers.consumption_key.look import Look
from thegrid_operator.resources import ROTATE_ANNOTATION
from thegrid_operator.restarts import Restart, Restarted, Rolling, Stopped
from thegrid_operator.status import Report, State, condition_in, time_text

Verdict: TypeAlias = tuple[str, str, str]
"""A condition's status, reason and message."""

AT_DEADLINE = "RevokedAtDeadline"
EMERGENCY = "Emergency"
LEFT_REVOKED = "KeyRevoked"
WAITING = ("WaitingForPods", "StillUsed")
"""Nothing is amiss and nothing is to be done here: pods are other people's."""

_SETTLED = ("UpToDate", *WAITING)
_UNADOPTED = (*WAITING, "DeadlinePassed")
_STRANDED = (HOLD_DEAD_KEY, HOLD_OTHER_KEY)
"""The Secret is fine all the same."""


def verdict_of(answers: Answers, plan: RotationPlan) -> Verdict | None:
    """Say whether pods have taken up the current key, for the condition `Adopted`.

    Args:
        answers: What they told.
        plan: What follows from it.

    Returns:
        The verdict, or None where nobody was asked, since no older key could go now.
    """
    situation = answers.look.situation
    if answers.stranded:
        return _verdict_of_the_stranded(answers, answers.stranded)
    if not situation.older_keys_may_go():
        return None
    if plan.reason in (*_UNADOPTED, AT_DEADLINE):
        return "False", plan.reason, plan.message
    current = situation.record.current
    if plan.reason != "OverlapEnded" or current is None or situation.record.previous is None:
        return None  # no pod ever saw a key that only the market knows
    if answers.unasked:
        why = f"pods are not asked ({answers.unasked})"
        return "Unknown", "TimeOnly", f"{why}: an older key goes one overlap after the swap"
    return "True", "NobodyHoldsIt", f"no pod holds a key older than #{current.number}"


def _verdict_of_the_stranded(answers: Answers, stranded: Stranded) -> Verdict | None:
    current, found = answers.look.situation.record.current, stranded.found
    if current is None:
        return None
    unended = unended_restart(answers)
    if not found and unended:
        return "False", "WaitingForPods", f"waiting for {unended}"
    if not found:
        nobody = "True", "NobodyHoldsIt", f"no pod holds a key older than #{current.number}"
        return nobody if not stranded.is_first or _adopted_before(answers.look) else None
    how = "spec.restart has what it names restarted" if unended else ""
    if stranded.is_first:
        return "False", HOLD_OTHER_KEY, told_of_the_first(found, current.number, how)
    dead = any(holdout.until is None for holdout in found)
    reason = HOLD_DEAD_KEY if dead else "WaitingForPods"
    return "False", reason, f"no older key lives; waiting for {told(found, how)}"


def report_on(answers: Answers, plan: RotationPlan, verdict: Verdict | None) -> Report:
    """Tell the outcome of a look whose plan asks for nothing.

    Args:
        answers: What was found.
        plan: Why nothing is to be done now.
        verdict: What the last pods that were asked have told, or None where none were.

    Returns:
        The outcome to write down.

    Raises:
        GridError: The market could not be asked whether its catalogue checks keys.
    """
    look = answers.look
    situation = look.situation
    record = situation.record
    current = record.current
    works = current is not None and not situation.is_dead(current) and situation.target_is_right
    due = next_rotation_at(situation.policy, record)
    contested = _while_contested(look, plan)
    adopted = () if contested else _adopted(answers, plan, verdict)
    state, reason, message = contested or _standing(answers, plan)
    if works and current and due and reason == "UpToDate":
        message = f"the Secret holds key #{current.number}; next rotation at {time_text(due)}"
    return Report(
        state,
        reason,
        message,
        ready=works and not contested,
        facts={
            "keyId": current.id if current else None,
            "rotation": current.number if current else None,
            "rotatedAt": time_text(current.since) if current else None,
            "expiresAt": time_text(current.expires_at) if current and current.expires_at else None,
            "nextRotationAt": time_text(due) if due else None,
            "previousKeyId": record.previous.id if record.previous else None,
        },
        tested=_tested(look) if current and current.id != look.key.adopt_key_id else None,
        adopted=adopted,
        announce=reason in WAITING,
        warning=_warning(look, adopted),
    )


def _standing(answers: Answers, plan: RotationPlan) -> tuple[State, str, str]:
    """Say who must act next and why; what a restart needs is told before a wait for pods."""
    if plan.reason == LEFT_REVOKED:
        how = f"set the annotation {ROTATE_ANNOTATION} to a new text"
        return State.STALLED, plan.reason, f"{plan.message}: {how}"
    if plan.reason not in (*_SETTLED, "DeadlinePassed"):
        return State.PROGRESSING, plan.reason, plan.message
    stalled, restarting = _what_needs_a_person(answers), _what_restarts(answers)
    if stalled:
        return State.STALLED, *stalled
    if plan.reason == "DeadlinePassed":
        return State.STALLED, plan.reason, plan.message
    if restarting:
        return State.PROGRESSING, *restarting
    return State.SETTLED, plan.reason, plan.message


def _while_contested(look: Look, plan: RotationPlan) -> tuple[State, str, str] | None:
    contest = look.memory.contest
    if plan.reason == LEFT_REVOKED or contest is None or not contest.holds_up(look.now):
        return None
    return State.STALLED, CONTESTED, words_for_contest(look.key.target.name, contest)


def _what_needs_a_person(answers: Answers) -> tuple[str, str] | None:
    step = answers.restart
    if isinstance(step, Stopped):
        message = f"{step.workload} {step.why}; nothing else is restarted until that is mended"
        return "RestartFailed", message
    if isinstance(step, Forbidden):
        return "RestartNotAllowed", str(step)
    if isinstance(step, Restarted) and step.missing:
        names = " and ".join(map(str, step.missing))
        return "WorkloadNotFound", f"spec.restart names what does not exist: {names}"
    if isinstance(answers.unasked, Forbidden):
        return "PodsNotAllowed", str(answers.unasked)
    return None


def _what_restarts(answers: Answers) -> tuple[str, str] | None:
    step = answers.restart
    if isinstance(step, Rolling) and step.since is None:
        message = f"waiting for another rollout of {step.workload} to end before restarting it"
        return "WaitingForRollout", message
    if isinstance(step, Restart | Rolling):
        return "RestartingWorkloads", f"restarting {step.workload}; it takes up the new key"
    return None


def _adopted(
    answers: Answers, plan: RotationPlan, verdict: Verdict | None
) -> Verdict | tuple[()] | None:
    """Keep the last verdict while no older key lives; say nothing while an overlap lasts."""
    if answers.look.situation.older_keys():
        return verdict_of(answers, plan) or ()
    return verdict or _after_a_wait(answers)


def _after_a_wait(answers: Answers) -> Verdict | None:
    """Say of a wait that pods are not asked about any more that it is over."""
    reason = _adopted_before(answers.look).get("reason")
    if reason in _STRANDED and answers.unasked:
        return "Unknown", "TimeOnly", f"pods are not asked ({answers.unasked})"
    if reason in _UNADOPTED:
        return "True", "NobodyHoldsIt", "no older key lives"
    return None


def _adopted_before(look: Look) -> Json:
    return condition_in(look.item.get("status") or {}, "Adopted")


def _warning(look: Look, adopted: Verdict | tuple[()] | None) -> tuple[str, str] | tuple[()]:
    """Tell once for each key that pods run without it."""
    if not adopted or adopted[1] not in _STRANDED:
        return ()
    _, reason, message = adopted
    current, status = look.situation.record.current, look.item.get("status") or {}
    same_key = current is not None and status.get("keyId") == current.id
    told_before = same_key and _adopted_before(look).get("reason") == reason
    return () if told_before else (reason, message)


def _tested(look: Look) -> tuple[str, str, str]:
    if look.session.checks_keys():
        return "True", "Accepted", "the market accepted the key before it was swapped in"
    return (
        "Unknown",
        "CatalogueOpen",
        "the market's catalogue accepts any key, so nothing was proven",
    )
