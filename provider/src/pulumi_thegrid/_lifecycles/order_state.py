"""A standing order's inputs and outputs, read and written. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from pulumi_thegrid._amounts import amount_text
from pulumi_thegrid._lifecycles.lifecycle import Properties, time_of, time_text
from thegrid.core.model import Order
from thegrid.core.order_record import OrderRecord
from thegrid.core.order_spending import day_of
from thegrid.core.order_terms import Terms, WantedOrder, drift_of
from thegrid.core.standing_order import Listing, OrderPlan, Situation

FIXED = ("instrument", "side", "auto_transfer", "intent")
"""Inputs of which each change is another order."""

DECLARED = (
    *FIXED,
    "name",
    "intent_recorded_at",
    "price",
    "quantity",
    "renew",
    "repair",
    "daily_cap_usd",
    "fee_rate",
    "triggers",
    "adopt",
)
IN_DOUBT = "in_doubt"
"""The status of an order that was placed, or perhaps was, and that the market does not show yet."""


def wanted_of(properties: Properties, market_id: str) -> WantedOrder:
    """Read what is declared.

    Raises:
        ValueError: A field cannot be; the message begins with its name.
    """
    return WantedOrder(
        market_id=market_id,
        side=properties["side"],
        price=Decimal(properties["price"]),
        quantity=int(properties["quantity"]),
        auto_transfer=bool(properties.get("auto_transfer")),
        renew=properties["renew"],
        repair=bool(properties["repair"]),
        daily_cap_usd=_decimal(properties.get("daily_cap_usd")),
        fee_rate=Decimal(properties["fee_rate"]),
    )


def record_of(old: Properties) -> OrderRecord:
    """Read what the outputs recorded."""
    return OrderRecord(
        intent=old["intent"],
        generation=int(old["generation"]),
        order_id=old.get("order_id"),
        earlier=tuple(old.get("earlier_order_ids") or ()),
        declared=Terms(Decimal(old["price"]), int(old["quantity"])),
        placed_at=time_of(old.get("placed_at")),
        adopted=old.get("adopt"),
    )


def recorded_situation(old: Properties, wanted: WantedOrder, now: datetime) -> Situation:
    """Return the situation as the outputs recorded it; nothing was listed since."""
    record = record_of(old)
    same_day = old.get("spent_on") == _day(now)
    return Situation(
        wanted=wanted,
        declared=record.declared,
        intent=record.intent,
        generation=record.generation,
        order=_order_of(old),
        listing=Listing.NOT_READ,
        spent_usd=Decimal(old["spent_today_usd"]) if same_day else Decimal(0),
        fee_rate=max(Decimal(old["expected_fee_rate"]), wanted.fee_rate),
        now=now,
        placed_at=record.placed_at,
    )


def outputs_of(
    inputs: Properties,
    place: Mapping[str, Any],
    record: OrderRecord,
    seen: Situation,
    *,
    to: OrderPlan,
) -> dict[str, Any]:
    """Write all outputs.

    Args:
        inputs: What is declared.
        place: Whose it is and where, and since when it is kept.
        record: What is to be recorded.
        seen: The facts as gathered last.
        to: What is to be done next, and why.
    """
    order = seen.order
    return {
        **{name: inputs.get(name) for name in DECLARED},
        **place,
        "adopt": record.adopted,
        "order_id": record.order_id,
        "client_order_id": record.name_of(order),
        "generation": record.generation,
        "placed_at": time_text(record.placed_at),
        "earlier_order_ids": list(record.earlier),
        **order_outputs(order),
        "drift": list(drift_of(seen.wanted.terms, order)) if order else [],
        "condition": to.reason,
        "message": to.message,
        "spent_today_usd": amount_text(seen.spent_usd),
        "spent_on": _day(seen.now) if seen.spent_usd else None,
        "expected_fee_rate": amount_text(seen.fee_rate),
    }


def order_outputs(order: Order | None) -> dict[str, Any]:
    """Write what an order became; None for one that the market does not show."""
    if order is None:
        names = ("order_price", "order_quantity", "filled_quantity", "remaining_quantity")
        return dict.fromkeys((*names, "average_price", "closure_reason")) | {"status": IN_DOUBT}
    return {
        "status": order.status,
        "order_price": amount_text(order.price),
        "order_quantity": amount_text(order.quantity),
        "filled_quantity": amount_text(order.filled_quantity),
        "remaining_quantity": amount_text(order.remaining_quantity),
        "average_price": amount_text(order.average_price),
        "closure_reason": order.closure_reason,
    }


def _order_of(old: Properties) -> Order | None:
    if old["status"] == IN_DOUBT:
        return None
    return Order(
        id=old["order_id"],
        market_id=old["market_id"],
        side=old["side"],
        type="limit",
        status=old["status"],
        quantity=Decimal(old["order_quantity"]),
        filled_quantity=Decimal(old["filled_quantity"]),
        price=_decimal(old.get("order_price")),
        client_order_id=old.get("client_order_id"),
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _day(now: datetime) -> str:
    return day_of(now).date().isoformat()
