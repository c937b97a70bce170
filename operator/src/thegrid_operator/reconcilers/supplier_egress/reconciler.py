"""The frame of the reconciler.

The order is: the resource, the sources, the name servers, the objects that are there; then the
record is written into the status, and only after it the objects, so that nothing is allowed that
the record cannot explain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from thegrid_operator.cache import Name
from thegrid_operator.effects import Effects
from thegrid_operator.egress import Cluster, Request
from thegrid_operator.egress.choice import CORE, Choice, Served, choices
from thegrid_operator.egress.declaration import SUPPLIER_EGRESS, SupplierEgress
from thegrid_operator.egress.discovery import news
from thegrid_operator.egress.network_policy import NOTHING_RESOLVED
from thegrid_operator.egress.objects import named, objects_in, of_the_cluster, references
from thegrid_operator.egress.outcome import (
    audited,
    conditions_of,
    enforced,
    facts_of,
    last_good,
    waiting_for_addresses,
)
from thegrid_operator.events import Recorder
from thegrid_operator.kube import Json, Kube
from thegrid_operator.outside import Outside
from thegrid_operator.reconcilers.supplier_egress.detecting import Detector
from thegrid_operator.reconcilers.supplier_egress.enforcing import (
    NOT_ALLOWED,
    Difference,
    Enforcer,
)
from thegrid_operator.reconcilers.supplier_egress.look import Look, Looks
from thegrid_operator.reconcilers.supplier_egress.sources import Sources
from thegrid_operator.reporting import LOOK_WHEN_STALLED, Reporter
from thegrid_operator.resources import FINALIZER, FORCE_DELETE_ANNOTATION
from thegrid_operator.status import Report, Stalled, State, time_text

LOOK_WHEN_SUSPENDED = timedelta(minutes=10)
_SHORTEST_PAUSE = timedelta(seconds=1)


class SupplierEgresses:
    """Reconciles `SupplierEgress` resources.

    Args:
        kube: The API server.
        effects: The door for effects.
        reporter: Writes statuses.
        recorder: Writes events.
        outside: The name servers and the time.
        sources: Asks what names domains.
        cluster: What the administrator tells of the backends.
        term: Tells the term of leadership.
        written: Called for every object that was written.
    """

    def __init__(
        self,
        *,
        kube: Kube,
        effects: Effects,
        reporter: Reporter,
        recorder: Recorder,
        outside: Outside,
        sources: Sources,
        cluster: Cluster,
        term: Callable[[], int],
        written: Callable[[], None],
    ) -> None:
        self._kube = kube
        self._reporter = reporter
        self._recorder = recorder
        self._sources = sources
        self._effects = effects
        self._detector = Detector(kube, outside, cluster)
        self._looks = Looks(outside, term)
        self._enforcer = Enforcer(kube, effects, written)

    def reconcile(self, name: Name) -> timedelta | None:
        """Bring what enforces one resource up to date.

        Args:
            name: The resource.

        Returns:
            When to look again, or None when it is gone or going: what it owns goes with it.

        Raises:
            KubeError: The API server refused or could not be asked; what is enforced stays.
            NotLeading: This replica may not act.
        """
        item = self._kube.get(SUPPLIER_EGRESS, name.namespace, name.name)
        gone = item is None or "deletionTimestamp" in item["metadata"]
        if gone:
            self._looks.forget(name)
            self._sources.forget(name)
        if item is None:
            return None
        try:
            if gone:
                self._let_go(item)
                return None
            return self._bring_up_to_date(name, item)
        except Stalled as stalled:
            self._reporter.report_afresh(SUPPLIER_EGRESS, item, stalled.report())
            return LOOK_WHEN_STALLED

    def _bring_up_to_date(self, name: Name, item: Json) -> timedelta:
        try:
            egress = SupplierEgress.of(item)
        except ValueError as problem:
            raise Stalled("InvalidSpec", str(problem), ready=None) from None
        if egress.suspended:
            report = Report(State.SETTLED, "Suspended", "spec.suspend is set")
            self._reporter.report(SUPPLIER_EGRESS, item, report)
            return LOOK_WHEN_SUSPENDED
        sourced = self._sources.ask(name, item, egress)
        look = self._looks.take(name, item, egress, sourced.found)
        for it in news(item.get("status"), egress.wanted, look.plan):
            self._recorder.record(item, it.reason, it.note, action="Discover", kind=it.kind)
        pause = max(look.plan.look_again_at - look.at, _SHORTEST_PAUSE)
        facts = facts_of(egress, look.plan, look.at)
        more = {
            **conditions_of(look.plan, look.answers, egress.address_limit),
            **sourced.conditions,
        }
        try:
            item, report = self._enforce(item, egress, look, facts)
        except Stalled as stalled:
            kept = last_good(item, stalled.reason)
            report = replace(stalled.report(), facts=facts, more={**more, "Enforced": kept})
            self._reporter.report_afresh(SUPPLIER_EGRESS, item, report)
            return min(pause, LOOK_WHEN_STALLED)
        report = replace(report, facts=facts | report.facts, more={**more, **report.more})
        self._reporter.report(SUPPLIER_EGRESS, item, report)
        return pause

    def _enforce(
        self, item: Json, egress: SupplierEgress, look: Look, facts: Json
    ) -> tuple[Json, Report]:
        """Have the objects say what is allowed; return the resource as it is then, and the outcome.

        Raises:
            Stalled: They cannot, so what was allowed last stays.
        """
        allowed = look.plan.allowed
        request = Request(egress.meta, egress.pods, allowed, egress.ports, egress.dns)
        served = Served() if egress.backend == CORE else self._detector.served()
        found, refusal = choices(egress.backend, request, served)
        waits = bool(look.plan.unresolved)
        if refusal and not (waits and refusal.reason == NOTHING_RESOLVED):
            raise Stalled(refusal.reason, refusal.message)
        if waits and all(it.backend == CORE for it in found):
            return item, waiting_for_addresses(item, look.plan.unresolved)
        if egress.audits:
            facts = facts | {"backend": found[0].backend}
            return item, audited(self._enforcer.still_there(item), facts)
        taken = self._first_allowed(item, found, waits=waits)
        if taken is None:
            return item, waiting_for_addresses(item, look.plan.unresolved)
        choice, differences = taken
        facts = facts | {"backend": choice.backend}
        objects = choice.rendered.objects
        wanted = references(objects)
        left = [it for it in objects_in(item) if it not in wanted]
        if differences or left:
            item = self._with_finalizer(item, egress, objects)
            facts |= {"objects": wanted + left, "changedAt": time_text(look.at)}
            item = self._reporter.note(SUPPLIER_EGRESS, item, facts)
            self._enforcer.write(differences)
            self._tell(item, [it.wanted for it in differences if it.seen is None])
            self._enforcer.remove(item, but=wanted)
        facts |= {"objects": wanted}
        return item, enforced([named(it) for it in objects], choice.rendered.limits, facts)

    def _first_allowed(
        self, item: Json, found: Sequence[Choice], *, waits: bool
    ) -> tuple[Choice, list[Difference]] | None:
        """Take the best backend whose objects the operator may write.

        The core comes last; None if it is its turn and it has to wait for addresses.
        """
        refused = None
        for choice in found:
            if waits and choice.backend == CORE:
                return None
            try:
                return choice, self._enforcer.differences(item, choice.rendered.objects)
            except Stalled as stalled:
                if stalled.reason != NOT_ALLOWED:
                    raise
                refused = stalled
        raise refused or ValueError("there is nothing to choose from")

    def _with_finalizer(self, item: Json, egress: SupplierEgress, objects: Sequence[Json]) -> Json:
        """What is the whole cluster's does not go with its resource by itself."""
        finalizers = egress.meta.finalizers
        if not of_the_cluster(objects) or FINALIZER in finalizers:
            return item
        return self._effects(
            "egress.finalizer",
            lambda: self._kube.set_finalizers(SUPPLIER_EGRESS, item, [*finalizers, FINALIZER]),
        )

    def _let_go(self, item: Json) -> None:
        """Delete what does not go by itself, and then let the resource go."""
        finalizers = item["metadata"].get("finalizers") or []
        if FINALIZER not in finalizers:
            return
        annotations = item["metadata"].get("annotations") or {}
        try:
            self._enforcer.remove(item)
        except Stalled as stalled:
            if annotations.get(FORCE_DELETE_ANNOTATION) != "true":
                raise
            note = f"released by force, and objects are left: {stalled.message}"
            self._recorder.record(item, "ObjectsLeft", note, action="Release", kind="Warning")
        left = [it for it in finalizers if it != FINALIZER]
        self._effects(
            "egress.release", lambda: self._kube.set_finalizers(SUPPLIER_EGRESS, item, left)
        )

    def _tell(self, item: Json, made: Sequence[Json]) -> None:
        for it in made:
            note = f"{named(it)} lets the pods reach what is allowed, and nothing else"
            self._recorder.record(item, "PolicyCreated", note, action="Enforce")
