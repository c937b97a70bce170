"""One event for each fact, so that `kubectl describe` reads like a story."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from thegrid_operator.kube import EVENT, Json, Kube, KubeError
from thegrid_operator.logs import log
from thegrid_operator.status import time_text

_LONGEST_NOTE = 1024
_COMPONENT = "thegrid-operator"


class Recorder:
    """Writes events, and the same as log lines. A lost event does no harm and is only logged.

    Args:
        kube: The API server.
        instance: This replica's name.
        told: Called with the reason of every fact.
    """

    def __init__(
        self, kube: Kube, instance: str, told: Callable[[str], None] = lambda _: None
    ) -> None:
        self._told = told
        self._kube = kube
        self._instance = instance

    def record(
        self,
        item: Json,
        reason: str,
        note: str,
        *,
        action: str,
        kind: Literal["Normal", "Warning"] = "Normal",
    ) -> None:
        """Tell a fact in the log and the metrics, and as an event.

        Args:
            item: The object, as read.
            reason: A word in CamelCase.
            note: One sentence without secrets.
            action: What was done, in CamelCase.
            kind: Whether a person should worry.
        """
        self.log(item, reason, note)
        self.write(item, reason, note, action=action, kind=kind)

    def log(self, item: Json, reason: str, note: str) -> None:
        """Tell a fact in the log and the metrics, which costs no request.

        Args:
            item: The object, as read.
            reason: A word in CamelCase.
            note: One sentence without secrets.
        """
        meta = item["metadata"]
        log(reason, note, object=f"{item['kind']} {meta['namespace']}/{meta['name']}")
        self._told(reason)

    def write(
        self,
        item: Json,
        reason: str,
        note: str,
        *,
        action: str,
        kind: Literal["Normal", "Warning"] = "Normal",
    ) -> None:
        """Write one event about an object, of a fact that the log has told.

        Args:
            item: The object, as read.
            reason: A word in CamelCase.
            note: One sentence without secrets.
            action: What was done, in CamelCase.
            kind: Whether a person should worry.
        """
        meta = item["metadata"]
        now = time_text(datetime.now(UTC))
        body: Json = {
            "apiVersion": EVENT.api_version,
            "kind": EVENT.kind,
            "metadata": {
                "name": f"{meta['name'][:200]}.{time.time_ns():x}",
                "namespace": meta["namespace"],
            },
            "involvedObject": {
                "apiVersion": item["apiVersion"],
                "kind": item["kind"],
                "namespace": meta["namespace"],
                "name": meta["name"],
                "uid": meta["uid"],
            },
            "reason": reason,
            "message": note[:_LONGEST_NOTE],
            "type": kind,
            "action": action,
            # `kubectl describe` tells events in the order of this one, then of their names.
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
            "source": {"component": _COMPONENT, "host": self._instance[:128]},
            "reportingComponent": _COMPONENT,
            "reportingInstance": self._instance[:128],
        }
        try:
            self._kube.create(EVENT, meta["namespace"], body)
        except KubeError as problem:
            log("EventLost", str(problem))
