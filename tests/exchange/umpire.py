"""Watches an exchange from outside, and knows only what fair means.

It keeps no book and no balance. It numbers orders as they arrive, and looks at every trade: who was
waiting, and was anybody among them who had to be served before?
"""

from itertools import count, pairwise


class UnfairError(AssertionError):
    """A trade that should have been another."""


class Umpire:
    """Judges the trades of one exchange, step by step.

    Args:
        exchange: whose trades.
        markets: where.
    """

    def __init__(self, exchange, markets):
        self._exchange = exchange
        self._seen = {market.market_id: 0 for market in markets}
        self._orders = {}
        self._arrivals = {}
        self._numbers = count(1)

    def note_arrival(self, order):
        """An order came, or came anew by a change that costs it its place."""
        self._orders[order.order_id] = order
        self._arrivals[order.order_id] = next(self._numbers)

    def judge(self, taker):
        """Look at all trades since the last look; they must be those of one order that came."""
        trades = self._news(taker.market_id)
        makers = [self._maker(trade, taker) for trade in trades]
        for trade, maker in zip(trades, makers, strict=True):
            self._check_price(trade, maker, taker)
            self._check_nobody_was_passed_by(maker)
        for earlier, later in pairwise(makers):
            self._check(self._place(earlier) < self._place(later), "served before", later, earlier)
            self._check(not earlier.is_open, "has more to trade than was taken from it", earlier)

    def check_silence(self):
        """Nothing may have been traded by a step that is no order."""
        for market_id in self._seen:
            if self._news(market_id):
                raise UnfairError("something was traded, and no order came")

    def _news(self, market_id):
        tape = self._exchange.prints(market_id, 10**6)
        news = tape[: len(tape) - self._seen[market_id]]
        self._seen[market_id] = len(tape)
        return news[::-1]

    def _maker(self, trade, taker):
        ids = {trade.buy_order_id, trade.sell_order_id} - {taker.order_id}
        self._check(len(ids) == 1, "traded, but another order came", taker)
        return self._orders[ids.pop()]

    def _check_price(self, trade, maker, taker):
        self._check(trade.price == maker.price, f"waited, but {trade.price} was paid", maker)
        self._check(maker.user_id != taker.user_id, "traded with its own owner", maker, taker)
        if taker.price is not None:
            dearer = trade.price - taker.price
            within = dearer <= 0 if taker.side == "buy" else dearer >= 0
            self._check(within, f"got the price {trade.price}", taker)

    def _check_nobody_was_passed_by(self, maker):
        for other in self._orders.values():
            waits = other.is_open and other is not maker
            if waits and (other.market_id, other.side) == (maker.market_id, maker.side):
                fair = self._place(other) > self._place(maker)
                self._check(fair, "was passed by", other, maker)

    def _place(self, order):
        """A number pair that is smaller the earlier an order must be served."""
        price = -order.price if order.side == "buy" else order.price
        return price, self._arrivals[order.order_id]

    def _check(self, fair, what, *orders):
        if not fair:
            described = [self._described(order) for order in orders]
            raise UnfairError(" / ".join([f"{described[0]}: {what}", *described[1:]]))

    def _described(self, order):
        number = self._arrivals[order.order_id]
        filled = f"{order.filled_quantity} of {order.quantity}"
        return (
            f"{order.user_id}'s {order.side} at {order.price} (arrival {number}, {filled} filled)"
        )
