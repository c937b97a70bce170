"""Random trading by several users, against a naive market that keeps the same rules otherwise.

After every step both must agree about every balance, lot, order and trade; nothing may be below
zero or unaccounted for, and no trade may have passed by a better price or an earlier order.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from tests.exchange.naive_market import NaiveMarket, NaiveUser, RefusedError

from thegrid_emulator.errors import MarketError
from thegrid_emulator.exchange import Exchange, NewOrder, OrderChange
from thegrid_emulator.ledger import Ledger
from thegrid_emulator.state.catalogue import MARKETS

START = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ["ann", "bob", "eve", "joe"]

names = st.sampled_from(NAMES)
markets = st.sampled_from([0, 0, 0, 1])
sides = st.sampled_from(["buy", "sell"])
prices = st.sampled_from(["0.98", "0.99", "0.9999", "1", "1.00", "1.0001", "1.01", "1.02"])
quantities = st.integers(1, 7)
forces = st.sampled_from(["gtc"] * 6 + ["ioc", "fok"])
seldom = st.sampled_from([False] * 7 + [True])
tokens = st.sampled_from([1, 300_000, 999_999, 1_000_000, 2_500_001, 6_000_000])
wish = st.tuples(names, markets, sides, prices, quantities, forces, seldom, seldom, seldom)
waits = st.sampled_from([1, 1, 60, 3600, 2 * 3600, 4 * 3600 - 1, 4 * 3600])


class TradingBesideTheNaiveMarket(RuleBasedStateMachine):
    orders = Bundle("orders")
    reservations = Bundle("reservations")

    @initialize(
        target=orders,
        fee_rate=st.sampled_from(["0", "0.0125"]),
        wishes=st.lists(wish, min_size=10, max_size=30),
    )
    def open_the_market(self, fee_rate, wishes):
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
        self.pairs = []
        for number, name in enumerate(NAMES):
            self.ledger.open(name, START)
            self.naive.users[name] = NaiveUser()
            self.deposit(name, 20 * (number + 1))
            for market in (0, 1):
                self.issue(name, market, 8 * (number + 1), "0.95")
        return self.place(wishes)

    def agree(self, ours, naive):
        """Let both do the same; they must both do it or refuse it for the same reason."""
        expected, refusal = outcome(naive, RefusedError)
        done, error = outcome(ours, MarketError)
        assert (error and error.detail) == (refusal and str(refusal))
        return None if error else (done, expected)

    @rule(target=orders, wishes=st.lists(wish, min_size=1, max_size=12))
    def place_more(self, wishes):
        return self.place(wishes)

    def place(self, wishes):
        return multiple(*[self.place_one(*it) for it in wishes])

    def place_one(
        self, name, market, side, price, quantity, force, market_order, post_only, auto_transfer
    ):
        price = None if market_order else price
        new = NewOrder(
            user_id=name,
            market_id=MARKETS[market].market_id,
            side=side,
            order_type="market" if market_order else "limit",
            quantity=quantity,
            price=None if price is None else Decimal(price),
            time_in_force=force,
            post_only=post_only,
            auto_transfer=auto_transfer,
        )
        pair = self.agree(
            lambda: self.exchange.place(new, self.now),
            lambda: self.naive.place(
                name,
                market,
                side,
                None if price is None else Fraction(price),
                quantity,
                force,
                post_only=post_only,
                to_consumption=auto_transfer,
            ),
        )
        if pair is not None:
            self.pairs.append(pair)
            self.check_priority(market, pair)
        return pair

    @rule(
        pair=orders,
        price=st.none() | prices,
        quantity=st.none() | quantities,
        force=st.none() | forces,
    )
    def change(self, pair, price, quantity, force):
        if pair is None or (price, quantity, force) == (None, None, None):
            return
        order, naive = pair
        change = OrderChange(
            price=None if price is None else Decimal(price), quantity=quantity, time_in_force=force
        )
        done = self.agree(
            lambda: self.exchange.change(order, change, self.now),
            lambda: self.naive.change(
                naive, None if price is None else Fraction(price), quantity, force
            ),
        )
        if done is not None:
            self.check_priority(naive.market, pair)

    @rule(pair=orders)
    def cancel(self, pair):
        if pair is not None:
            order, naive = pair
            self.agree(
                lambda: self.exchange.cancel(order, "user_cancelled", self.now),
                lambda: self.naive.cancel(naive),
            )

    @rule(name=names, market=st.sampled_from([None, 0, 1]), sure=seldom)
    def cancel_all(self, name, market, sure):
        if sure:
            market_id = None if market is None else MARKETS[market].market_id
            ours = self.exchange.cancel_all(name, market_id, self.now)
            assert ours == self.naive.cancel_all(name, market)

    @rule(name=names, market=markets, quantity=quantities)
    def transfer(self, name, market, quantity):
        self.agree(
            lambda: self.ledger.transfer(name, instrument(market), quantity, self.now),
            lambda: self.naive.transfer(name, market, quantity),
        )

    @rule(name=names, market=markets, quantity=quantities)
    def transfer_back(self, name, market, quantity):
        self.agree(
            lambda: self.ledger.transfer_back(name, instrument(market), quantity, self.now),
            lambda: self.naive.transfer_back(name, market, quantity),
        )

    @rule(target=reservations, name=names, market=markets, tokens=tokens)
    def reserve(self, name, market, tokens):
        return self.agree(
            lambda: self.ledger.reserve(name, instrument(market), tokens, self.now),
            lambda: self.naive.reserve(name, market, tokens),
        )

    @rule(pair=consumes(reservations), share=st.sampled_from([0, 0.5, 1]))
    def settle(self, pair, share):
        if pair is None:
            return
        reservation, parts = pair
        used = int(reservation.tokens * share)
        draws = self.ledger.settle(reservation, used, self.now)
        assert [
            (draw.tokens, Fraction(draw.price_per_token)) for draw in draws
        ] == self.naive.settle(parts, used)

    @rule(pair=consumes(reservations))
    def release(self, pair):
        if pair is not None:
            self.ledger.release(pair[0], self.now)
            self.ledger.release(pair[0], self.now)
            self.naive.settle(pair[1], 0)

    @rule(name=names, usd=st.integers(1, 20))
    def deposit(self, name, usd):
        self.ledger.deposit(name, Decimal(usd), self.now)
        self.naive.deposit(name, usd)

    @rule(name=names, usd=st.integers(1, 20))
    def withdraw(self, name, usd):
        self.agree(
            lambda: self.ledger.withdraw(name, Decimal(usd), self.now),
            lambda: self.naive.withdraw(name, usd),
        )

    @rule(name=names, market=markets, quantity=quantities, price=prices)
    def issue(self, name, market, quantity, price):
        self.ledger.issue(name, instrument(market), quantity, Decimal(price), self.now)
        self.naive.users[name].units[market] += [Fraction(price)] * quantity
        self.naive.issued += quantity

    @rule(name=names)
    def switch_mode(self, name):
        self.easy ^= {name}
        self.naive.users[name].easy = name in self.easy

    @rule(seconds=waits)
    def pass_time(self, seconds):
        self.now += timedelta(seconds=seconds)
        self.ledger.expire(self.now)
        self.naive.pass_time(seconds)

    @rule(sure=seldom)
    def sweep(self, sure):
        if sure:
            self.exchange.sweep(self.now, exempt={"joe"})
            self.naive.sweep(exempt="joe")

    def check_priority(self, market, pair):
        """Whoever traded just now had nobody before them who would have taken the same."""
        order, _ = pair
        for trade in self.exchange.prints(MARKETS[market].market_id, 100):
            mine = {trade.buy_order_id, trade.sell_order_id}
            if trade.executed_at != self.now or order.order_id not in mine:
                continue
            (maker_id,) = mine - {order.order_id}
            maker, naive_maker = next(it for it in self.pairs if it[0].order_id == maker_id)
            for other, naive_other in self.pairs:
                if other.is_open and (other.market_id, other.side) == (
                    maker.market_id,
                    maker.side,
                ):
                    better = other.price - maker.price
                    assert better <= 0 if maker.side == "buy" else better >= 0
                    if not better and other is not maker:
                        assert naive_other.arrived > naive_maker.arrived

    @invariant()
    def orders_are_the_same(self):
        for order, naive in self.pairs:
            assert order.is_open == (naive.ended is None)
            assert order.closure_reason == naive.ended
            assert (order.quantity, order.filled_quantity) == (naive.quantity, naive.filled)
            assert (order.filled_value, order.fee) == (naive.value, naive.fee)
            assert (order.status == "filled") == (naive.ended == "filled")

    @invariant()
    def trades_are_the_same(self):
        for market in (0, 1):
            tape = self.exchange.prints(MARKETS[market].market_id, 10**6)
            assert [
                (it.buyer_id, it.seller_id, it.quantity, it.price, it.taker_side, it.buyer_fee)
                for it in reversed(tape)
            ] == [tuple(row[1:]) for row in self.naive.trades if row[0] == market]

    @invariant()
    def balances_are_the_same_and_none_is_below_zero(self):
        for name, user in self.naive.users.items():
            cash = self.ledger.cash(name)
            assert (cash.total, cash.locked) == (user.cash, self.naive.locked_cash(name))
            assert min(cash.total, cash.locked, cash.available) >= 0
            for market in (0, 1):
                units = self.ledger.units(name, instrument(market))
                assert [
                    parcel.price for parcel in units.parcels for _ in range(parcel.quantity)
                ] == user.units[market]
                assert units.total == len(user.units[market])
                assert units.locked == self.naive.locked_units(name, market)
                assert min(units.total, units.locked, units.available) >= 0

    @invariant()
    def lots_are_the_same(self):
        for name in NAMES:
            for market in (0, 1):
                lots = self.ledger.lots(name, instrument(market), self.now)
                assert [(it.price, it.free, it.reserved) for it in lots] == [
                    (it.price, it.free, it.held) for it in self.naive.living(name, market)
                ]
                assert all(min(it.free, it.reserved) >= 0 for it in lots)

    @invariant()
    def transfers_are_the_same(self):
        signs = {"trading_to_consumption": 1, "consumption_to_trading": -1}
        for name in NAMES:
            assert [
                (it.instrument_id, it.quantity * signs[it.direction])
                for it in self.ledger.transfers_of(name)
            ] == [
                (instrument(market), quantity)
                for who, market, quantity in self.naive.moves
                if who == name
            ]

    @invariant()
    def everything_is_accounted_for(self):
        totals = self.ledger.totals()
        assert totals.balanced
        assert totals.cash.fees == self.naive.fees
        assert totals.cash.deposited - totals.cash.withdrawn == self.naive.paid_in
        assert sum(it.issued for it in totals.tokens.values()) == self.naive.issued * 10**6
        assert sum(it.used for it in totals.tokens.values()) == self.naive.used
        assert sum(it.expired for it in totals.tokens.values()) == self.naive.expired

    @invariant()
    def the_book_shows_who_waits_and_is_never_crossed(self):
        for market in (0, 1):
            depth = self.exchange.depth(MARKETS[market].market_id, 100)
            for side, levels in (("buy", depth.buy), ("sell", depth.sell)):
                rows = self.naive.waiting(market, side)
                listed = list(dict.fromkeys(it.limit for it in rows))
                assert [(it.price, it.quantity, it.order_count) for it in levels] == [
                    (
                        price,
                        sum(it.left for it in rows if it.limit == price),
                        sum(it.limit == price for it in rows),
                    )
                    for price in listed
                ]
            if depth.buy and depth.sell:
                assert depth.buy[0].price < depth.sell[0].price


def outcome(work, kind):
    """What came of it, and the refusal if it was refused."""
    try:
        return work(), None
    except kind as refusal:
        return None, refusal


def instrument(market):
    return MARKETS[market].instrument.instrument_id


def run(examples, steps):
    run_state_machine_as_test(
        TradingBesideTheNaiveMarket,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, print_blob=True
        ),
    )


def test_random_trading_agrees_with_the_naive_market():
    run(examples=20, steps=25)


@pytest.mark.slow
def test_thousands_of_random_steps_agree_with_the_naive_market():
    run(examples=80, steps=120)
