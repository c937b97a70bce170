"""Trades, and the tape of a market: everything that was traded there, in order."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice, takewhile

from thegrid_emulator.errors import not_found
from thegrid_emulator.exchange.orders import Side
from thegrid_emulator.ledger.cash import ZERO

_DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """One trade, as both sides see it.

    Attributes:
        trade_id: `trade_` and a UUID.
        market_id: where.
        price: USD per unit, that of the order which was there first.
        quantity: units.
        taker_side: side of the order that came second.
        buyer_id: who bought.
        seller_id: who sold.
        buy_order_id: by which order.
        sell_order_id: by which order.
        buyer_fee: USD that the buyer paid on top; the seller pays none.
        executed_at: when.
    """

    trade_id: str
    market_id: str
    price: Decimal
    quantity: int
    taker_side: Side
    buyer_id: str
    seller_id: str
    buy_order_id: str
    sell_order_id: str
    buyer_fee: Decimal
    executed_at: datetime

    @property
    def value(self) -> Decimal:
        """USD without the fee."""
        return self.price * self.quantity

    def side_of(self, user_id: str) -> Side:
        """Return on which side a user was; nobody trades with themselves."""
        return "buy" if user_id == self.buyer_id else "sell"

    def order_id_of(self, user_id: str) -> str:
        """Return by which of a user's orders it came about."""
        return self.buy_order_id if user_id == self.buyer_id else self.sell_order_id

    def fee_of(self, user_id: str) -> Decimal:
        """Return the USD that a user paid on top."""
        return self.buyer_fee if user_id == self.buyer_id else ZERO


class Tape:
    """What a market has seen.

    Attributes:
        trades: all of them, oldest first.
        total_volume: units ever traded.
        quotes: how many orders have ever come to rest.
        last_quote_at: when one last did.
    """

    def __init__(self) -> None:
        self.trades: list[Trade] = []
        self.total_volume = 0
        self.quotes = 0
        self.last_quote_at: datetime | None = None

    def record(self, trade: Trade) -> None:
        """Add a trade."""
        self.trades.append(trade)
        self.total_volume += trade.quantity

    def note_quote(self, now: datetime) -> None:
        """Count an order that comes to rest."""
        self.quotes += 1
        self.last_quote_at = now

    @property
    def last(self) -> Trade | None:
        """The latest trade."""
        return self.trades[-1] if self.trades else None

    def latest(self, limit: int) -> list[Trade]:
        """Return up to `limit` trades, newest first."""
        return list(islice(reversed(self.trades), limit))

    def of_last_day(self, now: datetime) -> list[Trade]:
        """Return the trades of the last 24 hours, newest first."""
        return list(takewhile(lambda it: now - it.executed_at < _DAY, reversed(self.trades)))


class TradeStore:
    """All trades of the exchange, found by id and by who took part."""

    def __init__(self) -> None:
        self._by_id: dict[str, Trade] = {}
        self._of_user: dict[str, list[Trade]] = {}

    def add(self, trade: Trade) -> None:
        """Keep a trade."""
        self._by_id[trade.trade_id] = trade
        for user_id in (trade.buyer_id, trade.seller_id):
            self._of_user.setdefault(user_id, []).append(trade)

    def get(self, user_id: str, trade_id: str) -> Trade:
        """Return one of a user's trades.

        Raises:
            MarketError: 404 if the user has none with this id.
        """
        trade = self._by_id.get(trade_id)
        if trade is None or user_id not in {trade.buyer_id, trade.seller_id}:
            raise not_found("trade")
        return trade

    def of_user(self, user_id: str) -> list[Trade]:
        """Return all of a user's trades, oldest first."""
        return self._of_user.get(user_id, [])
