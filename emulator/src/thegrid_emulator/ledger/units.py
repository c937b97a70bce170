"""Units of one instrument that a user can sell, kept as parcels by what they cost."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from thegrid_emulator.ledger.refusals import insufficient, invalid

TOKENS_PER_UNIT = 1_000_000
"""Input and output tokens counted alike ("Instruments" in the vendor's documentation)."""


@dataclass(slots=True)
class Parcel:
    """Units that came in at one price.

    Attributes:
        quantity: units.
        price: USD per unit without the fee, or None if nobody said.
    """

    quantity: int
    price: Decimal | None


@dataclass(slots=True)
class Units:
    """A trading account.

    Attributes:
        created_at: when it was opened.
        updated_at: when a balance last changed.
        total: units owned.
        locked: of these, units that open sell orders hold.
        parcels: the same units by price, oldest first.
        opened_at: when the present or the last position began.
        closed_at: when the last position ended; None while there are units.
        last_deposit_at: when units last came other than by a trade.
        last_withdrawal_at: when units last left other than by a trade.
        last_trade_at: when a trade last moved units.
    """

    created_at: datetime
    updated_at: datetime
    total: int = 0
    locked: int = 0
    parcels: deque[Parcel] = field(default_factory=deque)
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    last_deposit_at: datetime | None = None
    last_withdrawal_at: datetime | None = None
    last_trade_at: datetime | None = None

    @property
    def available(self) -> int:
        """Units that can be sold or transferred."""
        return self.total - self.locked

    @property
    def total_cost(self) -> Decimal:
        """USD that the units cost, as far as their prices are known."""
        return sum(
            (it.quantity * it.price for it in self.parcels if it.price is not None), Decimal(0)
        )

    @property
    def average_cost(self) -> Decimal | None:
        """USD per unit over the units whose price is known, to 8 places; None without any."""
        priced = sum(it.quantity for it in self.parcels if it.price is not None)
        return round(self.total_cost / priced, 8) if priced else None

    def lock(self, quantity: int, now: datetime) -> None:
        """Hold units for an order.

        Raises:
            MarketError: 422 `insufficient_balance` if that many are not available.
        """
        self.check_available(quantity)
        self.locked += quantity
        self.updated_at = now

    def unlock(self, quantity: int, now: datetime) -> None:
        """Let go of units that an order held."""
        self.locked -= quantity
        self.updated_at = now

    def check_available(self, quantity: int) -> None:
        """Let a quantity pass that could be sold now.

        Raises:
            MarketError: 422 `insufficient_balance` otherwise.
        """
        if quantity > self.available:
            raise insufficient("units", self.available, quantity)

    def add(self, quantity: int, price: Decimal | None, now: datetime) -> None:
        """Take units in, behind those that are there."""
        if not self.total:
            self.opened_at, self.closed_at = now, None
        if self.parcels and self.parcels[-1].price == price:
            self.parcels[-1].quantity += quantity
        else:
            self.parcels.append(Parcel(quantity, price))
        self.total += quantity
        self.updated_at = now

    def take(self, quantity: int, now: datetime) -> list[Parcel]:
        """Give units away, oldest first.

        Args:
            quantity: at most `total`; what is locked must have been unlocked before.
            now: when.

        Returns:
            What left, by price.
        """
        self.total -= quantity
        self.updated_at = now
        if not self.total:
            self.closed_at = now
        taken: list[Parcel] = []
        while quantity:
            oldest = self.parcels[0]
            part = min(quantity, oldest.quantity)
            taken.append(Parcel(part, oldest.price))
            quantity -= part
            oldest.quantity -= part
            if not oldest.quantity:
                self.parcels.popleft()
        return taken


def checked_quantity(quantity: int) -> int:
    """Return a quantity of whole units that may move.

    Raises:
        MarketError: 422 `invalid_quantity` if it is below 1.
    """
    if quantity < 1:
        raise invalid("quantity", "a whole number of units, at least 1")
    return quantity
