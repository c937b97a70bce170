"""Restarting named workloads for a new key: who is next, and how far a rollout has come. Pure.

A restart is one annotation of a pod template, the *stamp*: the rotation's number and the key's id,
so no two rotations share one, and a template that carries the stamp is left alone. What the
templates say is all the memory there is. Workloads are restarted one at a time, in the order in
which they are named, and a rollout that does not come to its end stops the rest.

The stamp is followed by the time of its writing, which only tells how long a rollout has taken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from thegrid.core.rotation import HeldKey
from thegrid_operator.kube import Json, Kind
from thegrid_operator.status import time_text

DEPLOYMENT = Kind("apps", "v1", "deployments", "Deployment")
STATEFUL_SET = Kind("apps", "v1", "statefulsets", "StatefulSet")
DAEMON_SET = Kind("apps", "v1", "daemonsets", "DaemonSet")
KINDS = {kind.kind: kind for kind in (DEPLOYMENT, STATEFUL_SET, DAEMON_SET)}

ROLLOUT_TAKES = timedelta(minutes=10)
ROLLOUT_TAKES_PER_POD = timedelta(minutes=1)
"""So long a rollout may take where Kubernetes itself does not say that it failed."""

_LONGEST_NAME = 63
"""Of an annotation's name, without its prefix."""

_KEPT_OF_A_LONG_NAME = 50


@dataclass(frozen=True, slots=True)
class Workload:
    """A workload that is named to be restarted.

    Attributes:
        kind: One of `KINDS`.
        name: Its name, in the resource's namespace.
    """

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a template carries once its workload was restarted for a key.

    Attributes:
        annotation: Its name; each resource has one of its own, since two may name one workload.
        text: Which rotation it was.
    """

    annotation: str
    text: str

    @classmethod
    def of(cls, resource: str, key: HeldKey) -> Stamp:
        """Return the stamp of a resource's current key."""
        name = resource
        if len(name) > _LONGEST_NAME:
            digest = hashlib.sha256(resource.encode()).hexdigest()[:12]
            name = f"{name[:_KEPT_OF_A_LONG_NAME]}-{digest}"
        return cls(f"restart.thegrid.ai/{name}", f"{key.number}/{key.id}")

    def patch(self, now: datetime) -> Json:
        """Return the merge patch that restarts a workload."""
        annotations = {self.annotation: f"{self.text} {time_text(now)}"}
        return {"spec": {"template": {"metadata": {"annotations": annotations}}}}

    def written_at(self, workload: Json) -> datetime | None:
        """Return when a workload was restarted for this key, or None if it was not."""
        template = workload["spec"].get("template") or {}
        annotations = (template.get("metadata") or {}).get("annotations") or {}
        text, _, time = str(annotations.get(self.annotation, "")).partition(" ")
        if text != self.text:
            return None
        try:
            return datetime.fromisoformat(time)
        except ValueError:
            return datetime.fromisoformat("2000-01-01T00:00:00Z")  # edited by hand: long ago


@dataclass(frozen=True, slots=True)
class Restart:
    """Restart this workload now; it is as it was seen."""

    workload: Workload
    seen: Json


@dataclass(frozen=True, slots=True)
class Rolling:
    """Wait for a rollout.

    Attributes:
        workload: Whose.
        since: When we began it; None for a rollout of somebody else.
    """

    workload: Workload
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Stopped:
    """A rollout does not come to its end, so nothing else is restarted.

    Attributes:
        workload: Whose.
        why: What is the matter with it, in words that follow the workload's name.
    """

    workload: Workload
    why: str


@dataclass(frozen=True, slots=True)
class Restarted:
    """Every workload that exists was restarted, and its rollout has ended.

    Attributes:
        missing: Those that do not exist.
    """

    missing: tuple[Workload, ...] = ()


Step: TypeAlias = Restart | Rolling | Stopped | Restarted


def next_step(seen: Iterable[tuple[Workload, Json | None]], stamp: Stamp, now: datetime) -> Step:
    """Decide how to go on with restarts.

    Args:
        seen: The workloads in their order, each as it is, or None where there is none; no more of
            them are taken than are needed.
        stamp: What they are to carry.
        now: The cluster's time.

    Returns:
        The step.
    """
    missing = []
    for workload, item in seen:
        if item is None:
            missing.append(workload)  # what does not exist holds no key
            continue
        written_at = stamp.written_at(item)
        why = _cannot_be_restarted(item) or _has_failed(item, written_at, now)
        if why:
            return Stopped(workload, why)
        if written_at is None:
            return Rolling(workload, None) if _is_rolling(item) else Restart(workload, item)
        if _is_rolling(item) or not _is_available(item):
            return Rolling(workload, written_at)
    return Restarted(tuple(missing))


def _cannot_be_restarted(item: Json) -> str | None:
    if (item["spec"].get("updateStrategy") or {}).get("type") == "OnDelete":
        return "has the update strategy OnDelete: delete its pods by hand"
    return None


def _has_failed(item: Json, written_at: datetime | None, now: datetime) -> str | None:
    progress = _progress(item)
    if progress.get("status") == "False":
        return f"does not get through its rollout ({progress.get('reason')})"
    if written_at is None or progress or not (_is_rolling(item) or not _is_available(item)):
        return None
    if now < written_at + ROLLOUT_TAKES + _pods(item) * ROLLOUT_TAKES_PER_POD:
        return None
    return f"has not ended the rollout that began at {time_text(written_at)}"


def _is_rolling(item: Json) -> bool:
    """Tell whether not every pod is of the present template yet."""
    spec, status = item["spec"], item.get("status") or {}
    if status.get("observedGeneration", 0) < item["metadata"].get("generation", 0):
        return True
    if spec.get("paused"):
        return True  # by somebody who has not ended what they do
    if item["kind"] == DAEMON_SET.kind:
        return bool(status.get("updatedNumberScheduled", 0) < _pods(item))
    gradual = (spec.get("updateStrategy") or {}).get("rollingUpdate") or {}
    partition = gradual.get("partition") or 0
    updated = status.get("updatedReplicas", 0)
    if partition:
        return bool(updated < _pods(item) - partition)
    if item["kind"] == STATEFUL_SET.kind:
        return status.get("currentRevision") != status.get("updateRevision")
    return bool(updated < _pods(item) or status.get("replicas", 0) > updated)


def _is_available(item: Json) -> bool:
    """Tell whether the pods of the present template have all been of use once.

    For a Deployment that stays true when one of them fails later; a DaemonSet does not remember.
    """
    status = item.get("status") or {}
    if item["kind"] == DAEMON_SET.kind:
        return bool(status.get("numberAvailable", 0) >= _pods(item))
    if item["kind"] == STATEFUL_SET.kind:
        return True  # its revisions differ until then
    came_through = _progress(item).get("reason") == "NewReplicaSetAvailable"
    return came_through or status.get("availableReplicas", 0) >= _pods(item)


def _progress(item: Json) -> Json:
    conditions = (item.get("status") or {}).get("conditions") or ()
    found: Json = next((it for it in conditions if it.get("type") == "Progressing"), {})
    return found


def _pods(item: Json) -> int:
    """Return how many pods a workload is to have."""
    if item["kind"] == DAEMON_SET.kind:
        return int((item.get("status") or {}).get("desiredNumberScheduled", 0))
    replicas = item["spec"].get("replicas")
    return 1 if replicas is None else int(replicas)
