"""All objects of a kind first, then what changes: streamed, or by pages where that is refused.

A streamed list (WatchList) costs the least memory on both sides. An API server that does not offer
it refuses the request as malformed; then pages of a hundred tell the same, in the same form: each
object as added, and a bookmark after the last.

What belongs here: which objects are followed and how the first sight of them comes about. What does
not: addresses and answers (`kube`), and what is kept of them (`cache`).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

from thegrid_operator.kube import Json, Kind, Kube, KubeRefused

INITIAL_EVENTS_END = "k8s.io/initial-events-end"
"""The annotation of the bookmark after the last object."""

OBJECTS_PER_PAGE = 100
_NOT_OFFERED = (400, 422)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which objects are followed.

    Attributes:
        namespace: Theirs; empty for all.
        selector: A label selector; empty for all.
    """

    namespace: str = ""
    selector: str = ""

    def query(self) -> dict[str, str]:
        """Return what a list or watch is asked with."""
        return {"labelSelector": self.selector} if self.selector else {}


EVERYTHING = Scope()


def follow(
    kube: Kube, kind: Kind, scope: Scope = EVERYTHING, *, since: str, silence: float
) -> Iterator[Json]:
    """Follow the objects of a kind.

    Args:
        kube: The API server.
        kind: What to follow.
        scope: Which of them.
        since: The resourceVersion to go on from; empty for all objects first, then a bookmark with
            the annotation `INITIAL_EVENTS_END`, then changes.
        silence: Seconds without a word after which the connection counts as lost.

    Yields:
        Watch events with `type` and `object`.

    Raises:
        WatchExpired: The version is too old: start anew.
        KubeRefused: The API server said no.
        KubeUnreachable: The connection broke, or was silent for too long.
    """
    where = {"namespace": scope.namespace, **scope.query()}
    try:
        yield from kube.watch(kind, since=since, silence=silence, **where)
    except KubeRefused as refusal:
        if since or refusal.status not in _NOT_OFFERED:
            raise
        version = yield from _by_pages(kube, kind, scope)
        yield from kube.watch(kind, since=version, silence=silence, **where)


def _by_pages(kube: Kube, kind: Kind, scope: Scope) -> Generator[Json, None, str]:
    """Tell every object and then a bookmark; return its version."""
    query = {"limit": str(OBJECTS_PER_PAGE), **scope.query()}
    while True:
        page = kube.page(kind, scope.namespace, **query)
        for item in page["items"]:
            yield {"type": "ADDED", "object": item}
        meta = page["metadata"]
        if not meta.get("continue"):
            break
        query["continue"] = meta["continue"]
    version: str = meta["resourceVersion"]
    bookmark = {"resourceVersion": version, "annotations": {INITIAL_EVENTS_END: "true"}}
    yield {"type": "BOOKMARK", "object": {"metadata": bookmark}}
    return version
