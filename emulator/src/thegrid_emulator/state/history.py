"""What the market showed a while ago, for listings that appear late.

Production applies a change at once and shows it later, from projections that are eventually
consistent (the vendor's documentation says so of counts, transfers and cancels). The emulator keeps
a copy of what listings read before every change, for as long as it can still be asked for.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class _Copy:
    taken_at: datetime
    stores: Mapping[str, object]


class History:
    """Copies of stores, each true from the change before it until the one that followed.

    Args:
        lag_seconds: how late changes show, by the market's clock; 0 keeps nothing.
    """

    def __init__(self, lag_seconds: float) -> None:
        self._lag = timedelta(seconds=lag_seconds)
        self._copies: list[_Copy] = []

    @property
    def lag(self) -> timedelta:
        """How late changes show."""
        return self._lag

    def remember(
        self, stores: Mapping[str, object], shared: tuple[object, ...], now: datetime
    ) -> None:
        """Keep the stores as they are, because they are about to change.

        Args:
            stores: by name.
            shared: what they refer to that must not be copied with them.
            now: the market's time.
        """
        if not self._lag:
            return
        self._copies = [it for it in self._copies if it.taken_at > now - self._lag]
        memory = {id(thing): thing for thing in shared}
        self._copies.append(_Copy(now, copy.deepcopy(dict(stores), memory)))

    def shown(self, now: datetime) -> Mapping[str, object]:
        """Return the stores that differed a lag ago, as they were; empty if none did."""
        for it in self._copies:
            if it.taken_at > now - self._lag:
                return it.stores
        return {}

    def forget(self) -> None:
        """Let everything show at once."""
        self._copies.clear()
