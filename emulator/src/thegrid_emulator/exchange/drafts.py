"""From the words of an owner to an order, checked value by value; nothing is held or traded yet."""

import uuid
from dataclasses import replace
from datetime import datetime

from thegrid_emulator.exchange import checks
from thegrid_emulator.exchange.orders import NewOrder, Order, OrderChange
from thegrid_emulator.state.catalogue import Market


def drafted(new: NewOrder, market: Market, now: datetime, *, transfers_anyway: bool) -> Order:
    """Return the order that somebody words.

    Args:
        new: as worded.
        market: in which it is to trade.
        now: when it comes in.
        transfers_anyway: whether its owner's purchases go into consumption without being asked.

    Raises:
        MarketError: 422 for a value that cannot be.
    """
    order_type = checks.checked_type(new.order_type)
    checks.check_price_fits_type(new.price, order_type)
    checks.check_flags(new, transfers_anyway=transfers_anyway)
    checks.check_client_order_id(new.client_order_id)
    return Order(
        order_id=f"order_{uuid.uuid4()}",
        user_id=new.user_id,
        market_id=market.market_id,
        side=checks.checked_side(new.side),
        order_type=order_type,
        quantity=checks.checked_quantity(new.quantity, market.controls),
        price=None if new.price is None else checks.checked_price(new.price, market.controls),
        time_in_force=checks.checked_time_in_force(new.time_in_force),
        client_order_id=new.client_order_id,
        post_only=new.post_only,
        auto_transfer=new.auto_transfer,
        submitted_at=now,
        updated_at=now,
    )


def redrafted(order: Order, change: OrderChange, market: Market) -> Order:
    """Return a copy of an order with a change made.

    Raises:
        MarketError: 422 for a value that cannot be, or if nothing is to change.
    """
    checks.check_no_stop_price(change.stop_price)
    changed = replace(order)
    if change.price is not None:
        changed.price = checks.checked_price(change.price, market.controls)
    if change.quantity is not None:
        changed.quantity = checks.checked_quantity(change.quantity, market.controls)
        checks.check_above_filled(changed.quantity, order.filled_quantity)
    if change.time_in_force is not None:
        changed.time_in_force = checks.checked_time_in_force(change.time_in_force)
        checks.check_may_rest(changed)
    if change == OrderChange():
        fields = "price, quantity or time_in_force"
        raise checks.refused("invalid_order", f"order: must change at least one of {fields}")
    return changed


def keeps_its_place(order: Order, changed: Order) -> bool:
    """Whether a changed order stays where it is in the queue: nothing but less is asked for."""
    same_terms = (order.price, order.time_in_force) == (changed.price, changed.time_in_force)
    return same_terms and changed.quantity <= order.quantity
