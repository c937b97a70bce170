"""The exchange and the naive market side by side: both get the same, and must agree ever after."""

import re
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine, invariant
from tests.exchange import naive_figures
from tests.exchange.naive_market import NaiveMarket, NaiveUser, RefusedError
from tests.exchange.umpire import Umpire

from thegrid_emulator.errors import MarketError
from thegrid_emulator.exchange import Exchange
from thegrid_emulator.ledger import Ledger
from thegrid_emulator.state.catalogue import MARKETS

START = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ["ann", "bob", "eve", "joe"]
WHALE = "whale"
TWO_MARKETS = (0, 1)


class ComparedMarkets(RuleBasedStateMachine):
    """Both markets, an umpire, and what must hold after every step.

    Attributes:
        pairs: every order, as each of the two has it.
        happened: what all runs have seen so far, by name; a run that is random proves nothing about
            what it never came across.
    """

    happened: ClassVar[Counter] = Counter()

    def open_both(self, fee_rate):
        self.now = START
        self.easy = set()
        self.ledger = Ledger()
        self.exchange = Exchange(
            self.ledger,
            MARKETS,
            fee_rate=Decimal(fee_rate),
            transfers_on_fill=self.easy.__contains__,
        )
        self.naive = NaiveMarket(fee_rate)
        self.umpire = Umpire(self.exchange, MARKETS)
        self.pairs = []
        for name in [*NAMES, WHALE]:
            self.ledger.open(name, START)
            self.naive.users[name] = NaiveUser()

    def agree(self, told, ours, naive):
        """Let both do the same; they must both do it, or refuse it for the same reason.

        Returns:
            What each returned; None if they refused.
        """
        expected, refusal = outcome(naive, RefusedError)
        done, error = outcome(ours, MarketError)
        if error:
            note(f"{told} -> {error.detail}")
            self.happened[error.detail] += 1
        else:
            self.say(told)
        same(told, error and error.detail, refusal and str(refusal))
        return None if error else (done, expected)

    def say(self, told):
        """Write down what happens, for the story that a failure prints."""
        note(told)
        self.happened[told.split()[1]] += 1

    def came(self, pair):
        """An order came, for the first time or anew."""
        order, naive = pair
        note(f"    {order.closure_reason or 'waits'}: {naive.filled} of {naive.quantity} filled")
        self.umpire.note_arrival(order)
        self.umpire.judge(order)
        self.happened.update(self.remarks(order))

    def remarks(self, order):
        """What is worth a remark about an order that has just come."""
        trades = [
            it
            for it in self.exchange.trades_of(order.user_id)
            if order.order_id in {it.buy_order_id, it.sell_order_id}
        ]
        prices = {it.price for it in trades}
        own = any(it.is_open and it.side != order.side for it in self.own_in_market(order))
        stopped = order.closure_reason == "no_liquidity" and order.price is not None and own
        buyers = {it.buyer_id for it in trades}
        remarks = {
            "stopped at an own order": stopped,
            "walked several prices": len(prices) > 1,
            "served several orders at a price": len(trades) > len(prices),
            "moved on fill by order": bool(trades) and order.auto_transfer,
            "moved on fill by mode": bool(buyers & self.easy),
            "paid less than the limit": order.side == "buy" and any(prices - {order.price}),
            "with a fee": any(it.buyer_fee for it in trades),
            "without a fee": any(not it.buyer_fee for it in trades),
        }
        return [what for what, true in remarks.items() if true]

    def own_in_market(self, order):
        mine = self.exchange.open_orders_of(order.user_id)
        return [it for it in mine if it.market_id == order.market_id]

    def teardown(self):
        for order, _ in self.pairs:
            self.happened[order.closure_reason or order.status] += 1
        if self.naive.expired:
            self.happened["lost by expiry"] += 1

    @invariant()
    def both_agree(self):
        """One invariant for all, so that the story of a failure has one line for them."""
        self.nothing_is_traded_without_an_order()
        self.orders_are_the_same()
        self.trades_are_the_same()
        self.balances_are_the_same_and_none_is_below_zero()
        self.lots_are_the_same()
        self.transfers_are_the_same()
        self.everything_is_accounted_for()
        self.the_book_shows_who_waits_and_is_never_crossed()
        self.figures_are_the_same()
        self.positions_are_the_same()

    def nothing_is_traded_without_an_order(self):
        self.umpire.check_silence()

    def orders_are_the_same(self):
        for order, naive in self.pairs:
            whose = f"{naive.owner}'s {naive.side} {naive.label or ''}"
            same(f"how {whose} ended", order.closure_reason, naive.ended)
            same(f"quantity of {whose}", order.quantity, naive.quantity)
            same(f"status of {whose}", order.status, status_of(naive))
            same(f"what {whose} got", order.filled_quantity, naive.filled)
            same(f"value of {whose}", order.filled_value, naive.value)
            same(f"fee of {whose}", order.fee, naive.fee)
        for name in NAMES:
            count = len(self.exchange.open_orders_of(name))
            same(f"open orders of {name}", count, len(self.naive.open_orders(name)))

    def trades_are_the_same(self):
        for market in TWO_MARKETS:
            tape = self.exchange.prints(MARKETS[market].market_id, 10**6)
            ours = [
                (it.buyer_id, it.seller_id, it.quantity, it.price, it.taker_side, it.buyer_fee)
                for it in reversed(tape)
            ]
            naive = [tuple(it[1:-1]) for it in self.naive.trades if it[0] == market]
            same(f"trades of market {market}", ours, naive)

    def balances_are_the_same_and_none_is_below_zero(self):
        for name, user in self.naive.users.items():
            cash = self.ledger.cash(name)
            same(f"USD of {name}", cash.total, user.cash)
            same(f"USD locked by {name}", cash.locked, self.naive.locked_cash(name))
            not_below_zero(f"USD of {name}", cash.total, cash.locked, cash.available)
            for market in TWO_MARKETS:
                units = self.ledger.units(name, instrument(market))
                prices = [it.price for it in units.parcels for _ in range(it.quantity)]
                what = f"units of {name} in market {market}"
                same(what, prices, user.units[market])
                same(f"total {what}", units.total, len(user.units[market]))
                same(f"locked {what}", units.locked, self.naive.locked_units(name, market))
                not_below_zero(what, units.total, units.locked, units.available)

    def lots_are_the_same(self):
        for name in NAMES:
            for market in TWO_MARKETS:
                lots = self.ledger.lots(name, instrument(market), self.now)
                same(
                    f"lots of {name} in market {market} (price, free, held)",
                    [(it.price, it.free, it.reserved) for it in lots],
                    [(it.price, it.free, it.held) for it in self.naive.living(name, market)],
                )
                not_below_zero(f"lots of {name}", *(min(it.free, it.reserved) for it in lots))

    def transfers_are_the_same(self):
        signs = {"trading_to_consumption": 1, "consumption_to_trading": -1}
        for name in NAMES:
            ours = [
                (it.instrument_id, it.quantity * signs[it.direction])
                for it in self.ledger.transfers_of(name)
            ]
            moves = [(instrument(it[1]), it[2]) for it in self.naive.moves if it[0] == name]
            same(f"transfers of {name}", ours, moves)

    def everything_is_accounted_for(self):
        totals = self.ledger.totals()
        if not totals.balanced:
            raise AssertionError(f"something appeared or was lost: {totals}")
        same("fees", totals.cash.fees, self.naive.fees)
        same("USD paid in", totals.cash.deposited - totals.cash.withdrawn, self.naive.paid_in)
        tokens = totals.tokens.values()
        same("tokens issued", sum(it.issued for it in tokens), self.naive.issued * 10**6)
        same("tokens used", sum(it.used for it in tokens), self.naive.used)
        same("tokens expired", sum(it.expired for it in tokens), self.naive.expired)

    def the_book_shows_who_waits_and_is_never_crossed(self):
        for market in TWO_MARKETS:
            depth = self.exchange.depth(MARKETS[market].market_id, 100)
            for side, levels in (("buy", depth.buy), ("sell", depth.sell)):
                ours = [(it.price, it.quantity, it.order_count) for it in levels]
                same(f"{side} side of market {market}", ours, self.naive_levels(market, side))
            if depth.buy and depth.sell and not depth.buy[0].price < depth.sell[0].price:
                raise AssertionError(f"market {market} is crossed: {depth}")

    def naive_levels(self, market, side):
        rows = self.naive.waiting(market, side)
        levels = []
        for price in dict.fromkeys(it.limit for it in rows):
            there = [it.left for it in rows if it.limit == price]
            levels.append((price, sum(there), len(there)))
        return levels

    def figures_are_the_same(self):
        for market in TWO_MARKETS:
            seen = self.exchange.figures(MARKETS[market].market_id, self.now)
            ours = {
                "last price": seen.last_price,
                "last quantity": seen.last_quantity,
                "highest bid": seen.highest_bid,
                "lowest ask": seen.lowest_ask,
                "units of the day": seen.volume_24h,
                "value of the day": seen.value_24h,
                "high": seen.high_24h,
                "low": seen.low_24h,
                "change": seen.change_24h,
                "units ever": seen.total_volume,
            }
            same(f"figures of market {market}", ours, naive_figures.figures(self.naive, market))

    def positions_are_the_same(self):
        for name, user in self.naive.users.items():
            positions = {it.instrument_id: it for it in self.exchange.positions(name)}
            for market in TWO_MARKETS:
                seen = positions.get(instrument(market))
                expected = naive_figures.holding(user.units[market])
                if seen is None:
                    same(f"units of {name} without a position", 0, expected["units"])
                    continue
                ours = {
                    "units": seen.quantity,
                    "cost": seen.total_cost,
                    "average": seen.average_cost,
                }
                average = ours["average"] and Fraction(ours["average"])
                same(f"position of {name}", ours | {"average": average}, expected)
                closed = seen.closed_at is not None
                same(f"whether a position of {name} is closed", closed, not expected["units"])


def same(what, ours, naive):
    """Hold the exchange to what the naive market says."""
    if ours != naive:
        fractions = re.sub(r"Fraction\((\d+), (\d+)\)", _as_decimal, f"{naive!r}")
        raise AssertionError(f"{what}\n    the exchange: {ours!r}\nthe naive market: {fractions}")


def _as_decimal(found):
    return repr(Decimal(found[1]) / Decimal(found[2]))


def not_below_zero(what, *balances):
    """Hold balances to what there can be."""
    if min(balances, default=0) < 0:
        raise AssertionError(f"{what}: below zero among {balances}")


def outcome(work, kind):
    """What came of it, and the refusal if it was refused."""
    try:
        return work(), None
    except kind as refusal:
        return None, refusal


def status_of(naive):
    """The status that an order of the naive market would show."""
    if naive.ended is None:
        return "partially_filled" if naive.filled else "active"
    return "filled" if naive.ended == "filled" else "cancelled"


def instrument(market):
    return MARKETS[market].instrument.instrument_id
