"""The journal: every request that reached the market, in order of arrival.

It holds no query, header or body, and so no credential; callers appear as ids.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass
class JournalEntry:
    """One request.

    Attributes:
        sequence: 1 for the first.
        time: when it arrived, by the market's clock.
        surface: platform, trading, consumption, messages or gateway.
        method: of the request.
        path: without the query.
        request_id: `x-request-id` of the answer.
        status: of the answer; None while there is none, and for good if it was dropped.
        user_id: who asked, once known.
        api_key_id: API key that asked, once known.
    """

    sequence: int
    time: datetime
    surface: str
    method: str
    path: str
    request_id: str
    status: int | None = None
    user_id: str | None = None
    api_key_id: str | None = None


class Journal:
    """All entries, oldest first."""

    def __init__(self) -> None:
        self.entries: list[JournalEntry] = []

    def record(
        self, *, surface: str, method: str, path: str, request_id: str, now: datetime
    ) -> JournalEntry:
        """Enter a request on its arrival; the entry is completed while it is answered."""
        entry = JournalEntry(len(self.entries) + 1, now, surface, method, path, request_id)
        self.entries.append(entry)
        return entry
