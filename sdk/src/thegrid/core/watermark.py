"""What the history of transfers showed before something was done, so that what came after is known.

The market names no transfer by what its caller chose, so a transfer whose answer was lost can only
be told from others by when it came: after the watermark. Only the market's own times are compared
with each other, so no clock of ours has to agree with the market's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from thegrid.core.model import Transfer

MARGIN = timedelta(minutes=10)
"""How far the times that the market gives may be out of order. Larger is safer, and longer."""


@dataclass(frozen=True, slots=True)
class Watermark:
    """The end of a history, as it was seen.

    Attributes:
        since: What is older came before, shown or not: the newest time seen, less the margin. None
            where nothing was seen, so that everything may have come after.
        seen: Ids that were shown and are not older; those came before too.
    """

    since: datetime | None = None
    seen: frozenset[str] = frozenset()

    @classmethod
    def of(cls, shown: Iterable[Transfer]) -> Watermark:
        """Take the watermark of a history, which may be late or broken off.

        What was not shown, and is not clearly older, counts as having come after.

        Args:
            shown: The transfers that were shown, in any order.
        """
        rows = tuple(shown)
        times = [time for row in rows if (time := time_of(row))]
        since = max(times) - MARGIN if times else None
        unmarked = cls(since)
        return cls(since, frozenset(row.id for row in rows if not unmarked.is_before(row)))

    def is_before(self, transfer: Transfer) -> bool:
        """Tell whether a transfer happened before the watermark was taken."""
        time = time_of(transfer)
        is_older = self.since is not None and time is not None and time < self.since
        return is_older or transfer.id in self.seen


def time_of(transfer: Transfer) -> datetime | None:
    """Return when a transfer happened, as far as the market says."""
    return transfer.transferred_at or transfer.recorded_at
