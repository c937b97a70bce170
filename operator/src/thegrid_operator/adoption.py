"""Who may still hold an older key: which pods read a Secret, in what way, and since when. Pure.

Kubernetes tells when a container started, not what it read. So what counts is this:

* **env, envFrom and subPath** are read when a container starts and never again. Such a container
  has the new key when it started after the swap and a *margin*; a restart is a new start.
* **Other volumes** are brought up to date by the kubelet, which reports no version. They have the
  new key when a *delay* has passed since the swap.
* Every pod that has not ended counts: one that is not ready, and one that is being deleted, may
  still make calls. So does a reference that is marked as optional. Who reads only entries that do
  not tell the key, such as an address, holds none.

**Clocks.** The swap is recorded in the market's time, a container's start in that of its node. The
market's is translated by its age: if the market says that the swap was ten minutes ago, then it was
ten minutes ago here too (`in_the_cluster`), however far the two clocks are apart. The margin
covers the rest: clocks of nodes that differ among each other, the time that the write of the Secret
took, the moment until a kubelet has seen it, and whole seconds on every side. A node whose clock is
ahead by more than the margin could have an old container taken for a new one.

**The first key.** Where nothing is known to have come before a key, who starts about when it is put
into place has waited for it. Only a container that started one margin sooner runs with another key,
of a resource that was there before or of a person, or with none.

What does not belong here: reading pods (`workloads`) and what is done about them
(`thegrid.core.rotation`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TypeAlias, TypeGuard

from thegrid_operator.kube import Json

_ENDED = ("Succeeded", "Failed")
_MOST_NAMES = 3
_WHOLE_SECONDS = timedelta(seconds=2)
"""The time of a swap is told a second late rather than early, a start in whole seconds."""

_Files: TypeAlias = Mapping[str, str]
"""Entries of a Secret by the files that show them."""

_CONTAINERS = {
    "containers": "containerStatuses",
    "initContainers": "initContainerStatuses",
    "ephemeralContainers": "ephemeralContainerStatuses",
}


class Use(Enum):
    """How a container reads a Secret; the first that applies is the one that is told."""

    ENV = "env"
    ENV_FROM = "envFrom"
    SUB_PATH = "subPath"
    VOLUME = "volume"


@dataclass(frozen=True, slots=True)
class Swap:
    """The moment from which a Secret held the current key.

    Attributes:
        secret: The Secret's name.
        at: When, in the cluster's time.
        margin: How long after it a container must have started to hold the current key for sure.
        delay: How long after it a volume may still show an older key.
        harmless: The entries that do not tell the key.
        opens: Whether nothing is known to have come before the key.
    """

    secret: str
    at: datetime
    margin: timedelta
    delay: timedelta
    harmless: frozenset[str] = frozenset()
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Holdout:
    """A container that may still hold an older key.

    Attributes:
        pod: Its pod's name.
        container: Its own name.
        use: How it reads the Secret.
        until: When it will hold the current key without anybody's doing; None for when it is
            started anew.
        belongs_to: Kind and name of what made its pod, as people know it; empty for nothing.
    """

    pod: str
    container: str
    use: Use
    until: datetime | None
    belongs_to: str = ""


def in_the_cluster(since: datetime, *, market: datetime, cluster: datetime) -> datetime:
    """Translate a time of the market's clock to the cluster's, by its age.

    Args:
        since: A time by the market's clock.
        market: Now, by the market's clock.
        cluster: Now, by the cluster's clock.

    Returns:
        The same moment by the cluster's clock.
    """
    return cluster - (market - since)


def holdouts(pods: Iterable[Json], swap: Swap, now: datetime) -> tuple[Holdout, ...]:
    """Find the containers that may still hold an older key.

    Args:
        pods: All pods of the Secret's namespace, as the API server has them.
        swap: The swap after which none should.
        now: The cluster's time.

    Returns:
        The containers by pod, in the order of the pods' names.
    """
    found = (holdout for pod in pods for holdout in _in_pod(pod, swap, now))
    return tuple(sorted(found, key=lambda holdout: (holdout.pod, holdout.container)))


def _in_pod(pod: Json, swap: Swap, now: datetime) -> Iterator[Holdout]:
    status = pod.get("status") or {}
    if status.get("phase") in _ENDED:
        return
    spec = pod["spec"]
    volumes: dict[str, _Files | None] = {}
    for volume, files in _volumes_of(spec, swap.secret):
        volumes[volume] = None if volume in volumes else files
    for containers, statuses in _CONTAINERS.items():
        states = {it["name"]: it.get("state") or {} for it in status.get(statuses) or ()}
        for container in spec.get(containers) or ():
            name = container["name"]
            uses = _uses(container, swap, volumes)
            held = _may_hold(uses, states.get(name, {}), swap, now)
            if held:
                yield Holdout(pod["metadata"]["name"], name, *held, _maker(pod["metadata"]))


def _may_hold(
    uses: Sequence[Use], state: Json, swap: Swap, now: datetime
) -> tuple[Use, datetime | None] | None:
    """Tell how a container may hold an older key and until when, or None if it cannot."""
    if not uses:
        return None
    read_at_start = [use for use in uses if use is not Use.VOLUME]
    updated = swap.at + swap.delay
    running = state.get("running")
    if swap.opens:
        started = _time((running or {}).get("startedAt"))
        before = swap.at - swap.margin - _WHOLE_SECONDS
        long_before = started is not None and started < before
        return (read_at_start[0], None) if read_at_start and long_before else None
    if running is None:
        # It reads what is there when it starts; that this happened is reported a little later.
        settled = swap.at + swap.margin
        settled = max(settled, updated) if Use.VOLUME in uses else settled
        return (uses[0], settled) if now < settled else None
    started = _time(running.get("startedAt"))
    # A start that lies ahead tells of clocks that were set back since: it may have been long ago.
    late_enough = started is not None and swap.at + swap.margin <= started <= now + swap.margin
    if read_at_start and not late_enough:
        return read_at_start[0], None
    return (Use.VOLUME, updated) if Use.VOLUME in uses and now < updated else None


def _maker(meta: Json) -> str:
    """Name what made a pod; a ReplicaSet's name is its Deployment's and a hash of the template."""
    owners = meta.get("ownerReferences") or ()
    owner = next((it for it in owners if it.get("controller")), None)
    if owner is None:
        return ""
    kind, name = owner["kind"], owner["name"]
    template = (meta.get("labels") or {}).get("pod-template-hash")
    if kind == "ReplicaSet" and template and name.endswith(f"-{template}"):
        kind, name = "Deployment", name.removesuffix(f"-{template}")
    return f"{kind} {name}"


def _uses(container: Json, swap: Swap, volumes: Mapping[str, _Files | None]) -> list[Use]:
    found = set(_environment(container, swap))
    for mount in container.get("volumeMounts") or ():
        if mount["name"] not in volumes:
            continue
        files = volumes[mount["name"]]
        part = mount.get("subPath")
        if part:
            entries = {part if files is None else files.get(part, part)}
        else:
            entries = set(files.values()) if files is not None else set()
        if not entries or not entries <= swap.harmless:
            found.add(Use.SUB_PATH if part or mount.get("subPathExpr") else Use.VOLUME)
    return [use for use in Use if use in found]


def _environment(container: Json, swap: Swap) -> Iterator[Use]:
    for variable in container.get("env") or ():
        reference = (variable.get("valueFrom") or {}).get("secretKeyRef")
        if _names(reference, swap.secret) and reference["key"] not in swap.harmless:
            yield Use.ENV
    for source in container.get("envFrom") or ():
        if _names(source.get("secretRef"), swap.secret):
            yield Use.ENV_FROM


def _volumes_of(spec: Json, secret: str) -> Iterator[tuple[str, _Files | None]]:
    """Yield the volumes that show a Secret, alone or among other sources, with their files."""
    for volume in spec.get("volumes") or ():
        alone = volume.get("secret") or {}
        if alone.get("secretName") == secret:
            yield volume["name"], _files(alone)
        for source in (volume.get("projected") or {}).get("sources") or ():
            if _names(source.get("secret"), secret):
                yield volume["name"], _files(source["secret"])


def _files(source: Json) -> _Files | None:
    """Return a volume's files and the entries that they show, or None for all entries."""
    items = source.get("items")
    return {it["path"]: it["key"] for it in items} if items else None


def _names(reference: Json | None, secret: str) -> TypeGuard[Json]:
    return reference is not None and reference.get("name") == secret


def _time(text: str | None) -> datetime | None:
    try:
        time = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return time if time.tzinfo else None


def told(found: Sequence[Holdout], how: str = "") -> str:
    """Name who may hold an older key, and how to go on.

    Args:
        found: The containers, at least one.
        how: What is done about them already; empty for nothing, which is then asked for.

    Returns:
        Words that follow "waiting for": up to three pods, each with how it reads the Secret.
    """
    if all(holdout.until for holdout in found):
        return f"{_pods(found)} to see the new key, which takes no restart"
    return f"{_pods(found)} that may hold an older key: {how or _what_to_do(found)}"


def told_of_the_first(found: Sequence[Holdout], number: int, how: str = "") -> str:
    """Name who started before a key was there that nothing is known to have come before.

    Args:
        found: The containers, at least one.
        number: The key's.
        how: As for `told`.

    Returns:
        A sentence.
    """
    why = f"started before the Secret held key #{number}, so with another key or with none"
    return f"{_pods(found)} {why}: {how or _what_to_do(found)}"


def _what_to_do(found: Sequence[Holdout]) -> str:
    one = len({holdout.pod for holdout in found}) == 1
    return "restart what it belongs to" if one else "restart what they belong to"


def _pods(found: Sequence[Holdout]) -> str:
    uses: dict[str, Use] = {}
    for holdout in found:
        uses.setdefault(holdout.pod, holdout.use)
    names = [f"{pod} ({use.value})" for pod, use in uses.items()]
    more = len(names) - _MOST_NAMES
    listed = names[:_MOST_NAMES] + ([f"{more} more"] if more > 0 else [])
    return f"pod{'s' if len(names) > 1 else ''} {_and(listed)}"


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def changes_at(found: Iterable[Holdout]) -> datetime | None:
    """Return when the first of them lets go by itself, or None where none does."""
    return min((holdout.until for holdout in found if holdout.until), default=None)
