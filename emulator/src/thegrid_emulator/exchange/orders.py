"""Orders: what is asked for, and what has become of it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from thegrid_emulator.ledger.cash import ZERO

Side = Literal["buy", "sell"]
OrderType = Literal["limit", "market"]
TimeInForce = Literal["gtc", "ioc", "fok"]
OrderStatus = Literal["active", "partially_filled", "filled", "cancelled"]
ClosureReason = Literal[
    "filled",
    "user_cancelled",
    "bulk_cancelled",
    "no_liquidity",
    "ioc_remainder",
    "fok_unfilled",
    "swept",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """An order as its owner words it; the exchange checks every value.

    Attributes:
        user_id: whose it is.
        market_id: canonical id.
        side: `buy` or `sell`.
        order_type: `limit` or `market`.
        quantity: units.
        price: USD per unit; for limit orders only.
        time_in_force: `gtc`, `ioc` or `fok`.
        client_order_id: the owner's name for it, used once.
        post_only: whether it may only rest.
        auto_transfer: whether what it buys goes into consumption at once.
        reduce_only: not supported.
        stop_price: not supported.
    """

    user_id: str
    market_id: str
    side: str
    order_type: str
    quantity: Decimal | int
    price: Decimal | None = None
    time_in_force: str = "gtc"
    client_order_id: str | None = None
    post_only: bool = False
    auto_transfer: bool = False
    reduce_only: bool = False
    stop_price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChange:
    """What an owner wants to be different about an open order; None leaves a value as it is.

    Attributes:
        price: USD per unit.
        quantity: the new total, of which some may be filled.
        time_in_force: `gtc`, `ioc` or `fok`.
        stop_price: not supported.
    """

    price: Decimal | None = None
    quantity: Decimal | int | None = None
    time_in_force: str | None = None
    stop_price: Decimal | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Order:
    """One order.

    Attributes:
        order_id: `order_` and a UUID.
        user_id: whose it is.
        market_id: canonical id.
        side: `buy` or `sell`.
        order_type: `limit` or `market`.
        quantity: units asked for.
        price: USD per unit; None for a market order.
        time_in_force: how long it may wait.
        client_order_id: the owner's name for it.
        post_only: whether it may only rest.
        auto_transfer: whether what it buys goes into consumption at once.
        submitted_at: when it came in.
        updated_at: when it last changed.
        status: where it stands.
        filled_quantity: units traded so far.
        filled_value: USD for which they were traded.
        fee: USD paid on top.
        closure_reason: why it ended; None while it is open.
        closed_at: when it ended; None while it is open.
    """

    order_id: str
    user_id: str
    market_id: str
    side: Side
    order_type: OrderType
    quantity: int
    price: Decimal | None
    time_in_force: TimeInForce
    client_order_id: str | None
    post_only: bool
    auto_transfer: bool
    submitted_at: datetime
    updated_at: datetime
    status: OrderStatus = "active"
    filled_quantity: int = 0
    filled_value: Decimal = ZERO
    fee: Decimal = ZERO
    closure_reason: ClosureReason | None = None
    closed_at: datetime | None = None

    @property
    def limit(self) -> Decimal:
        """USD per unit of a limit order.

        Raises:
            ValueError: if it is a market order.
        """
        if self.price is None:
            raise ValueError("a market order has no price")
        return self.price

    @property
    def remaining(self) -> int:
        """Units not traded yet."""
        return self.quantity - self.filled_quantity

    @property
    def is_open(self) -> bool:
        """Whether anything can still happen to it."""
        return self.closed_at is None

    @property
    def average_price(self) -> Decimal | None:
        """USD per unit over what was traded, to 8 places; None if nothing was."""
        if not self.filled_quantity:
            return None
        return round(self.filled_value / self.filled_quantity, 8)

    def fill(self, quantity: int, value: Decimal, fee: Decimal, now: datetime) -> None:
        """Note a trade; an order with nothing left is filled."""
        self.filled_quantity += quantity
        self.filled_value += value
        self.fee += fee
        self.updated_at = now
        self.status = "partially_filled"
        if not self.remaining:
            self._end("filled", "filled", now)

    def cancel(self, reason: ClosureReason, now: datetime) -> None:
        """End it with what it has."""
        self._end("cancelled", reason, now)

    def _end(self, status: OrderStatus, reason: ClosureReason, now: datetime) -> None:
        self.status, self.closure_reason = status, reason
        self.closed_at = self.updated_at = now
