"""Restarting the workloads that a resource names, one after the other.

They are read only while an older key is known or pods run with one of which nothing else is left,
and a template that carries the stamp of the current key is not written: a start of the operator, a
target that was put right or a new declaration restarts nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace
from datetime import datetime, timedelta

from thegrid_operator.kube import Json, KubeRefused
from thegrid_operator.reconcilers.consumption_key.answers import FORBIDDEN, Answers, Forbidden
from thegrid_operator.reconcilers.consumption_key.look import Look
from thegrid_operator.reconcilers.consumption_key.pods import swap_of
from thegrid_operator.reconcilers.consumption_key.tools import Tools
from thegrid_operator.restarts import (
    KINDS,
    Restart,
    Restarted,
    Rolling,
    Stamp,
    Step,
    Stopped,
    Workload,
    next_step,
)

SOONEST_LOOK_AT_A_ROLLOUT = timedelta(seconds=1)
LATEST_LOOK_AT_A_ROLLOUT = timedelta(seconds=15)
_STARTS_ARE_TOLD_IN = timedelta(seconds=1)

LOOK_WHEN_STOPPED = timedelta(minutes=1)
"""A person has to act first."""


def ask_about_restarts(tools: Tools, answers: Answers) -> Answers:
    """Go on with the restarts of all that is named, while an older key is known.

    Raises:
        KubeError: The API server refused otherwise, or could not be asked.
    """
    situation = answers.look.situation
    record = situation.record
    older = record.previous is not None or bool(situation.older_keys())
    settled = record.pending is None and situation.target_is_right
    settled = settled and not answers.look.stored.refused
    if not (answers.look.key.restart and older and record.current and settled):
        return answers
    return restart_in_turn(tools, answers)


def restart_in_turn(tools: Tools, answers: Answers, makers: Set[str] | None = None) -> Answers:
    """Restart late enough for a new container to be told from an old one by any node's clock.

    Args:
        tools: What the reconciler works with.
        answers: What is known by now.
        makers: Whose pods need it; None for all that are named.

    Raises:
        KubeError: The API server refused otherwise, or could not be asked.
    """
    look, situation = answers.look, answers.look.situation
    current = situation.record.current
    if current is None:
        return answers
    settled_at = swap_of(tools, look, answers.now, current).at + _late_enough(
        tools.asking.start_margin
    )
    begins_in = settled_at - answers.now
    if begins_in > timedelta(0):
        restarting = replace(look, situation=replace(situation, previous_stays=True))
        return replace(answers, look=restarting, look_again_in=begins_in)
    stamp = Stamp.of(look.key.meta.name, current)
    seen = _workloads(tools, look)
    if makers is not None:
        seen = (it for it in seen if it[1] and (str(it[0]) in makers or stamp.written_at(it[1])))
    try:
        step: Step | Forbidden = next_step(seen, stamp, answers.now)
    except KubeRefused as refusal:
        if refusal.status != FORBIDDEN:
            raise
        step = Forbidden("read and change the workloads of spec.restart", "restartWorkloads")
    ended = isinstance(step, Restarted)
    look = replace(look, situation=replace(situation, previous_stays=not ended))
    wait = _until_the_next_look(step, answers.now)
    return replace(answers, look=look, restart=step, look_again_in=wait)


def _late_enough(margin: timedelta) -> timedelta:
    """Return how long after a swap a restart may begin.

    A container that starts within the margin may read the older key. Its start is told by its
    node's clock, which may be behind by the margin, and in whole seconds; if that made it look as
    if it had started too soon, it would be waited for, and nothing would restart it again.
    """
    return 2 * margin + _STARTS_ARE_TOLD_IN


def _workloads(tools: Tools, look: Look) -> Iterator[tuple[Workload, Json | None]]:
    for workload in look.key.restart:
        kind = KINDS[workload.kind]
        yield workload, tools.kube.get(kind, look.key.meta.namespace, workload.name)


def _until_the_next_look(step: Step | Forbidden, now: datetime) -> timedelta | None:
    if isinstance(step, Restarted):
        return None
    if isinstance(step, Rolling) and step.since:
        waited = max(now - step.since, SOONEST_LOOK_AT_A_ROLLOUT)
        return min(waited, LATEST_LOOK_AT_A_ROLLOUT)
    if isinstance(step, Stopped | Forbidden):
        return LOOK_WHEN_STOPPED
    return LATEST_LOOK_AT_A_ROLLOUT


def restart(tools: Tools, answers: Answers, step: Restart) -> None:
    """Restart one workload, if it still is as it was seen.

    Raises:
        KubeError: The API server refused or could not be asked.
        NotLeading: This replica may not act.
    """
    look, current = answers.look, answers.look.situation.record.current
    if current is None:
        return
    patch = Stamp.of(look.key.meta.name, current).patch(answers.now)
    kind = KINDS[step.workload.kind]
    tools.effects("key.restart", lambda: tools.kube.patch(kind, step.seen, patch))
    note = f"restarting {step.workload} so that it takes up key #{current.number}"
    tools.recorder.record(look.item, "WorkloadRestarted", note, action="Restart")
