"""The place of one market, where orders arrive, trade and wait."""

import uuid
from collections.abc import Callable
from datetime import datetime

from thegrid_emulator.exchange.book import Book
from thegrid_emulator.exchange.funds import Funds
from thegrid_emulator.exchange.matching import Match, closure_of_rest, match
from thegrid_emulator.exchange.order_store import OrderStore
from thegrid_emulator.exchange.orders import ClosureReason, Order
from thegrid_emulator.exchange.trades import Tape, Trade, TradeStore
from thegrid_emulator.ledger import Delivery, Ledger
from thegrid_emulator.ledger.cash import ZERO
from thegrid_emulator.state.catalogue import Market, MarketStatus


class Pit:
    """One market at work.

    Args:
        market: what is traded.
        ledger: what trades move.
        funds: what orders hold.
        orders: told which orders wait.
        trades: told what was traded.
        transfers_on_fill: whether what a user buys goes into consumption without the order asking.

    Attributes:
        market: what is traded.
        status: orders are taken only if it is `active`.
        book: who waits.
        tape: what was traded.
    """

    def __init__(
        self,
        market: Market,
        *,
        ledger: Ledger,
        funds: Funds,
        orders: OrderStore,
        trades: TradeStore,
        transfers_on_fill: Callable[[str], bool],
    ) -> None:
        self.market = market
        self.status: MarketStatus = "active"
        self.book = Book()
        self.tape = Tape()
        self._ledger = ledger
        self._funds = funds
        self._orders = orders
        self._trades = trades
        self._transfers_on_fill = transfers_on_fill

    @property
    def instrument_id(self) -> str:
        """Id of what is traded."""
        return self.market.instrument.instrument_id

    def match(self, order: Order) -> Match:
        """Return what an order would trade with if it arrived now."""
        return match(order, self.book.opposite(order.side))

    def arrive(self, order: Order, found: Match, now: datetime) -> None:
        """Let an order trade with what it has found; the rest waits or ends.

        Args:
            order: in no book; what it needs is locked.
            found: the match of this order as the book is now.
            now: when.
        """
        for resting, quantity in found.fills:
            self._trade(order, resting, quantity, now)
        if not order.is_open:
            return
        reason = closure_of_rest(order, met_own=found.meets_own)
        if reason is not None:
            self.close(order, reason, now)
        else:
            self.book.side(order.side).add(order)
            self._orders.note_waiting(order)
            self.tape.note_quote(now)

    def leave(self, order: Order) -> None:
        """Take an order that waits out of the book; it is still open."""
        self.book.side(order.side).remove(order)
        self._orders.note_gone(order)

    def close(self, order: Order, reason: ClosureReason, now: datetime) -> None:
        """End an order that is in no book, and let go of what it holds."""
        self._funds.unlock(order, self.instrument_id, now)
        order.cancel(reason, now)

    def _trade(self, taker: Order, maker: Order, quantity: int, now: datetime) -> None:
        price = maker.limit
        buyer, seller = (taker, maker) if taker.side == "buy" else (maker, taker)
        value = price * quantity
        fee = self._funds.fee(value)
        held = value if buyer.price is None else buyer.price * quantity
        self._ledger.deliver(
            Delivery(
                buyer_id=buyer.user_id,
                seller_id=seller.user_id,
                instrument_id=self.instrument_id,
                quantity=quantity,
                price=price,
                fee=fee,
                released=self._funds.with_fee(held),
                into_consumption=buyer.auto_transfer or self._transfers_on_fill(buyer.user_id),
            ),
            now,
        )
        self.book.side(maker.side).reduce(maker, quantity)
        buyer.fill(quantity, value, fee, now)
        seller.fill(quantity, value, ZERO, now)
        if not maker.is_open:
            self.leave(maker)
        trade = Trade(
            trade_id=f"trade_{uuid.uuid4()}",
            market_id=self.market.market_id,
            price=price,
            quantity=quantity,
            taker_side=taker.side,
            buyer_id=buyer.user_id,
            seller_id=seller.user_id,
            buy_order_id=buyer.order_id,
            sell_order_id=seller.order_id,
            buyer_fee=fee,
            executed_at=now,
        )
        self.tape.record(trade)
        self._trades.add(trade)
