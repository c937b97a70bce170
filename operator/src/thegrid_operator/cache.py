"""Which custom resources there are, kept current by a watch; one small fingerprint for each.

What belongs here: following a kind and telling what changed. What does not: the objects
themselves, of which the last few are kept (`recent`).
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import NamedTuple

from thegrid_operator.kube import Json, Kind, Kube, KubeError
from thegrid_operator.logs import log
from thegrid_operator.recent import Recent
from thegrid_operator.sights import Sight
from thegrid_operator.watching import EVERYTHING, INITIAL_EVENTS_END, Scope, follow

SILENCE_SECONDS = 90.0
"""The API server sends a bookmark about every minute; longer silence is a dead connection."""

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 60.0


class Name(NamedTuple):
    """A namespaced object of a known kind."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


class Cache:
    """Follows one kind.

    Args:
        kube: The API server.
        kind: What to follow.
        changed: Called with the name and sight of an object that is new or changed, and with None
            for one that is gone.
        stop: Set to end.
        scope: Which objects of the kind.
        recent: Keeps what changed last.
    """

    def __init__(
        self,
        kube: Kube,
        kind: Kind,
        changed: Callable[[Name, Sight | None], None],
        stop: threading.Event,
        *,
        scope: Scope = EVERYTHING,
        recent: Recent,
    ) -> None:
        self.recent = recent
        self._scope = scope
        self._kube = kube
        self._kind = kind
        self._changed = changed
        self._stop = stop
        self._sights: dict[Name, Sight] = {}
        self._since = ""
        self._heard = False
        self.complete = threading.Event()
        """Set once every object that exists has been seen."""

    def sight_of(self, name: Name) -> Sight | None:
        """Return what was last seen of an object, or None where there is none."""
        return self._sights.get(name)

    def sights(self) -> list[tuple[Name, Sight]]:
        """Return what was last seen of every object."""
        return list(self._sights.copy().items())

    def run(self) -> None:
        """Follow until stopped, with growing pauses while the API server cannot be followed."""
        pause = _FIRST_PAUSE_SECONDS
        while not self._stop.is_set():
            self._heard = False
            try:
                self._follow()
                if self._heard:
                    pause = _FIRST_PAUSE_SECONDS
                    continue
            except KubeError as problem:
                self._since = ""
                self.recent.clear()
                pause = _FIRST_PAUSE_SECONDS if self._heard else pause
                log("WatchBroke", str(problem), pause_seconds=pause)
            self._stop.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _follow(self) -> None:
        """Read one watch to its end."""
        listed: set[Name] | None = set() if not self._since else None
        events = follow(
            self._kube, self._kind, self._scope, since=self._since, silence=SILENCE_SECONDS
        )
        for event in events:
            self._heard = True
            if self._stop.is_set():
                break
            item = event["object"]
            self._since = item["metadata"]["resourceVersion"] if listed is None else self._since
            if event["type"] == "BOOKMARK":
                if listed is not None and self._ends_the_listing(item):
                    for name in self._sights.keys() - listed:
                        self._drop(name)
                    self.complete.set()
                    listed = None
                    self._since = item["metadata"]["resourceVersion"]
                continue
            name = self._name(item)
            if event["type"] == "DELETED":
                self._drop(name)
                continue
            if listed is not None:
                listed.add(name)
            self.recent.note(name, item)
            self._see(name, Sight.of(item))

    def _name(self, item: Json) -> Name:
        meta = item["metadata"]  # thousands share a namespace, and each brings its text anew
        return Name(self._kind.kind, sys.intern(meta["namespace"]), meta["name"])

    def _see(self, name: Name, sight: Sight) -> None:
        before = self._sights.get(name)
        self._sights[name] = sight
        if not sight.asks_for_the_same_as(before):
            self._changed(name, sight)

    def _drop(self, name: Name) -> None:
        self.recent.note(name, None)
        if self._sights.pop(name, None):
            self._changed(name, None)

    @staticmethod
    def _ends_the_listing(item: Json) -> bool:
        return (item["metadata"].get("annotations") or {}).get(INITIAL_EVENTS_END) == "true"
