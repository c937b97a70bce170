"""What this operator follows of a kind: everything, or the part that it was given (`--namespaces`).

What belongs here: several caches as one. What does not: following (`cache`), and which objects a
cache sees (`watching`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from thegrid_operator.cache import Cache, Name
from thegrid_operator.kube import Json
from thegrid_operator.sights import Sight


class Followed:
    """The caches of one kind.

    Args:
        make: Makes the cache of a namespace; an empty text stands for all.
        namespaces: Those to follow; none for all.
    """

    def __init__(self, make: Callable[[str], Cache], namespaces: Sequence[str] = ()) -> None:
        self._caches = {namespace: make(namespace) for namespace in namespaces or ("",)}

    def run(self) -> None:
        """Follow until stopped."""
        first, *others = self._caches.values()
        for cache in others:
            threading.Thread(target=cache.run, name="follower", daemon=True).start()
        first.run()

    def is_complete(self) -> bool:
        """Tell whether every object that exists has been seen."""
        return all(cache.complete.is_set() for cache in self._caches.values())

    def sight_of(self, name: Name) -> Sight | None:
        """Return what was last seen of an object, or None where there is none."""
        cache = self._cache_of(name)
        return cache.sight_of(name) if cache else None

    def take_recent(self, name: Name) -> Json | None:
        """Return an object that has just changed, once, or None where it has to be read."""
        cache = self._cache_of(name)
        return cache.recent.take(name) if cache else None

    def sights(self) -> list[tuple[Name, Sight]]:
        """Return what was last seen of every object."""
        return [seen for cache in self._caches.values() for seen in cache.sights()]

    def users_of(self, account: Name) -> list[Name]:
        """Return the objects that use an account."""
        wanted = (account.namespace, account.name)
        return [name for name, sight in self.sights() if sight.account == wanted]

    def _cache_of(self, name: Name) -> Cache | None:
        return self._caches.get(name.namespace) or self._caches.get("")
