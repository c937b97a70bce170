"""What a watch told last, so that a look which follows a change need not read it again.

A watch tells all changes in their order. So what it told of an object last is what a read would
show, unless the watch is behind; and one that has just said something is not far behind. Who takes
an object from here must bear that it is a moment old: what that means for keys is in
docs/decisions/0014-what-a-look-takes-for-read.md.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable, Hashable

from thegrid_operator.kube import Json

TRUSTED_SECONDS = 10.0
"""For so long after its last word a watch is believed."""

MOST_KEPT = 512
LONGEST_KEPT = 8192
"""So many objects of so many characters at most: few are longer than two thousand, and whoever may
write annotations of 256 KiB must not fill the memory."""


class Recent:
    """The objects that changed last, each until it is taken. Safe for several threads.

    Args:
        clock: Seconds that only grow.
        most: How many objects are kept; those that changed longest ago go first.
    """

    def __init__(self, clock: Callable[[], float], most: int = MOST_KEPT) -> None:
        self._clock = clock
        self._most = most
        self._heard = -math.inf
        self._texts: dict[Hashable, str] = {}
        self._lock = threading.Lock()

    def note(self, name: Hashable, item: Json | None) -> None:
        """Keep an object as the watch has just told it; None for one that is gone."""
        self._heard = self._clock()
        if not self._most:
            return
        text = _text(item) if item else ""
        with self._lock:
            self._texts.pop(name, None)
            if not 0 < len(text) <= LONGEST_KEPT:
                return
            if len(self._texts) >= self._most:
                del self._texts[next(iter(self._texts))]
            self._texts[name] = text

    def clear(self) -> None:
        """Forget all objects, since changes may have been missed."""
        with self._lock:
            self._texts.clear()

    def take(self, name: Hashable) -> Json | None:
        """Return an object and forget it, since whoever takes it may change it.

        Args:
            name: Which.

        Returns:
            The object without `managedFields`, or None where it has to be read.
        """
        with self._lock:
            text = self._texts.pop(name, None)
        if text is None or self._clock() - self._heard > TRUSTED_SECONDS:
            return None
        item: Json = json.loads(text)
        return item


def _text(item: Json) -> str:
    """As text an object takes a fifth of the memory; a third of it is of no use to anybody here.

    In ASCII a character is a byte.
    """
    metadata = {name: it for name, it in item["metadata"].items() if name != "managedFields"}
    return json.dumps({**item, "metadata": metadata})
