"""Orders, what becomes of them, and what the account owns through them.

Prices are US dollars for one unit, quantities are units of a million tokens. Orders follow The
Grid's documentation, "Orders" and "Order types".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from thegrid.core.model.market import Side

OrderType = Literal["limit", "market"]
TERMINAL_STATUSES = frozenset({"filled", "cancelled", "rejected", "expired"})
"""An order in one of these never changes again. Unknown statuses count as not terminal."""

LONGEST_CLIENT_ORDER_ID = 128


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to place.

    Args:
        market_id: Where.
        side: `buy` or `sell`.
        quantity: Whole units, from 1.
        price: US dollars per unit; for a limit order only, which needs one.
        type: `limit` rests until it is filled or cancelled, `market` takes the best prices at once.
        time_in_force: `gtc`, `ioc` or `fok`; None for the market's default, `gtc`.
        client_order_id: A name of the caller's own, of 1 to 128 characters, that no other order of
            the account has; by it the order is found again. None lets the client make one up.
        post_only: Refuse the order if it would trade at once; None leaves it out.
        auto_transfer: For a buy in mode `advanced`: move what it buys into the consumption account;
            None leaves it out.

    Raises:
        ValueError: A field cannot be; the message begins with its name.
    """

    market_id: str
    side: Side
    quantity: int
    price: Decimal | None = None
    type: OrderType = "limit"
    time_in_force: str | None = None
    client_order_id: str | None = None
    post_only: bool | None = None
    auto_transfer: bool | None = None

    def __post_init__(self) -> None:
        for problem in (
            _wrong_choice(self),
            wrong_quantity(self.quantity),
            _wrong_price(self),
            _wrong_client_order_id(self.client_order_id),
        ):
            if problem:
                raise ValueError(problem)


def wrong_quantity(quantity: object) -> str | None:
    """Say what is wrong with a number of units to order or to move, or None."""
    if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 1:
        return f"quantity: {quantity!r} is not a whole number of units from 1"
    return None


def wrong_amount(field: str, price: object) -> str | None:
    """Say what is wrong with a price, or None.

    Args:
        field: How to call it.
        price: US dollars per unit.

    Returns:
        One line, or None for a decimal above zero.
    """
    if not isinstance(price, Decimal) or not price.is_finite() or price <= 0:
        return f"{field}: {price!r} is not a decimal of US dollars above zero"
    return None


def _wrong_choice(order: NewOrder) -> str | None:
    if order.side not in ("buy", "sell"):
        return f"side: {order.side!r} is neither 'buy' nor 'sell'"
    if order.type not in ("limit", "market"):
        return f"type: {order.type!r} is neither 'limit' nor 'market'"
    if order.auto_transfer and order.side == "sell":
        return "auto_transfer: only what a buy order brings can be moved"
    return None


def _wrong_price(order: NewOrder) -> str | None:
    if order.type == "market":
        return "price: a market order has none" if order.price is not None else None
    if order.price is None:
        return "price: a limit order needs one"
    return wrong_amount("price", order.price)


def _wrong_client_order_id(name: str | None) -> str | None:
    if name is not None and not 1 <= len(name) <= LONGEST_CLIENT_ORDER_ID:
        return f"client_order_id: must have 1 to {LONGEST_CLIENT_ORDER_ID} characters"
    return None


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """The answer to placing an order. What became of it is read by its identifier."""

    id: str
    client_order_id: str


@dataclass(frozen=True, slots=True)
class Order:
    """An order as the market keeps it.

    Attributes:
        id: The market's identifier, to be taken as it is.
        market_id: Where.
        side: `buy` or `sell`.
        type: `limit` or `market`.
        status: `pending`, `active`, `partially_filled`, `cancellation_pending`, `filled`,
            `cancelled`, `rejected`, `expired`, or what the market may add.
        quantity: Units ordered.
        filled_quantity: Units traded so far.
        price: US dollars per unit, or None for a market order.
        average_price: Average of what was traded, or None while nothing was.
        fee: US dollars, or None where it is not told.
        client_order_id: The caller's own name for it, or None.
        time_in_force: `gtc`, `ioc`, `fok`; empty where it is not told.
        closure_reason: Why it ended, or None.
        submitted_at: When it was placed.
        updated_at: When it last changed.
        closed_at: When it ended, or None.
        market_name: For people.
        instrument_id: What it buys or sells, or an empty text where it is not told.
        instrument_symbol: Its symbol, or an empty text.
        instrument_name: Its name, or an empty text.
        trader_id: Who placed it, or an empty text.
        stop_price: US dollars per unit that wakes a stop order, or None.
    """

    id: str
    market_id: str
    side: Side
    type: str
    status: str
    quantity: Decimal
    filled_quantity: Decimal
    price: Decimal | None = None
    average_price: Decimal | None = None
    fee: Decimal | None = None
    client_order_id: str | None = None
    time_in_force: str = ""
    closure_reason: str | None = None
    submitted_at: datetime | None = None
    updated_at: datetime | None = None
    closed_at: datetime | None = None
    market_name: str = ""
    instrument_id: str = ""
    instrument_symbol: str = ""
    instrument_name: str = ""
    trader_id: str = ""
    stop_price: Decimal | None = None

    @property
    def is_terminal(self) -> bool:
        """Tell whether nothing can happen to it any more; an unknown status does not say so."""
        return self.status in TERMINAL_STATUSES

    @property
    def remaining_quantity(self) -> Decimal:
        """Return the units that are not traded yet."""
        return self.quantity - self.filled_quantity


@dataclass(frozen=True, slots=True)
class OrderCount:
    """How many orders are open; the market counts with a delay.

    Attributes:
        count: In all markets.
        by_market: By the market's identifier.
    """

    count: int
    by_market: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade of the account.

    Attributes:
        id: The market's identifier.
        market_id: Where, or an empty text where it is not told.
        side: The account's side, `buy` or `sell`.
        price: US dollars per unit.
        quantity: Units.
        total_value: US dollars, or None where it is not told.
        fee: US dollars, or None where it is not told.
        status: Such as `executed`; empty where it is not told.
        order_id: The order that it filled, or an empty text.
        trading_account_id: The account that it moved, or an empty text.
        executed_at: When it was made.
        settled_at: When it was settled, or None.
        market_name: For people.
        instrument_id: What was traded, or an empty text.
        instrument_symbol: Its symbol, or an empty text.
        instrument_name: Its name, or an empty text.
    """

    id: str
    market_id: str
    side: Side
    price: Decimal
    quantity: Decimal
    total_value: Decimal | None = None
    fee: Decimal | None = None
    status: str = ""
    order_id: str = ""
    trading_account_id: str = ""
    executed_at: datetime | None = None
    settled_at: datetime | None = None
    market_name: str = ""
    instrument_id: str = ""
    instrument_symbol: str = ""
    instrument_name: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """What the account holds of one instrument and what it paid. Amounts are US dollars.

    Attributes:
        id: The market's identifier.
        instrument_id: What is held.
        status: `open` or `closed`.
        quantity: Units.
        average_cost: Paid per unit, or None where it is not told.
        total_cost: Paid in all, or None where it is not told.
        current_market_value: Worth at the last price, or None where it is not told.
        last_trade_price: That price, or None where it is not told.
        instrument_name: For people.
        account_id: The account that holds it, or an empty text.
        opened_at: When it was first held.
        closed_at: When it was given up, or None.
        recorded_at: When the market wrote it down.
    """

    id: str
    instrument_id: str
    status: str
    quantity: Decimal
    average_cost: Decimal | None = None
    total_cost: Decimal | None = None
    current_market_value: Decimal | None = None
    last_trade_price: Decimal | None = None
    instrument_name: str = ""
    account_id: str = ""
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    recorded_at: datetime | None = None
