"""What a process knows of transfers until it ends: whose they are, and whose turn it is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class TransferMemory:
    """Shared by all threads of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: dict[tuple[str, str], threading.Lock] = {}
        self._returned: dict[str, str] = {}
        self._adopted: dict[str, str] = {}
        self._tried: set[str] = set()

    @contextmanager
    def turn(self, account_id: str, instrument_id: str) -> Iterator[None]:
        """Let one transfer at a time look at a history and add to it."""
        with self._lock:
            turn = self._turns.setdefault((account_id, instrument_id), threading.Lock())
        with turn:
            yield

    def note(self, transfer_id: str, intent: str, *, adopted: bool) -> None:
        """Remember whose a transfer is, and whether that is certain or was a guess."""
        with self._lock:
            (self._adopted if adopted else self._returned)[transfer_id] = intent

    def returned(self) -> dict[str, str]:
        """Return the ids that the market gave for an intent, with that intent."""
        with self._lock:
            return dict(self._returned)

    def adopted(self) -> dict[str, str]:
        """Return the ids that an intent adopted, with that intent."""
        with self._lock:
            return dict(self._adopted)

    def try_now(self, intent: str) -> None:
        """Remember that an intent is about to be sent."""
        with self._lock:
            self._tried.add(intent)

    def was_tried(self, intent: str) -> bool:
        """Tell whether this process may have sent an intent."""
        with self._lock:
            return intent in self._tried


MEMORY = TransferMemory()
