"""Pods as the API server tells of them, short enough to stand in a table of sentences."""

from datetime import UTC, datetime, timedelta

SWAP_AT = datetime(2026, 3, 1, tzinfo=UTC)
SECRET = "app-grid"


def at(seconds):
    return (SWAP_AT + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def running(seconds):
    """A state: running since some seconds after the swap; before it, if negative."""
    return {"running": {"startedAt": at(seconds)}}


ENDED = {"terminated": {"exitCode": 0}}
WAITING = {"waiting": {"reason": "CrashLoopBackOff"}}


def env(secret=SECRET, key="OPENAI_API_KEY", **more):
    reference = {"name": secret, "key": key, **more}
    return {"env": [{"name": "KEY", "valueFrom": {"secretKeyRef": reference}}]}


def env_from(secret=SECRET, **more):
    return {"envFrom": [{"secretRef": {"name": secret, **more}}]}


def mount(volume="keys", **more):
    return {"volumeMounts": [{"name": volume, "mountPath": "/keys", **more}]}


def secret_volume(secret=SECRET, **more):
    return {"name": "keys", "secret": {"secretName": secret, **more}}


def items(*entries):
    """Show entries as files of other names."""
    return {"items": [{"key": entry, "path": f"{entry}.txt"} for entry in entries]}


def projected_volume(secret=SECRET, **more):
    sources = [{"configMap": {"name": "app"}}, {"secret": {"name": secret, **more}}]
    return {"name": "keys", "projected": {"sources": sources}}


def pod(
    state=None,
    container=None,
    *,
    name="web-1",
    place="containers",
    volumes=(),
    phase="Running",
    deleting=False,
):
    """A pod with one container that matters, in a place of the spec, beside one that does not."""
    main = {"name": "bystander", "image": "bystander"}
    subject = {"name": "app", "image": "app", **(container or {})}
    statuses = place.removesuffix("s") + "Statuses"
    spec = {"containers": [main], "volumes": list(volumes)}
    spec[place] = [*spec.get(place, ()), subject]
    status = {"phase": phase, "containerStatuses": [{"name": "bystander", "state": running(-500)}]}
    if state:
        status[statuses] = [*status.get(statuses, ()), {"name": "app", "state": state}]
    metadata = {"name": name} | ({"deletionTimestamp": at(1)} if deleting else {})
    return {"metadata": metadata, "spec": spec, "status": status}
