"""What orders hold of their owners' balances, so that every trade can be paid and delivered.

A buy order holds price times quantity and the fee on that; a market order holds what its trades
will cost. A sell order holds its units. The fee is charged to the buyer on top of the value; the
seller pays none (the emulator's choice: no fee schedule is published). Nothing is ever rounded: a
price has at most 8 places and so has the rate.
"""

from datetime import datetime
from decimal import Decimal

from thegrid_emulator.exchange.matching import Match
from thegrid_emulator.exchange.orders import Order
from thegrid_emulator.ledger import Ledger
from thegrid_emulator.ledger.cash import ZERO


class Funds:
    """Locks and unlocks for orders.

    Args:
        ledger: where the balances are.
        fee_rate: share of a trade's value that its buyer pays on top.
    """

    def __init__(self, ledger: Ledger, fee_rate: Decimal) -> None:
        self._ledger = ledger
        self._fee_rate = fee_rate

    def fee(self, value: Decimal) -> Decimal:
        """Return the fee on a value in USD."""
        return value * self._fee_rate

    def with_fee(self, value: Decimal) -> Decimal:
        """Return a value in USD and the fee on it."""
        return value + self.fee(value)

    def lock(self, order: Order, instrument_id: str, found: Match, now: datetime) -> None:
        """Hold what an arriving order needs.

        Raises:
            MarketError: 422 `insufficient_balance`.
        """
        if order.side == "sell":
            self._ledger.lock_units(order.user_id, instrument_id, order.remaining, now)
        else:
            value = found.value if order.price is None else order.price * order.remaining
            self._ledger.lock_cash(order.user_id, self.with_fee(value), now)

    def relock(self, order: Order, changed: Order, instrument_id: str, now: datetime) -> None:
        """Hold what an order needs after a change, instead of what it holds.

        Raises:
            MarketError: 422 `insufficient_balance`; the order holds what it held then.
        """
        if order.side == "sell":
            units = changed.remaining - order.remaining
            self._ledger.lock_units(order.user_id, instrument_id, units, now)
        else:
            more = self._held_cash(changed) - self._held_cash(order)
            self._ledger.lock_cash(order.user_id, more, now)

    def unlock(self, order: Order, instrument_id: str, now: datetime) -> None:
        """Let go of what an order holds for what it has not traded."""
        if order.side == "sell":
            self._ledger.unlock_units(order.user_id, instrument_id, order.remaining, now)
        else:
            self._ledger.unlock_cash(order.user_id, self._held_cash(order), now)

    def _held_cash(self, order: Order) -> Decimal:
        """Return the USD that a buy order holds: none for a market order that has traded."""
        return ZERO if order.price is None else self.with_fee(order.price * order.remaining)
