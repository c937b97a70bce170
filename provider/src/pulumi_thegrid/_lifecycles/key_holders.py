"""Which resources hold a key, as far as one run of one provider has seen.

An adopted key carries no tag of its resource, so the market cannot tell whose it is. But a run asks
about every resource that its program declares before it deletes any: so a half that is renamed away
or replaced is told that another one holds its key, also in a run after the one that made that.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias

from thegrid.core.identity import Owner

Holder: TypeAlias = tuple[Owner, datetime]
"""The owner, and the beginning of its life: a replacement has the owner of what it replaces."""


class KeyHolders:
    """What a run has seen. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders: defaultdict[str, set[Holder]] = defaultdict(set)

    def note(self, key_ids: Iterable[str], holder: Holder) -> None:
        """Remember that a resource holds some keys."""
        with self._lock:
            for key_id in key_ids:
                self._holders[key_id].add(holder)

    def claim(self, key_id: str, holder: Holder) -> bool:
        """Let a new resource hold a key, unless one of another owner does. Tell whether it may."""
        with self._lock:
            holders = self._holders[key_id]
            if any(owner != holder[0] for owner, _ in holders):
                return False
            holders.add(holder)
            return True

    def release(self, key_id: str, holder: Holder) -> bool:
        """Let a resource hold a key no longer. Tell whether another one still does."""
        with self._lock:
            holders = self._holders[key_id]
            holders.discard(holder)
            return bool(holders)
