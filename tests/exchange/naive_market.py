"""A market as a child would build it: lists, sorted by hand, every balance counted anew.

It shares no code with the emulator. Units are kept one by one with the price of each, what is
locked is added up from the open orders whenever it is asked for, and amounts are fractions.
"""

from dataclasses import dataclass, field
from fractions import Fraction

from tests.exchange.naive_consumption import NaiveConsumption, NaiveLot, RefusedError


@dataclass
class NaiveOrder:
    owner: str
    market: int
    side: str
    limit: Fraction | None
    quantity: int
    force: str
    post_only: bool
    to_consumption: bool
    label: str | None
    arrived: int
    filled: int = 0
    value: Fraction = Fraction(0)
    fee: Fraction = Fraction(0)
    ended: str | None = None

    @property
    def left(self):
        return self.quantity - self.filled


@dataclass
class NaiveUser:
    cash: Fraction = Fraction(0)
    units: dict[int, list[Fraction]] = field(default_factory=lambda: {0: [], 1: []})
    lots: dict[int, list[NaiveLot]] = field(default_factory=lambda: {0: [], 1: []})
    easy: bool = False


class NaiveMarket(NaiveConsumption):
    """Two markets, a few users, and everything they own."""

    def __init__(self, fee_rate):
        self.fee_rate = Fraction(fee_rate)
        self.users: dict[str, NaiveUser] = {}
        self.orders: list[NaiveOrder] = []
        self.trades: list[tuple] = []
        self.moves: list[tuple] = []
        self.fees = Fraction(0)
        self.paid_in = Fraction(0)
        self.issued = self.used = self.expired = 0
        self.now = 0
        self.arrivals = 0
        self.closed: set[int] = set()

    # what somebody has

    def waiting(self, market, side):
        rows = [
            it for it in self.orders if it.market == market and it.side == side and it.ended is None
        ]
        return sorted(rows, key=lambda it: (-it.limit if side == "buy" else it.limit, it.arrived))

    def locked_cash(self, name):
        return sum(
            (self.cost(it.limit * it.left) for it in self.open_orders(name) if it.side == "buy"),
            Fraction(0),
        )

    def locked_units(self, name, market):
        return sum(
            it.left for it in self.open_orders(name) if it.side == "sell" and it.market == market
        )

    def open_orders(self, name):
        return [it for it in self.orders if it.owner == name and it.ended is None]

    def cost(self, value):
        return value + value * self.fee_rate

    # what somebody does

    def deposit(self, name, usd):
        self.users[name].cash += usd
        self.paid_in += usd

    def withdraw(self, name, usd):
        if usd > self.users[name].cash - self.locked_cash(name):
            raise RefusedError("insufficient_balance")
        self.users[name].cash -= usd
        self.paid_in -= usd

    def place(
        self, name, market, side, limit, quantity, force, *, post_only, to_consumption, label
    ):
        user = self.users[name]
        if market in self.closed:
            raise RefusedError("market_closed")
        if post_only and (limit is None or force != "gtc"):
            raise RefusedError("not_supported")
        if to_consumption and (side == "sell" or user.easy):
            raise RefusedError("not_supported")
        if label and any((it.owner, it.label) == (name, label) for it in self.orders):
            raise RefusedError("duplicate_client_order_id")
        terms = (limit, quantity, force, post_only, to_consumption, label)
        order = NaiveOrder(name, market, side, *terms, arrived=self.arrivals)
        meets, own = self.would_meet(order)
        if post_only and (meets or own):
            raise RefusedError("post_only_would_cross")
        if side == "sell" and quantity > len(user.units[market]) - self.locked_units(name, market):
            raise RefusedError("insufficient_balance")
        if side == "buy":
            value = sum(row.limit for row in meets) if limit is None else limit * quantity
            if self.cost(value) > user.cash - self.locked_cash(name):
                raise RefusedError("insufficient_balance")
        self.arrivals += 1
        self.orders.append(order)
        self.run(order, meets, own=own)
        return order

    def change(self, order, limit, quantity, force):
        self.check_changeable(order)
        new_limit = order.limit if limit is None else limit
        new_quantity = order.quantity if quantity is None else quantity
        new_force = force or order.force
        if new_quantity <= order.filled:
            raise RefusedError("invalid_quantity")
        if order.post_only and new_force != "gtc":
            raise RefusedError("not_supported")
        as_is = (order.limit, order.quantity, order.force)
        user = self.users[order.owner]
        order.limit, order.quantity, order.force = new_limit, new_quantity, new_force
        try:
            if as_is[0] != new_limit or as_is[2] != new_force or new_quantity > as_is[1]:
                meets, own = self.would_meet(order)
                if order.post_only and (meets or own):
                    raise RefusedError("post_only_would_cross")
            else:
                meets = None
            units = len(user.units[order.market])
            if self.locked_cash(order.owner) > user.cash:
                raise RefusedError("insufficient_balance")
            if self.locked_units(order.owner, order.market) > units:
                raise RefusedError("insufficient_balance")
        except RefusedError:
            order.limit, order.quantity, order.force = as_is
            raise
        if meets is not None:
            order.arrived = self.arrivals
            self.arrivals += 1
            self.run(order, meets, own=own)

    def check_changeable(self, order):
        if order.ended is not None:
            raise RefusedError("order_not_changeable")
        if order.market in self.closed:
            raise RefusedError("market_closed")

    def cancel(self, order, reason="user_cancelled"):
        if order.ended is not None:
            again = order.ended != "filled"
            raise RefusedError("order_already_cancelled" if again else "order_not_cancellable")
        order.ended = reason

    def cancel_all(self, name, market):
        rows = [it for it in self.open_orders(name) if market in {None, it.market}]
        for order in rows:
            self.cancel(order, "bulk_cancelled")
        return len(rows)

    def sweep(self, exempt):
        for name, user in self.users.items():
            if name == exempt:
                continue
            for order in self.open_orders(name):
                if order.side == "sell":
                    order.ended = "swept"
            for market, units in user.units.items():
                if units:
                    self.transfer(name, market, len(units))

    def pass_time(self, seconds):
        self.now += seconds
        for user in self.users.values():
            for lot in user.lots[0] + user.lots[1]:
                if lot.expires <= self.now and not lot.expired:
                    lot.expired = True
                    self.expired += lot.free
                    lot.free = 0

    # how it comes about

    def would_meet(self, order):
        """The resting order behind each single unit, and whether an own order is in the way."""
        meets = []
        for row in self.waiting(order.market, "sell" if order.side == "buy" else "buy"):
            if order.limit is not None:
                too_dear = (
                    row.limit > order.limit if order.side == "buy" else row.limit < order.limit
                )
                if too_dear:
                    break
            if len(meets) == order.left:
                break
            if row.owner == order.owner:
                return self.all_or_nothing(order, meets), True
            meets.extend([row] * min(row.left, order.left - len(meets)))
        return self.all_or_nothing(order, meets), False

    @staticmethod
    def all_or_nothing(order, meets):
        return [] if order.force == "fok" and len(meets) < order.left else meets

    def run(self, order, meets, *, own):
        makers = []
        for row in meets:
            if row not in makers:
                makers.append(row)
        for row in makers:
            self.trade(order, row, sum(it is row for it in meets))
        if not order.left:
            order.ended = "filled"
        elif order.force == "fok":
            order.ended = "fok_unfilled"
        elif order.limit is None:
            order.ended = "no_liquidity"
        elif order.force == "ioc":
            order.ended = "ioc_remainder"
        elif own:
            order.ended = "no_liquidity"

    def trade(self, taker, maker, quantity):
        buy, sell = (taker, maker) if taker.side == "buy" else (maker, taker)
        buyer, seller = self.users[buy.owner], self.users[sell.owner]
        value = maker.limit * quantity
        fee = value * self.fee_rate
        buyer.cash -= value + fee
        seller.cash += value
        self.fees += fee
        buy.fee += fee
        for order in (taker, maker):
            order.filled += quantity
            order.value += value
        if not maker.left:
            maker.ended = "filled"
        del seller.units[taker.market][:quantity]
        if buyer.easy or buy.to_consumption:
            self.enter(buy.owner, taker.market, [maker.limit] * quantity)
        else:
            buyer.units[taker.market] += [maker.limit] * quantity
        self.trades.append(
            (taker.market, buy.owner, sell.owner, quantity, maker.limit, taker.side, fee, self.now)
        )
