"""Writing down how a resource stands: its status, and an event when it begins to wait."""

from __future__ import annotations

from datetime import timedelta

from thegrid.client import Clock
from thegrid_operator.effects import Effects
from thegrid_operator.events import Recorder
from thegrid_operator.kube import Json, Kind, Kube
from thegrid_operator.status import Report, State, status_for

LOOK_WHEN_STALLED = timedelta(seconds=30)
"""A person may have mended what no watch shows, such as a Secret."""


class Reporter:
    """Writes statuses, and only those that changed.

    Args:
        kube: The API server.
        effects: The door for effects.
        recorder: Writes events.
        clock: Tells the time of changes.
    """

    def __init__(self, kube: Kube, effects: Effects, recorder: Recorder, clock: Clock) -> None:
        self._kube = kube
        self._effects = effects
        self._recorder = recorder
        self._clock = clock

    def report(self, kind: Kind, item: Json, report: Report) -> Json:
        """Bring a resource's status up to date.

        Args:
            kind: The resource's kind.
            item: The resource as read.
            report: The outcome of looking at it.

        Returns:
            The resource with its status as it now is.

        Raises:
            KubeError: The status could not be written.
            NotLeading: This replica may not act.
        """
        before = item.get("status") or {}
        generation = item["metadata"].get("generation", 0)
        status = status_for(report, before, generation, self._clock.now())
        if status == before:
            return item
        written = self._effects(
            f"{kind.kind}.status",
            lambda: self._kube.apply_status(kind, item, status),
        )
        if report.reason != reason_in(before):
            self._tell(item, report)
        if report.warning:
            self._recorder.record(item, *report.warning, action="Wait", kind="Warning")
        return written

    def note(self, kind: Kind, item: Json, facts: Json) -> Json:
        """Write facts down before what follows from them is done; conditions stay as they are.

        Args:
            kind: The resource's kind.
            item: The resource as read.
            facts: Fields of the status.

        Returns:
            The resource with its status as it now is.

        Raises:
            KubeError: The status could not be written.
            NotLeading: This replica may not act.
        """
        before = item.get("status") or {}
        status = {**before, **facts}
        if status != before:
            return self._effects(
                f"{kind.kind}.facts", lambda: self._kube.apply_status(kind, item, status)
            )
        return item

    def _tell(self, item: Json, report: Report) -> None:
        if report.state is State.STALLED:
            told = (item, report.reason, report.message)
            self._recorder.record(*told, action="Stalled", kind="Warning")
        elif report.announce:
            self._recorder.record(item, report.reason, report.message, action="Wait")

    def report_afresh(self, kind: Kind, item: Json, report: Report) -> None:
        """Report on a resource that may have changed since it was read, as by a finalizer.

        Args:
            kind: The resource's kind.
            item: The resource as read.
            report: The outcome of looking at it.

        Raises:
            KubeError: The status could not be written.
            NotLeading: This replica may not act.
        """
        meta = item["metadata"]
        self.report(kind, self._kube.get(kind, meta["namespace"], meta["name"]) or item, report)


def reason_in(status: Json) -> str:
    """Return the reason that a status tells; empty for none."""
    conditions = status.get("conditions", ())
    return next((c["reason"] for c in conditions if c["type"] == "Ready"), "")
