"""What to look at, and when: the operator's only schedule.

What belongs here: due times, backoff, and that no two workers hold one key. What does not: what
looking means. Time is monotonic seconds and comes from outside.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

K = TypeVar("K")

FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 300.0


@dataclass(slots=True)
class _Entry:
    taken: bool = False
    touched: bool = False
    failures: int = 0
    ticket: int = 0


class DueQueue(Generic[K]):
    """Hands out keys when they are due, each to one worker at a time.

    Args:
        clock: Monotonic seconds.
        idle: What workers wait on while nothing is due.
        rank: Among keys that are due, those of lower ranks go first; asked when one becomes due.
        waited: Told for how many seconds a key was due before it was taken.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        idle: threading.Condition | None = None,
        *,
        rank: Callable[[K], Any] = lambda _: 0,
        waited: Callable[[float], None] = lambda _: None,
    ) -> None:
        self._clock = clock
        self._rank = rank
        self._waited = waited
        self._entries: dict[K, _Entry] = {}
        self._waiting: list[tuple[float, int, K]] = []  # by due time
        self._ready: list[tuple[Any, float, int, K]] = []  # by rank
        self._tickets = 0
        self._changed = idle or threading.Condition()
        self._closed = False

    def __len__(self) -> int:
        with self._changed:
            return len(self._entries)

    def look_now(self, key: K) -> None:
        """Make a key due at once; while a worker holds it, it becomes due again afterwards.

        Args:
            key: What to look at.
        """
        with self._changed:
            entry = self._entries.setdefault(key, _Entry())
            if entry.taken:
                entry.touched = True
            else:
                self._schedule(key, entry, self._clock())

    def forget(self, key: K) -> None:
        """Give back a key that is gone; if it was touched meanwhile, it may be there again."""
        with self._changed:
            entry = self._entries.get(key)
            if entry and entry.touched:
                self._give_back(key, 0.0, failures=0)
            else:
                self._entries.pop(key, None)

    def put_back(self, key: K) -> None:
        """Give back a key that was not looked at; it stays due, with its failures."""
        with self._changed:
            entry = self._entries[key]
            entry.taken = entry.touched = False
            self._schedule(key, entry, self._clock())

    def take(self) -> K | None:
        """Wait for a key to be due and take it, or return None once the queue is closed."""
        with self._changed:
            while not self._closed:
                now = self._clock()
                key = self._pop_due(now)
                if key is not None:
                    return key
                self._changed.wait(self._waiting[0][0] - now if self._waiting else None)
        return None

    def done(self, key: K, *, look_again_in: float) -> None:
        """Give a key back after success.

        Args:
            key: What was looked at.
            look_again_in: Seconds until it is due again.
        """
        with self._changed:
            self._give_back(key, look_again_in, failures=0)

    def failed(self, key: K, *, at_least: float = 0.0) -> float:
        """Give a key back after a failure; each failure in a row doubles the wait.

        If it was touched meanwhile, that may have mended it, so the count starts anew.

        Args:
            key: What was looked at.
            at_least: Seconds to wait in any case, as when a server said when to come back.

        Returns:
            Seconds until it is due again.
        """
        with self._changed:
            entry = self._entries[key]
            failures = 1 if entry.touched else 1 + entry.failures
            doubled = FIRST_BACKOFF_SECONDS * 2.0 ** min(failures - 1, 16)
            wait = max(at_least, min(doubled, LONGEST_BACKOFF_SECONDS))
            self._give_back(key, wait, failures)
            return wait

    def close(self) -> None:
        """Wake all workers up to end."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _give_back(self, key: K, wait: float, failures: int) -> None:
        entry = self._entries[key]
        entry.taken = False
        entry.failures = failures
        due = self._clock() if entry.touched and not failures else self._clock() + wait
        entry.touched = False
        self._schedule(key, entry, due)

    def _schedule(self, key: K, entry: _Entry, due: float) -> None:
        self._tickets += 1
        entry.ticket = self._tickets
        heapq.heappush(self._waiting, (due, entry.ticket, key))
        self._changed.notify()

    def _pop_due(self, now: float) -> K | None:
        """Take the due key of the lowest rank; what was scheduled anew since is passed over."""
        while self._waiting and self._waiting[0][0] <= now:
            due, ticket, key = heapq.heappop(self._waiting)
            heapq.heappush(self._ready, (self._rank(key), due, ticket, key))
        while self._ready:
            _, due, ticket, key = heapq.heappop(self._ready)
            entry = self._entries.get(key)
            if entry and entry.ticket == ticket:
                entry.taken = True
                self._waited(now - due)
                return key
        return None
