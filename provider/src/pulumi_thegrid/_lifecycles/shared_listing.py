"""One listing of an account's keys for all resources that are created at about the same time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

GOOD_FOR_SECONDS = 5.0


class SharedListing:
    """A listing that is taken anew when it cannot answer for an owner.

    Before a key is made, its owner is looked up, so that a creation whose answer was lost is not
    taken for one that never was. While Pulumi holds the stack's lock nobody else acts for its
    owners, so a listing answers for every owner for whom nothing was tried since it was taken. A
    listing for each creation would make the first `up` of a large stack quadratic.

    Args:
        good_for_seconds: How old it may get.
    """

    def __init__(self, good_for_seconds: float = GOOD_FOR_SECONDS) -> None:
        self._good_for_seconds = good_for_seconds
        self._lock = threading.Lock()
        self._rows: tuple[Any, ...] = ()
        self._taken_at: float | None = None
        self._tried: set[str] = set()

    def for_creation(self, owner: str, take: Callable[[], Iterable[Any]]) -> tuple[Any, ...]:
        """Return a listing in which everything is that an owner may have been left with.

        Args:
            owner: For whom something is about to be made.
            take: Lists the account's keys.

        Returns:
            The listing, perhaps one that was taken for another owner a moment ago.

        Raises:
            Refused: The market said no.
            Unreachable: No usable answer came.
        """
        with self._lock:
            if owner in self._tried or not self._is_fresh():
                self._rows = tuple(take())
                self._taken_at = time.monotonic()
                self._tried.clear()
            self._tried.add(owner)
            return self._rows

    def outdate(self, owner: str) -> None:
        """Let the listing answer no longer for an owner, since something is done for it."""
        with self._lock:
            self._tried.add(owner)

    def _is_fresh(self) -> bool:
        taken_at = self._taken_at
        return taken_at is not None and time.monotonic() - taken_at < self._good_for_seconds
