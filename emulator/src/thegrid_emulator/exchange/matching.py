"""What an arriving order would trade with: decided by looking, before anything moves."""

from dataclasses import dataclass
from decimal import Decimal

from thegrid_emulator.exchange.book import BookSide
from thegrid_emulator.exchange.orders import ClosureReason, Order
from thegrid_emulator.ledger.cash import ZERO


@dataclass(frozen=True, slots=True)
class Match:
    """What an arriving order finds.

    Attributes:
        fills: resting orders and the units to trade with each, best price first and, within a
            price, in the order of arrival.
        quantity: units of all fills.
        value: USD of all fills.
        meets_own: whether the next order to be served is its own owner's. It stops there, and what
            is left of it is cancelled: going on would trade with oneself, or pass by a better
            price.
    """

    fills: tuple[tuple[Order, int], ...]
    quantity: int
    value: Decimal
    meets_own: bool


def match(order: Order, opposite: BookSide) -> Match:
    """Return what an arriving order would trade with; a `fok` order all or nothing.

    Args:
        order: what arrives; `remaining` units are looked for.
        opposite: the side that it trades with.
    """
    found = _walk(order, opposite)
    if order.time_in_force == "fok" and found.quantity < order.remaining:
        return Match((), 0, ZERO, found.meets_own)
    return found


def _walk(order: Order, opposite: BookSide) -> Match:
    """Go from the best price to the worst that the order accepts."""
    fills: list[tuple[Order, int]] = []
    wanted = order.remaining
    value = ZERO
    for level in opposite:
        if not _accepts(order, level.price):
            break
        for resting in level:
            if not wanted:
                break
            if resting.user_id == order.user_id:
                return Match(tuple(fills), order.remaining - wanted, value, meets_own=True)
            part = min(wanted, resting.remaining)
            fills.append((resting, part))
            value += part * level.price
            wanted -= part
        if not wanted:
            break
    return Match(tuple(fills), order.remaining - wanted, value, meets_own=False)


def closure_of_rest(order: Order, *, met_own: bool) -> ClosureReason | None:
    """Return why what is left of an order that has traded what it could must end.

    Args:
        order: with `remaining` units above 0.
        met_own: whether it stopped at an order of its own owner.

    Returns:
        The reason, or None if the rest may wait.
    """
    if order.time_in_force == "fok":
        return "fok_unfilled"
    if order.time_in_force == "ioc" and order.order_type == "limit":
        return "ioc_remainder"
    if order.order_type == "market" or met_own:
        return "no_liquidity"
    return None


def _accepts(order: Order, price: Decimal) -> bool:
    if order.price is None:
        return True
    return price <= order.price if order.side == "buy" else price >= order.price
