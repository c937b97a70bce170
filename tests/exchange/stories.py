"""Stories about trading, told in English and told again as they turned out.

A story is a text. Each of its lines is something that somebody does, or a fact about the world as
it is then. `check` plays it, tells it again with what really came of each line, and compares the
two; if they differ, it shows the whole story with the lines that went otherwise.

Ann, bob and eve are there from the beginning, each with 1000 USD and 100 units that cost 1 USD.
What becomes of an order stands behind an arrow, as of the end of the story; so does a refusal.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import partial
from textwrap import dedent

from tests.exchange.conftest import Trading

from thegrid_emulator.errors import MarketError
from thegrid_emulator.exchange import NewOrder, Order, OrderChange
from thegrid_emulator.ledger import Reservation

DEEDS, FACTS = [], []
NOTHING = "nothing"


def deed(pattern):
    """Let a method do what a line says; the line has no arrow unless it is refused."""
    return lambda method: DEEDS.append((re.compile(pattern), method)) or method


def fact(pattern):
    """Let a method tell how it is; the line ends with a colon, and what the method returns."""
    return lambda method: FACTS.append((re.compile(pattern), method)) or method


def check(text):
    """Let a story pass that turns out as it is told; USD and units are all accounted for."""
    expected, seen = told(text), retold(text)
    lines = (
        was if was == line else f"{was}\n    and not: {line}"
        for line, was in zip(expected, seen, strict=True)
    )
    assert seen == expected, "\n".join(["it went so:", *lines, ""])


def told(text):
    """The lines of a story, without the indentation of the test in which it stands."""
    return dedent(text).strip().splitlines()


def retold(text):
    """The lines of a story as they turned out."""
    teller = Teller()
    lines = [teller.play(line) for line in told(text)]
    return [line if isinstance(line, str) else line() for line in lines]


def plain(number):
    return f"{Decimal(number).normalize():f}"


def listed(parts, separator=", "):
    return separator.join(parts) or NOTHING


@dataclass
class Teller:
    trading: Trading = field(default_factory=Trading)
    orders: dict[str, Order] = field(default_factory=dict)
    calls: dict[str, Reservation] = field(default_factory=dict)

    def __post_init__(self):
        for name in ("ann", "bob", "eve"):
            self.trading.user(name)

    def play(self, line):
        """The line as it turned out, or how to tell it in the end."""
        sentence = line.partition(" -> ")[0].rstrip()
        subject = sentence.partition(":")[0]
        for pattern, tell in FACTS:
            if found := pattern.fullmatch(subject):
                return f"{subject}: {tell(self, **found.groupdict())}"
        for pattern, act in DEEDS:
            if found := pattern.fullmatch(sentence):
                return self.done(sentence, partial(act, self, **found.groupdict()))
        raise ValueError(f"nobody knows what this means: {line}")

    def done(self, sentence, act):
        try:
            order = act()
        except MarketError as refusal:
            order = f"{int(refusal.status)} {refusal.detail}"
        assert self.trading.ledger.totals().balanced, f"something is lost since: {sentence}"
        if isinstance(order, Order):
            return lambda: f"{sentence} -> {fate_of(order)}"
        return sentence if order is None else f"{sentence} -> {order}"

    # deeds

    @deed(r"the fee is (?P<rate>[\d.]+)")
    def begin_with_a_fee(self, rate):
        self.trading = Trading(fee_rate=Decimal(rate))
        self.__post_init__()

    @deed(r"(?P<name>\w+) comes with (?P<usd>[\d.]+) USD and (?P<units>\d+) units")
    def come(self, name, usd, units):
        self.trading.user(name, usd=usd, units=int(units))

    @deed(r"(?P<name>\w+) is given (?P<units>\d+) units that cost (?P<price>[\d.]+)")
    def give(self, name, units, price):
        trading = self.trading
        trading.ledger.issue(name, trading.instrument_id, int(units), Decimal(price), trading.now)

    @deed(r"(?P<name>\w+) is in easy mode")
    def be_in_easy_mode(self, name):
        self.trading.easy.add(name)

    @deed(
        r"(?P<name>\w+) (?P<verb>buys|sells) (?P<units>\d+)(?: at (?P<price>[\d.]+))?"
        r"(?P<elsewhere> elsewhere)?(?: (?P<force>ioc|fok))?"
        r"(?P<flags>(?: (?:post_only|auto_transfer))*)"
        r"(?: as (?P<label>\w+))?"
    )
    def place(self, name, verb, units, price, elsewhere, force, flags, label):
        trading = self.trading
        trading.pass_time(1)
        market = trading.other_market if elsewhere else trading.market
        new = NewOrder(
            user_id=name,
            market_id=market.market_id,
            side=verb.removesuffix("s"),
            order_type="limit" if price else "market",
            quantity=int(units),
            price=Decimal(price) if price else None,
            time_in_force=force or "gtc",
            client_order_id=label,
            **dict.fromkeys(flags.split(), True),
        )
        order = trading.exchange.place(new, trading.now)
        self.orders[label] = order
        return order

    @deed(
        r"(?P<label>\w+) becomes(?: (?P<units>\d+) units)?(?: at (?P<price>[\d.]+))?"
        r"(?: (?P<force>gtc|ioc|fok))?"
    )
    def change(self, label, units, price, force):
        change = OrderChange(
            quantity=units and int(units), price=price and Decimal(price), time_in_force=force
        )
        self.trading.pass_time(1)
        self.trading.exchange.change(self.orders[label], change, self.trading.now)

    @deed(r"(?P<label>\w+) is cancelled")
    def cancel(self, label):
        self.trading.exchange.cancel(self.orders[label], "user_cancelled", self.trading.now)

    @deed(r"(?P<name>\w+) cancels all(?P<here> here)?: (?P<count>\d+)")
    def cancel_all(self, name, here, count):
        market_id = self.trading.market.market_id if here else None
        cancelled = self.trading.exchange.cancel_all(name, market_id, self.trading.now)
        return None if cancelled == int(count) else f"{cancelled} in fact"

    @deed(r"a sweep comes(?:, not for (?P<name>\w+))?")
    def sweep(self, name):
        self.trading.exchange.sweep(self.trading.now, exempt={name})

    @deed(r"the market is (?P<status>active|inactive|suspended)")
    def set_status(self, status):
        self.trading.exchange.set_status(self.trading.market.market_id, status)

    @deed(r"(?P<count>\d+) (?P<what>hours|seconds) pass")
    def wait(self, count, what):
        self.trading.now += timedelta(**{what: int(count)})

    @deed(r"(?P<name>\w+) withdraws (?P<usd>[\d.]+)")
    def withdraw(self, name, usd):
        self.trading.ledger.withdraw(name, Decimal(usd), self.trading.now)

    @deed(r"(?P<name>\w+) moves (?P<units>\d+) units (?P<way>into consumption|back)")
    def transfer(self, name, units, way):
        ledger = self.trading.ledger
        move = ledger.transfer_back if way == "back" else ledger.transfer
        move(name, self.trading.instrument_id, int(units), self.trading.now)

    @deed(r"(?P<name>\w+) reserves (?P<tokens>\d+) tokens for (?P<label>\w+)")
    def reserve(self, name, tokens, label):
        trading = self.trading
        self.calls[label] = trading.ledger.reserve(
            name, trading.instrument_id, int(tokens), trading.now
        )

    @deed(r"(?P<label>\w+) uses (?P<tokens>\d+) tokens(?: for (?P<cost>.+))?")
    def use(self, label, tokens, cost):
        draws = self.trading.ledger.settle(self.calls[label], int(tokens), self.trading.now)
        drawn = " and ".join(f"{it.tokens} at {plain(it.price_per_token * 10**6)}" for it in draws)
        return None if drawn == (cost or "") else f"for {drawn}"

    @deed(r"(?P<label>\w+) is released")
    def release(self, label):
        self.trading.ledger.release(self.calls[label], self.trading.now)

    # facts

    @fact("trades")
    def trades(self):
        return listed(
            f"{buyer} gets {units} from {seller} at {plain(price)}"
            for buyer, seller, units, price in self.trading.trades()
        )

    @fact("prints")
    def prints(self):
        """What the public sees, newest first."""
        prints = self.trading.exchange.prints(self.trading.market.market_id, 3)
        return listed(f"{it.taker_side} {it.quantity} at {plain(it.price)}" for it in prints)

    @fact("book")
    def book(self):
        return " | ".join(
            listed(f"{units} at {plain(price)}" for price, units in side)
            for side in self.trading.depth()
        )

    @fact(r"(?P<name>\w+) has")
    def balances(self, name):
        (usd, held), (units, kept) = self.trading.usd(name), self.trading.units(name)
        cash = f"{plain(usd)} USD, {plain(held)} locked"
        return f"{cash}; {units} units, {kept} locked"

    @fact(r"(?P<name>\w+) waits with")
    def waiting(self, name):
        orders = self.trading.exchange.open_orders_of(name)
        return listed(f"{it.side} {it.remaining} at {plain(it.price)}" for it in orders)

    @fact(r"(?P<label>\w+) came to")
    def bill(self, label):
        order = self.orders[label]
        average = NOTHING if order.average_price is None else plain(order.average_price)
        return f"{average} on average, {plain(order.fee)} in fees"

    @fact(r"(?P<name>\w+) can consume")
    def lots(self, name):
        trading = self.trading
        lots = trading.ledger.lots(name, trading.instrument_id, trading.now)
        return listed(
            f"{it.free} at {plain(it.price)}" + (f" and {it.reserved} held" if it.reserved else "")
            for it in lots
        )

    @fact(r"(?P<name>\w+) has lost")
    def lost(self, name):
        trading = self.trading
        account = trading.ledger.consumption(name, trading.instrument_id, trading.now)
        return f"{account.expired} tokens"

    @fact(r"(?P<name>\w+) holds")
    def position(self, name):
        return listed(
            f"{it.quantity} for {plain(it.total_cost)}"
            + ("" if it.average_cost is None else f", {plain(it.average_cost)} each")
            + (" (closed)" if it.closed_at else "")
            for it in self.trading.exchange.positions(name)
        )

    @fact("ticker")
    def ticker(self):
        seen = self.figures
        last = NOTHING if seen.last_price is None else self.last(seen)
        bid, ask = (
            NOTHING if it is None else plain(it) for it in (seen.highest_bid, seen.lowest_ask)
        )
        return f"last {last}, bid {bid}, ask {ask}"

    @staticmethod
    def last(seen):
        return f"{seen.last_quantity} at {plain(seen.last_price)}"

    @fact("day")
    def day(self):
        seen = self.figures
        if seen.high_24h is None:
            return f"{seen.volume_24h} units for {plain(seen.value_24h)}"
        change = f"{plain(seen.change_24h)} or {plain(seen.change_percent_24h)} %"
        span = f"from {plain(seen.low_24h)} to {plain(seen.high_24h)}"
        return f"{seen.volume_24h} units for {plain(seen.value_24h)}, {span}, change {change}"

    @property
    def figures(self):
        return self.trading.exchange.figures(self.trading.market.market_id, self.trading.now)


def fate_of(order):
    """What has become of an order so far, in words."""
    assert (order.closed_at is None) == (order.status in {"active", "partially_filled"})
    if order.status in {"active", "filled"}:
        return {"active": "waits", "filled": "filled"}[order.status]
    fate = order.closure_reason or "waits"
    return f"{fate}, {order.filled_quantity} filled" if order.filled_quantity else fate
