"""The frame of the reconciler: read the resource, look, plan and act until nothing is left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from thegrid.client import GridError, RateLimited
from thegrid.core.rotation import Mint, Revoke, RotationPlan, plan_rotation
from thegrid_operator.cache import Name
from thegrid_operator.claims import IN_USE
from thegrid_operator.effects import Effects
from thegrid_operator.events import Recorder
from thegrid_operator.jitter import look_every
from thegrid_operator.kube import CONSUMPTION_KEY, Json, Kube, KubeRefused
from thegrid_operator.listing import Declarations, moment
from thegrid_operator.market import Session, Sessions
from thegrid_operator.outside import Outside
from thegrid_operator.reconcilers.consumption_key.answers import Answers
from thegrid_operator.reconcilers.consumption_key.look import Look, Memory, look_at
from thegrid_operator.reconcilers.consumption_key.removal import (
    let_go,
    look_again_in,
    report_of_a_doubt,
    while_leaving,
)
from thegrid_operator.reconcilers.consumption_key.report import (
    AT_DEADLINE,
    EMERGENCY,
    Verdict,
    report_on,
    verdict_of,
)
from thegrid_operator.reconcilers.consumption_key.rollouts import restart
from thegrid_operator.reconcilers.consumption_key.steps import carry_out, tell_of_a_mint
from thegrid_operator.reconcilers.consumption_key.tools import Asking, NotYet, Rejections, Tools
from thegrid_operator.reconcilers.consumption_key.workloads import ask_workloads
from thegrid_operator.reporting import LOOK_WHEN_STALLED, Reporter
from thegrid_operator.resources import FINALIZER, ConsumptionKey
from thegrid_operator.restarts import Restart
from thegrid_operator.status import (
    Report,
    Stalled,
    State,
    is_in_order,
    report_of,
    report_of_a_refusal,
)

MOST_ROUNDS = 8
LOOK_WHEN_SUSPENDED = timedelta(minutes=10)
SOONEST_LOOK = timedelta(milliseconds=500)


class ConsumptionKeys:
    """Reconciles `ConsumptionKey` resources.

    Args:
        kube: The API server.
        effects: The door for effects.
        reporter: Writes statuses.
        recorder: Writes events.
        sessions: The open sessions with the market.
        cluster: Returns the cluster's identity, the uid of the namespace `kube-system`.
        outside: The world beyond.
        recent: Returns a resource that has just changed, or None where it has to be read.
        wake: Called with resources that have to be looked at soon.
        deletion_deadline: How long a resource that is being deleted waits until its keys can be
            revoked.
        asking: How pods are asked.
        declarations: Since when it has been known what resources declare.
        follows: Tells whether this operator looks after an account.
        took_over_at: Returns when another one was followed who may have died in the middle of
            something, in seconds that only grow; None for never.
    """

    def __init__(
        self,
        *,
        kube: Kube,
        effects: Effects,
        reporter: Reporter,
        recorder: Recorder,
        sessions: Sessions,
        cluster: Callable[[], str],
        outside: Outside,
        recent: Callable[[Name], Json | None],
        wake: Callable[[list[Name]], None],
        deletion_deadline: timedelta,
        asking: Asking,
        declarations: Declarations,
        follows: Callable[[Name], bool],
        took_over_at: Callable[[], float | None],
    ) -> None:
        self._recent = recent
        self._wake = wake
        self._tools = Tools(
            kube,
            effects,
            reporter,
            recorder,
            sessions,
            cluster,
            outside,
            deletion_deadline,
            asking,
            declarations,
            follows,
            took_over_at,
        )
        self._memories: dict[Name, Memory] = {}
        self._waiting: dict[str, set[Name]] = {}
        """Who waits for another to let go of a Secret, by namespace; without this, who waits would
        look half a minute later."""

    def reconcile(self, name: Name) -> timedelta | None:
        """Bring one key up to date.

        Args:
            name: The resource.

        Returns:
            When to look again, or None when it is gone.

        Raises:
            GridError: The market refused or could not be asked; the status says so.
            KubeError: The API server refused or could not be asked.
            NotLeading: This replica may not act.
        """
        reporter = self._tools.reporter
        item = self._known(name) or self._tools.kube.get(CONSUMPTION_KEY, *name[1:])
        if item is None:
            self._memories.pop(name, None)
            return None
        declared = self._tools.declarations.known_since(name, item)
        try:
            return self._bring_up_to_date(name, item, declared)
        except NotYet as wait:
            if doubt := str(wait):
                reporter.report_afresh(CONSUMPTION_KEY, item, report_of_a_doubt(doubt))
            return wait.look_again_in
        except Stalled as stalled:
            if stalled.reason == IN_USE:
                self._waiting.setdefault(name.namespace, set()).add(name)
            report = while_leaving(self._tools, item, stalled.report())
            reporter.report_afresh(CONSUMPTION_KEY, item, report)
            return look_again_in(self._tools, item, LOOK_WHEN_STALLED)
        except GridError as problem:
            if isinstance(problem, RateLimited) and is_in_order(item):
                raise  # it passes, and to write it down would cost as much as a look
            report = while_leaving(self._tools, item, report_of(problem))
            reporter.report_afresh(CONSUMPTION_KEY, item, report)
            raise
        except KubeRefused as refusal:
            told = report_of_a_refusal(refusal)
            if told:
                reporter.report_afresh(CONSUMPTION_KEY, item, told)
            raise

    def _known(self, name: Name) -> Json | None:
        """Return what a watch has just brought of a resource that was read before and is not gone.

        One that is gone may still be told by a watch that is behind, and no key is made for it.
        """
        item, memory = self._recent(name), self._memories.get(name)
        return item if item and memory and memory.uid == item["metadata"]["uid"] else None

    def _memory(self, name: Name, uid: str) -> Memory:
        memory = self._memories.get(name)
        if memory is None or memory.uid != uid:  # another one had the name before
            memory = self._memories[name] = Memory(uid)
        return memory

    def _bring_up_to_date(self, name: Name, item: Json, declared: int) -> timedelta | None:
        try:
            key = ConsumptionKey.of(item)
        except ValueError as problem:
            raise Stalled("InvalidSpec", str(problem), ready=None) from None
        tools = self._tools
        if key.meta.deleted:
            let_go(tools, item, key, self._memory(name, key.meta.uid))
            self._memories.pop(name, None)
            self._wake(list(self._waiting.pop(key.meta.namespace, ())))
            return None
        if key.suspended:
            resting = Report(State.SETTLED, "Suspended", "spec.suspend is set")
            tools.reporter.report(CONSUMPTION_KEY, item, resting)
            return LOOK_WHEN_SUSPENDED
        session = tools.session(key)
        memory = self._memory(name, key.meta.uid)
        if FINALIZER not in key.meta.finalizers:
            wanted = [*key.meta.finalizers, FINALIZER]
            item = tools.effects(
                "key.finalizer", lambda: tools.kube.set_finalizers(CONSUMPTION_KEY, item, wanted)
            )
            memory.bound_at = tools.outside.monotonic()
        with Rejections(tools.sessions, key, session):
            try:
                again = self._rotate(item, key, session, memory, declared)
            except Exception:  # before it was known what becomes of the key
                tell_of_a_mint(tools, item, memory)
                raise
        tell_of_a_mint(tools, item, memory)
        return again

    def _rotate(
        self, item: Json, key: ConsumptionKey, session: Session, memory: Memory, declared: int
    ) -> timedelta:
        """Look, plan and act until the plan asks for nothing more.

        What the last round did is known by the answers, until a plan does what nothing guards.
        """
        tools = self._tools
        verdict: Verdict | None = None
        answered: Look | None = None
        for _ in range(MOST_ROUNDS):
            try:
                look = look_at(
                    tools, item, key, session, memory, declared=declared, answered=answered
                )
                told = verdict is not None and verdict[0] != "False"
                answers = ask_workloads(tools, look, told=told)
                plan = plan_rotation(answers.look.situation)
                if answered and not _is_guarded(plan, answers):
                    answered = None
                    continue
                verdict = verdict_of(answers, plan) or verdict
                if not _asks_for_anything(plan, answers):
                    tools.reporter.report(CONSUMPTION_KEY, item, report_on(answers, plan, verdict))
                    return _until_the_next(plan, answers)
                answered = self._act(item, answers, plan)
            finally:
                memory.looked = moment()
        return SOONEST_LOOK

    def _act(self, item: Json, answers: Answers, plan: RotationPlan) -> Look | None:
        """Do what is to be done; return what is known then, or None to look anew."""
        tools, look = self._tools, answers.look
        if plan.actions:
            _warn(tools, item, plan)
            return carry_out(tools, look, plan)
        if isinstance(answers.restart, Restart):
            restart(tools, answers, answers.restart)
            return None
        if look.stored.refused:
            raise look.stored.refused
        return None


def _asks_for_anything(plan: RotationPlan, answers: Answers) -> bool:
    return bool(plan.actions or isinstance(answers.restart, Restart) or answers.look.stored.refused)


def _is_guarded(plan: RotationPlan, answers: Answers) -> bool:
    """Tell whether all that is to be done fails where a Secret is not what it was taken for.

    The market knows nothing of our Secrets, and a workload has a version of its own.
    """
    at_the_market = any(isinstance(action, Mint | Revoke) for action in plan.actions)
    return not (at_the_market or isinstance(answers.restart, Restart))


def _warn(tools: Tools, item: Json, plan: RotationPlan) -> None:
    """Say it before it is done: workloads may fail from now on."""
    begins = any(isinstance(action, Mint) for action in plan.actions)
    if plan.reason == AT_DEADLINE or (plan.reason == EMERGENCY and begins):
        tools.recorder.record(item, plan.reason, plan.message, action="Revoke", kind="Warning")


def _until_the_next(plan: RotationPlan, answers: Answers) -> timedelta:
    again = plan.look_again_at
    wait = max(again - answers.look.present(), SOONEST_LOOK) if again else SOONEST_LOOK
    wait = min(wait, look_every(answers.look.key.meta.uid))
    return min(wait, answers.look_again_in or wait)
