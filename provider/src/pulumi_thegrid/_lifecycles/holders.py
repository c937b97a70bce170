"""Which resources hold a thing of the market, as far as one run of one provider has seen.

What is adopted carries no mark of its resource, so the market cannot tell whose it is. But a run
asks about every resource that its program declares before it deletes any: so a half that is renamed
away or replaced is told that another one holds its key or order, also in a run after the one that
made that.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias

Holder: TypeAlias = tuple[str, datetime | None]
"""Who it is, and the beginning of its life: a replacement is the same as what it replaces. None
stands in states of a version that did not record it."""


class Holders:
    """What a run has seen. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders: defaultdict[str, set[Holder]] = defaultdict(set)

    def note(self, ids: Iterable[str], holder: Holder) -> None:
        """Remember that a resource holds some things."""
        with self._lock:
            for id_ in ids:
                self._holders[id_].add(holder)

    def claim(self, id_: str, holder: Holder) -> bool:
        """Let a resource hold a thing, unless another one does. Tell whether it may."""
        with self._lock:
            holders = self._holders[id_]
            if any(who != holder[0] for who, _ in holders):
                return False
            holders.add(holder)
            return True

    def release(self, id_: str, holder: Holder) -> bool:
        """Let a resource hold a thing no longer. Tell whether another one still does."""
        with self._lock:
            holders = self._holders[id_]
            holders.discard(holder)
            return bool(holders)
