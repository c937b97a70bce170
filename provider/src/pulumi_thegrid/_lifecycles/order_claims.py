"""What a process knows, until it ends, of which resource keeps which order."""

from __future__ import annotations

import threading
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keeper:
    """One life of a resource.

    Attributes:
        intent: The resource's intent, which a replacement by hand shares with what it replaces.
        since: When this life took the order, as recorded; None in states of an older version.
    """

    intent: str
    since: str | None


class OrderClaims:
    """Shared by all threads of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keepers: dict[str, set[Keeper]] = {}

    def claim(self, order_id: str, keeper: Keeper) -> bool:
        """Note who keeps an order.

        Returns:
            Whether no resource of another intent keeps it too.
        """
        with self._lock:
            keepers = self._keepers.setdefault(order_id, set())
            keepers.add(keeper)
            return all(it.intent == keeper.intent for it in keepers)

    def release(self, order_id: str, keeper: Keeper) -> bool:
        """Forget that somebody keeps an order.

        Returns:
            Whether nobody else keeps it.
        """
        with self._lock:
            keepers = self._keepers.setdefault(order_id, set())
            keepers.discard(keeper)
            return not keepers


CLAIMS = OrderClaims()
