"""Orders, trades, positions (The Grid's documentation, "Orders" and "Trades").

Older answers name some fields otherwise; each reader lists the spellings, the current one first.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast, get_args

from thegrid.client._wire.fields import (
    Json,
    decimal,
    decimal_or_none,
    decimal_text,
    first,
    label,
    one_of,
    required,
    rows,
    text,
    text_or_none,
    time,
    unwrapped,
    whole,
    without_none,
)
from thegrid.core.model import (
    NewOrder,
    Order,
    OrderCount,
    PlacedOrder,
    Position,
    Side,
    Trade,
    normal_instrument_id,
    normal_market_id,
)

_CURRENT_STATUS = {"open": "active"}
"""The legacy names of statuses."""


def new_order_body(order: NewOrder) -> dict[str, Any]:
    """Write an order to place; what is None is left out."""
    return without_none(
        {
            "market_id": normal_market_id(order.market_id),
            "side": order.side,
            "type": order.type,
            "quantity": str(order.quantity),
            "price": decimal_text(order.price),
            "time_in_force": order.time_in_force,
            "client_order_id": order.client_order_id,
            "post_only": order.post_only,
            "auto_transfer": order.auto_transfer,
        }
    )


def order_change_body(
    *, price: Decimal | None, quantity: int | None, time_in_force: str | None
) -> dict[str, Any]:
    """Write a change of an order; what is None is left out."""
    return without_none(
        {
            "price": decimal_text(price),
            "quantity": None if quantity is None else str(quantity),
            "time_in_force": time_in_force,
        }
    )


def placed_order(body: Json, *, client_order_id: str) -> PlacedOrder:
    """Read the answer to placing an order; it promises no more than the identifier."""
    data = unwrapped(body)
    return PlacedOrder(text(required(data, "order_id", "id")), client_order_id)


def order(data: Json) -> Order:
    """Read an order."""
    instrument_id = label(data.get("instrument_id"))
    status = text(data["status"])
    return Order(
        id=text(required(data, "order_id", "id")),
        market_id=normal_market_id(text(data["market_id"])),
        side=_side(data["side"]),
        type=label(data.get("type")),
        status=_CURRENT_STATUS.get(status, status),
        quantity=decimal(required(data, "quantity", "size")),
        filled_quantity=decimal(data.get("filled_quantity") or 0),
        price=decimal_or_none(data.get("price")),
        average_price=decimal_or_none(first(data, "average_price", "average_fill_price")),
        fee=decimal_or_none(data.get("fee")),
        client_order_id=text_or_none(data.get("client_order_id")),
        time_in_force=label(data.get("time_in_force")),
        closure_reason=text_or_none(data.get("closure_reason")),
        submitted_at=time(first(data, "submitted_at", "created_at")),
        updated_at=time(data.get("updated_at")),
        closed_at=time(data.get("closed_at")),
        market_name=label(data.get("market_name")),
        instrument_id=normal_instrument_id(instrument_id),
        instrument_symbol=label(data.get("instrument_symbol")),
        instrument_name=label(data.get("instrument_name")),
        trader_id=label(data.get("trader_id")),
        stop_price=decimal_or_none(data.get("stop_price")),
    )


def order_in_envelope(body: Json) -> Order | None:
    """Read an order in the envelope `data`; None where the answer holds no whole order."""
    data = body.get("data")
    return order(data) if isinstance(data, dict) and "status" in data else None


def order_count(body: Json) -> OrderCount:
    """Read how many orders are open."""
    data = body["data"]
    counts = rows(data.get("by_market"), lambda row: (row["market_id"], whole(row["count"])))
    return OrderCount(
        whole(data["count"]), {normal_market_id(text(market)): count for market, count in counts}
    )


def cancelled_count(body: Json) -> int:
    """Read how many orders a bulk cancel covers."""
    return whole(unwrapped(body)["cancelled"])


def trade(data: Json) -> Trade:
    """Read a trade of the account."""
    return Trade(
        id=text(required(data, "trade_id", "id")),
        market_id=normal_market_id(label(data.get("market_id"))),
        side=_side(data["side"]),
        price=decimal(data["price"]),
        quantity=decimal(required(data, "quantity", "size")),
        total_value=decimal_or_none(data.get("total_value")),
        fee=decimal_or_none(data.get("fee")),
        status=label(data.get("status")),
        order_id=label(data.get("order_id")),
        trading_account_id=label(data.get("trading_account_id")),
        executed_at=time(first(data, "execution_timestamp", "timestamp")),
        settled_at=time(data.get("settlement_timestamp")),
        market_name=label(data.get("market_name")),
        instrument_id=normal_instrument_id(label(data.get("instrument_id"))),
        instrument_symbol=label(data.get("instrument_symbol")),
        instrument_name=label(data.get("instrument_name")),
    )


def position(data: Json) -> Position:
    """Read what the account holds of an instrument."""
    return Position(
        id=text(data["id"]),
        instrument_id=normal_instrument_id(text(data["instrument_id"])),
        status=label(data.get("status")),
        quantity=decimal(data["quantity"]),
        average_cost=decimal_or_none(data.get("average_cost")),
        total_cost=decimal_or_none(data.get("total_cost")),
        current_market_value=decimal_or_none(data.get("current_market_value")),
        last_trade_price=decimal_or_none(data.get("last_trade_price")),
        instrument_name=label(data.get("instrument_name")),
        account_id=label(data.get("user_account_id")),
        opened_at=time(data.get("opened_at")),
        closed_at=time(data.get("closed_at")),
        recorded_at=time(data.get("inserted_at")),
    )


def _side(value: object) -> Side:
    return cast("Side", one_of(value, get_args(Side)))
