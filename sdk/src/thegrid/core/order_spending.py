"""What the fills of a UTC day have cost, counted so that nothing is left out. Pure.

The market lists trades with a delay, while a single order is shown as it is. So what an order has
filled beyond its listed trades counts as filled today, at its average price if the market tells
one, else at its limit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from thegrid.core.model import Order, Trade

CLOCK_SKEW = timedelta(seconds=60)
"""So much our time may be ahead of the market's: a day begins only when that has passed."""

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Fills:
    """An order and what the market lists of its trades.

    Attributes:
        order: The order as read by its id.
        trades: All listed trades of the order, of every day; those of other orders do not count.
    """

    order: Order
    trades: tuple[Trade, ...]


def day_of(now: datetime) -> datetime:
    """Return the midnight at which the UTC day began that spending is counted in."""
    earlier = (now - CLOCK_SKEW).astimezone(UTC)
    return earlier.replace(hour=0, minute=0, second=0, microsecond=0)


def next_day(now: datetime) -> datetime:
    """Return when spending is counted from zero again."""
    return day_of(now) + timedelta(days=1) + CLOCK_SKEW


def counts_today(order: Order, now: datetime) -> bool:
    """Tell whether an order may have fills of this day."""
    return order.closed_at is None or order.closed_at >= day_of(now)


def fee_rate_of(fills: Iterable[Fills], declared: Decimal) -> Decimal:
    """Return what a trade is to be expected to cost on top, as a share of its value.

    Args:
        fills: The fills that are known.
        declared: What the owner expects.

    Returns:
        The highest share that was paid, at least what is declared.
    """
    paid = [declared]
    for it in fills:
        for trade in _own_trades(it):
            value = _value(trade)
            if trade.fee and value > 0:
                paid.append(trade.fee / value)
    return max(paid)


def spent_today(fills: Iterable[Fills], fee_rate: Decimal, now: datetime) -> Decimal:
    """Add up what the buys of this UTC day have cost, fees included.

    Args:
        fills: Every order that may have fills of this day, once.
        fee_rate: What to reckon where a fee is not told.
        now: The market's time.

    Returns:
        US dollars; sales cost nothing.
    """
    day = day_of(now)
    return sum((_spent(it, fee_rate, day) for it in fills if it.order.side == "buy"), _ZERO)


def _spent(fills: Fills, fee_rate: Decimal, day: datetime) -> Decimal:
    trades = _own_trades(fills)
    today = [it for it in trades if it.executed_at is None or it.executed_at >= day]
    listed = sum((_value(it) + _fee(it, fee_rate) for it in today), _ZERO)
    return listed + _unlisted(fills.order, trades, fee_rate)


def _unlisted(order: Order, trades: list[Trade], fee_rate: Decimal) -> Decimal:
    """Return what fills cost that no listed trade shows."""
    quantity = order.filled_quantity - sum((it.quantity for it in trades), _ZERO)
    if quantity <= 0:
        return _ZERO
    if order.average_price is None:
        value = quantity * (order.price or _ZERO)
    else:
        value = order.average_price * order.filled_quantity
        value -= sum((_value(it) for it in trades), _ZERO)
    fee = value * fee_rate
    if order.fee is not None:
        fee = max(fee, order.fee - sum((_fee(it, fee_rate) for it in trades), _ZERO))
    return value + fee


def _own_trades(fills: Fills) -> list[Trade]:
    return [it for it in fills.trades if it.order_id == fills.order.id]


def _value(trade: Trade) -> Decimal:
    return trade.price * trade.quantity if trade.total_value is None else trade.total_value


def _fee(trade: Trade, fee_rate: Decimal) -> Decimal:
    return _value(trade) * fee_rate if trade.fee is None else trade.fee
