"""One event for each fact, so that `kubectl describe` reads like a story."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Literal

from thegrid_operator.kube import EVENT, Json, Kube, KubeError
from thegrid_operator.logs import log

_LONGEST_NOTE = 1024


class Recorder:
    """Writes events, and the same as log lines. A lost event does no harm and is only logged.

    Args:
        kube: The API server.
        instance: This replica's name.
    """

    def __init__(self, kube: Kube, instance: str) -> None:
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
        """Write one event about an object.

        Args:
            item: The object, as read.
            reason: A word in CamelCase.
            note: One sentence without secrets.
            action: What was done, in CamelCase.
            kind: Whether a person should worry.
        """
        meta = item["metadata"]
        log(reason, note, object=f"{item['kind']} {meta['namespace']}/{meta['name']}")
        body: Json = {
            "apiVersion": EVENT.api_version,
            "kind": EVENT.kind,
            "metadata": {
                "name": f"{meta['name'][:200]}.{uuid.uuid4().hex[:16]}",
                "namespace": meta["namespace"],
            },
            "eventTime": datetime.now(UTC)
            .isoformat(timespec="microseconds")
            .replace("+00:00", "Z"),
            "reportingController": "thegrid.ai/operator",
            "reportingInstance": self._instance[:128],
            "action": action,
            "reason": reason,
            "regarding": {
                "apiVersion": item["apiVersion"],
                "kind": item["kind"],
                "namespace": meta["namespace"],
                "name": meta["name"],
                "uid": meta["uid"],
            },
            "note": note[:_LONGEST_NOTE],
            "type": kind,
        }
        try:
            self._kube.create(EVENT, meta["namespace"], body)
        except KubeError as problem:
            log("EventLost", str(problem))
