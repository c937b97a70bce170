"""Asking workloads about an older key: which pods may hold it, and restarting those that are named.

Pods are listed only while an older key lives and its overlap has ended; nothing watches them.
Named workloads are read only while an older key is known, and a template that carries the stamp of
the current key is not written: a start of the operator, a target that was put right or a new
declaration restarts nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from thegrid.core.rotation import Adoption
from thegrid_operator.adoption import Swap, changes_at, holdouts, in_the_cluster, told
from thegrid_operator.kube import Json, Kind, KubeRefused
from thegrid_operator.reconcilers.consumption_key.look import Look
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
from thegrid_operator.templates import without_the_key

POD = Kind("", "v1", "pods", "Pod")

PODS_PER_PAGE = 100
_FORBIDDEN = 403

SOONEST_LOOK_AT_A_ROLLOUT = timedelta(seconds=1)
LATEST_LOOK_AT_A_ROLLOUT = timedelta(seconds=15)
_STARTS_ARE_TOLD_IN = timedelta(seconds=1)

LOOK_WHEN_STOPPED = timedelta(minutes=1)
"""A person has to act first."""


@dataclass(frozen=True, slots=True)
class Forbidden:
    """The chart does not give a right that is needed.

    Attributes:
        right: What cannot be done.
        value: The chart's value that gives it.
    """

    right: str
    value: str

    def __str__(self) -> str:
        return f"the operator may not {self.right}: set {self.value} to true in the chart's values"


@dataclass(frozen=True, slots=True)
class Answers:
    """What workloads told.

    Attributes:
        look: The look that they were asked for, its situation completed.
        now: The cluster's time.
        restart: How restarts go on; None where nothing is to be restarted, or not yet.
        unasked: Why no pod was asked although an older key could go; empty if all were.
        look_again_in: When a restart wants to be looked at again, or None.
    """

    look: Look
    now: datetime
    restart: Step | Forbidden | None = None
    unasked: Forbidden | str = ""
    look_again_in: timedelta | None = None


def ask_workloads(tools: Tools, look: Look) -> Answers:
    """Complete a look by what workloads tell, where it matters.

    Args:
        tools: What the reconciler works with.
        look: What was found at the market and in the Secrets.

    Returns:
        The look and the answers.

    Raises:
        KubeError: The API server refused otherwise, or could not be asked.
    """
    answers = Answers(look, tools.outside.clock(look.session.endpoints).now())
    return _ask_pods(tools, _ask_about_restarts(tools, answers))


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


def _ask_about_restarts(tools: Tools, answers: Answers) -> Answers:
    """Restart late enough for a new container to be told from an old one by any node's clock."""
    look, situation = answers.look, answers.look.situation
    record = situation.record
    older = record.previous is not None or bool(situation.older_keys())
    settled = record.pending is None and situation.target_is_right and not look.stored.refused
    if not (look.key.restart and older and record.current and settled):
        return answers
    begins_in = _swap(tools, answers).at + _late_enough(tools.asking.start_margin) - answers.now
    if begins_in > timedelta(0):
        restarting = replace(look, situation=replace(situation, restarting=True))
        return replace(answers, look=restarting, look_again_in=begins_in)
    stamp = Stamp.of(look.key.meta.name, record.current)
    try:
        step: Step | Forbidden = next_step(_workloads(tools, look), stamp, answers.now)
    except KubeRefused as refusal:
        if refusal.status != _FORBIDDEN:
            raise
        step = Forbidden("read and change the workloads of spec.restart", "restartWorkloads")
    ended = isinstance(step, Restarted)
    look = replace(look, situation=replace(situation, restarting=not ended))
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


def _ask_pods(tools: Tools, answers: Answers) -> Answers:
    look = answers.look
    if not look.situation.older_keys_may_go():
        return answers
    if not look.key.asks_pods:
        return replace(answers, unasked="spec.adoption is Time")
    if not tools.asking.observe_pods:
        return replace(answers, unasked="the chart's value observePods is false")
    try:
        found = holdouts(_pods(tools, look), _swap(tools, answers), answers.now)
    except KubeRefused as refusal:
        if refusal.status != _FORBIDDEN:
            raise
        forbidden = Forbidden("list pods", "observePods")
        answers = replace(answers, unasked=forbidden)
        return _with(answers, Adoption(f"an answer of pods, but {forbidden}"))
    waiting_for = told(found) if found else _unended_restart(answers)
    changes = changes_at(found)
    adoption = Adoption(
        waiting_for,
        changes_at=changes and look.present() + (changes - answers.now),
        last_used_at=_last_use(look),
    )
    return _with(answers, adoption)


def _with(answers: Answers, adoption: Adoption) -> Answers:
    look = answers.look
    return replace(
        answers, look=replace(look, situation=replace(look.situation, adoption=adoption))
    )


def _unended_restart(answers: Answers) -> str:
    """Say which restart is waited for: who names a workload tells that it reads the key once."""
    step = answers.restart
    if isinstance(step, Restart | Rolling):
        return f"{step.workload} to be restarted"
    if isinstance(step, Stopped):
        return f"{step.workload}, which {step.why}"
    if step is None and answers.look.situation.restarting:
        return "the workloads of spec.restart to be restarted"
    return ""


def _pods(tools: Tools, look: Look) -> Iterator[Json]:
    """List the pods of the resource's namespace, a page at a time."""
    query = {"limit": str(PODS_PER_PAGE)}
    while True:
        page = tools.kube.page(POD, look.key.meta.namespace, **query)
        yield from page["items"]
        following = page["metadata"].get("continue")
        if not following:
            return
        query["continue"] = following


def _swap(tools: Tools, answers: Answers) -> Swap:
    look, asking = answers.look, tools.asking
    current = look.situation.record.current
    since = current.since if current else look.now
    at = in_the_cluster(since, market=look.present(), cluster=answers.now)
    delay = asking.volume_delay if look.key.volume_delay is None else look.key.volume_delay
    harmless = without_the_key(look.key.target.entries)
    return Swap(look.key.target.name, at, asking.start_margin, delay, harmless)


def _last_use(look: Look) -> datetime | None:
    """Return when an older key was last used, as far as the market says."""
    older = look.situation.older_keys()
    uses = (key.last_used_at for key in look.listed if key.id in older)
    return max((use for use in uses if use), default=None)
