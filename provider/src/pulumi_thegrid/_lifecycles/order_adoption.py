"""Which orders can be taken over, and what is shown of one that is only looked up. Pure."""

from __future__ import annotations

from typing import Any

from pulumi_thegrid._amounts import amount_text
from pulumi_thegrid._lifecycles.intent import is_nonce
from pulumi_thegrid._lifecycles.order_state import order_outputs
from thegrid.client import Misuse
from thegrid.core.model import Market, Order
from thegrid.core.order_terms import WantedOrder, intent_in


def is_ours(order: Order) -> bool:
    """Tell whether an order was placed by a `StandingOrder`, of this stack or of another one."""
    intent = intent_in(order.client_order_id)
    return intent is not None and is_nonce(intent)


def can_be_kept(order: Order) -> bool:
    """Tell whether an order is a limit order that is on the book and stays there."""
    is_plain = order.type == "limit" and order.price is not None and order.stop_price is None
    return is_plain and not order.is_terminal and order.status != "cancellation_pending"


def refuse_adoption(order: Order, wanted: WantedOrder) -> None:
    """Refuse what cannot be taken over.

    Args:
        order: The order that is to be adopted.
        wanted: What is declared.

    Raises:
        Misuse: It cannot; says why and what to do.
    """
    problem = _problem(order, wanted)
    if problem:
        raise Misuse(f"adopt: order {order.id} {problem}")


def looked_up(order: Order, symbol: str, account_id: str) -> dict[str, Any]:
    """Return the outputs of an order that is not managed here.

    Args:
        order: The order as read.
        symbol: What it trades.
        account_id: Whose it is.
    """
    return {
        "instrument": symbol,
        "side": order.side,
        "price": amount_text(order.price),
        "quantity": amount_text(order.quantity),
        "account_id": account_id,
        "market_id": order.market_id,
        "order_id": order.id,
        "client_order_id": order.client_order_id,
        **order_outputs(order),
    }


def symbol_in(market: Market) -> str:
    """Return the symbol of what a market trades, or its id where the market tells none."""
    return next((it.symbol.lower() for it in market.instruments), "") or market.instrument_ids[0]


def _problem(order: Order, wanted: WantedOrder) -> str | None:
    if is_ours(order):
        return "was placed by another standing order, of this stack or of another one"
    if order.is_terminal:
        return f"is {order.status}; leave adopt out to have a new one placed"
    if not can_be_kept(order):
        kind = order.type if order.status != "cancellation_pending" else order.status
        return f"is no limit order that stays on the book, but {kind}"
    if (order.side, order.market_id) != (wanted.side, wanted.market_id):
        return (
            f"is another one than declared: {order.side} {order.instrument_symbol} in "
            f"{order.market_id}"
        )
    return None
