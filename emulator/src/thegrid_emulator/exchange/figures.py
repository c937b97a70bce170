"""What can be read off a market: prices, volumes, depth, and what a holding is worth."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice

from thegrid_emulator.exchange.book import Book, BookSide
from thegrid_emulator.exchange.trades import Tape, Trade
from thegrid_emulator.ledger import Units
from thegrid_emulator.ledger.cash import ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketFigures:
    """A market in numbers. Prices are USD per unit; None stands for what there is none of.

    Attributes:
        last_price: of the latest trade.
        last_quantity: units of the latest trade.
        last_trade_at: when the latest trade was.
        highest_bid: best price of a buy order that waits.
        lowest_ask: best price of a sell order that waits.
        high_24h: highest price of the last 24 hours.
        low_24h: lowest price of the last 24 hours.
        volume_24h: units traded in the last 24 hours.
        value_24h: USD for which they were traded.
        change_24h: latest price less the first of the last 24 hours.
        change_percent_24h: the same in percent of the first price, to 2 places.
        total_volume: units ever traded.
        total_trades: trades ever made.
        total_quotes: orders that ever came to rest.
        last_quote_at: when one last did.
    """

    last_price: Decimal | None
    last_quantity: int | None
    last_trade_at: datetime | None
    highest_bid: Decimal | None
    lowest_ask: Decimal | None
    high_24h: Decimal | None
    low_24h: Decimal | None
    volume_24h: int
    value_24h: Decimal
    change_24h: Decimal | None
    change_percent_24h: Decimal | None
    total_volume: int
    total_trades: int
    total_quotes: int
    last_quote_at: datetime | None


def market_figures(book: Book, tape: Tape, now: datetime) -> MarketFigures:
    """Return a market in numbers."""
    last = tape.last
    day = tape.of_last_day(now)
    prices = [trade.price for trade in day]
    change = prices[0] - prices[-1] if prices else None
    return MarketFigures(
        last_price=last.price if last else None,
        last_quantity=last.quantity if last else None,
        last_trade_at=last.executed_at if last else None,
        highest_bid=book.buys.best_price,
        lowest_ask=book.sells.best_price,
        high_24h=max(prices, default=None),
        low_24h=min(prices, default=None),
        volume_24h=sum(trade.quantity for trade in day),
        value_24h=sum((trade.value for trade in day), ZERO),
        change_24h=change,
        change_percent_24h=None if change is None else round(100 * change / prices[-1], 2),
        total_volume=tape.total_volume,
        total_trades=len(tape.trades),
        total_quotes=tape.quotes,
        last_quote_at=tape.last_quote_at,
    )


@dataclass(frozen=True, slots=True)
class DepthLevel:
    """One price of a book.

    Attributes:
        price: USD per unit.
        quantity: units that wait there.
        total: units that wait there or at a better price.
        order_count: orders that wait there.
    """

    price: Decimal
    quantity: int
    total: int
    order_count: int


@dataclass(frozen=True, slots=True)
class Depth:
    """A book from outside, the best price of each side first."""

    buy: tuple[DepthLevel, ...]
    sell: tuple[DepthLevel, ...]


def depth(book: Book, levels: int) -> Depth:
    """Return the best prices of both sides.

    Args:
        book: of the market.
        levels: how many of each side at most.
    """
    return Depth(_levels(book.buys, levels), _levels(book.sells, levels))


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What a user holds of an instrument and can sell.

    Attributes:
        instrument_id: of which instrument.
        quantity: units.
        average_cost: USD per unit over those whose price is known.
        total_cost: USD that they cost.
        last_price: USD per unit of the market's latest trade.
        opened_at: when the position began.
        closed_at: when it ended; None while there are units.
        updated_at: when it last changed.
    """

    instrument_id: str
    quantity: int
    average_cost: Decimal | None
    total_cost: Decimal
    last_price: Decimal | None
    opened_at: datetime
    closed_at: datetime | None
    updated_at: datetime

    @property
    def market_value(self) -> Decimal | None:
        """USD that the units would bring at the last price."""
        return None if self.last_price is None else self.quantity * self.last_price


def position(instrument_id: str, units: Units, last: Trade | None) -> Position:
    """Return a holding as a position."""
    return Position(
        instrument_id=instrument_id,
        quantity=units.total,
        average_cost=units.average_cost,
        total_cost=units.total_cost,
        last_price=last.price if last else None,
        opened_at=units.opened_at or units.created_at,
        closed_at=units.closed_at,
        updated_at=units.updated_at,
    )


def _levels(side: BookSide, levels: int) -> tuple[DepthLevel, ...]:
    found: list[DepthLevel] = []
    total = 0
    for level in islice(side, levels):
        total += level.quantity
        found.append(DepthLevel(level.price, level.quantity, total, level.count))
    return tuple(found)
