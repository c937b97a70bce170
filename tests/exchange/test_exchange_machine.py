"""Random trading by several users, against a naive market that keeps the same rules otherwise.

After every step both must agree about every balance, lot, order, trade and figure; nothing may be
below zero or unaccounted for. An umpire, who knows neither of them, sees to it that no trade passes
by a better price or an earlier order.
"""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    consumes,
    initialize,
    multiple,
    rule,
    run_state_machine_as_test,
)
from tests.exchange.compared_markets import NAMES, WHALE, ComparedMarkets, instrument, same

from thegrid_emulator.exchange import ClosureReason, NewOrder, OrderChange
from thegrid_emulator.state.catalogue import MARKETS

names = st.sampled_from(NAMES)
markets = st.sampled_from([0, 0, 0, 1])
sides = st.sampled_from(["buy", "sell"])
prices = st.sampled_from(["0.98", "0.99", "0.9999", "1", "1.00", "1.0001", "1.01", "1.02"])
quantities = st.integers(1, 7)
forces = st.sampled_from(["gtc"] * 6 + ["ioc", "fok"])
seldom = st.sampled_from([False] * 7 + [True])
labels = st.sampled_from([None] * 6 + ["red", "blue"])
tokens = st.sampled_from([1, 300_000, 999_999, 1_000_000, 2_500_001, 6_000_000])
wish = st.tuples(names, markets, sides, prices, quantities, forces, seldom, seldom, seldom, labels)
crowds = st.sampled_from([0] + [8] * 7).flatmap(
    lambda least: st.lists(wish, min_size=least, max_size=16)
)
numbers = st.integers(0, 30)
nothing = st.none()
changes = (
    st.tuples(nothing, st.integers(1, 12), nothing)
    | st.tuples(prices, nothing, nothing)
    | st.tuples(prices, quantities | nothing, forces | nothing)
)
waits = st.sampled_from([1, 1, 60, 3600, 2 * 3600, 4 * 3600 - 1, 4 * 3600, 24 * 3600 - 1])


class TradingBesideTheNaiveMarket(ComparedMarkets):
    reservations = Bundle("reservations")

    @initialize(
        fee_rate=st.sampled_from(["0", "0.0125"]),
        wishes=crowds,
    )
    def open_the_market(self, fee_rate, wishes):
        self.open_both(fee_rate)
        for number, name in enumerate(NAMES):
            self.deposit(name, 20 * (number + 1))
            for market in (0, 1):
                self.issue(name, market, 8 * (number + 1), "0.95")
                self.transfer(name, market, number + 1)
        self.place(wishes)

    @rule(wishes=st.lists(wish, min_size=1, max_size=12))
    def place(self, wishes):
        for it in wishes:
            self.place_one(*it)

    def place_one(
        self, name, market, side, price, quantity, force, market_order, post_only, moves, label
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
            auto_transfer=moves,
            client_order_id=label,
        )
        flags = f"{'post_only ' * post_only}{'auto_transfer ' * moves}{label or ''}"
        told = f"{name} {side}s {quantity} at {price or 'market'} in {market} {force} {flags}"
        pair = self.agree(
            told,
            lambda: self.exchange.place(new, self.now),
            lambda: self.naive.place(
                name,
                market,
                side,
                None if price is None else Fraction(price),
                quantity,
                force,
                post_only=post_only,
                to_consumption=moves,
                label=label,
            ),
        )
        if pair is not None:
            self.pairs.append(pair)
            self.came(pair)

    @rule(market=markets, side=sides, quantity=st.integers(1, 40))
    def serve_whoever_is_first(self, market, side, quantity):
        """A whale takes what it gets, so that a queue in a wrong order shows."""
        self.deposit(WHALE, 50)
        self.issue(WHALE, market, quantity, "1")
        self.place_one(WHALE, market, side, "1", quantity, "gtc", True, False, False, None)  # noqa: FBT003

    def chosen(self, number, *, ended):
        """One of the orders that wait, or of all if one that has ended is wanted; or None."""
        pairs = [it for it in self.pairs if ended or it[0].is_open]
        return pairs[number % len(pairs)] if pairs else None

    @rule(number=numbers, change=changes, ended=seldom)
    def change(self, number, change, ended):
        pair = self.chosen(number, ended=ended)
        if pair is None:
            return
        price, quantity, force = change
        order, naive = pair
        before = (order.price, order.time_in_force), order.quantity
        change = OrderChange(
            price=None if price is None else Decimal(price), quantity=quantity, time_in_force=force
        )
        done = self.agree(
            f"{order.user_id} changes {order.side} {before} to {price}, {force}, {quantity}",
            lambda: self.exchange.change(order, change, self.now),
            lambda: self.naive.change(
                naive, None if price is None else Fraction(price), quantity, force
            ),
        )
        comes_anew = (order.price, order.time_in_force) != before[0] or order.quantity > before[1]
        if done is not None and comes_anew:
            self.came(pair)

    @rule(number=numbers, ended=seldom)
    def cancel(self, number, ended):
        pair = self.chosen(number, ended=ended)
        if pair is None:
            return
        order, naive = pair
        self.agree(
            f"{order.user_id} cancels {order.side} {order.remaining} at {order.price}",
            lambda: self.exchange.cancel(order, "user_cancelled", self.now),
            lambda: self.naive.cancel(naive),
        )

    @rule(name=names, market=st.sampled_from([None, 0, 1]), sure=seldom)
    def cancel_all(self, name, market, sure):
        if sure:
            market_id = None if market is None else MARKETS[market].market_id
            told = f"{name} cancels_all in {market}"
            done = self.agree(
                told,
                lambda: self.exchange.cancel_all(name, market_id, self.now),
                lambda: self.naive.cancel_all(name, market),
            )
            same(told, *done)

    @rule(market=markets, sure=seldom)
    def close_or_open(self, market, sure):
        if sure or market in self.naive.closed:
            self.naive.closed ^= {market}
            status = "suspended" if market in self.naive.closed else "active"
            self.say(f"market {market} is {status}")
            self.exchange.set_status(MARKETS[market].market_id, status)

    @rule(name=names, market=markets, quantity=quantities)
    def transfer(self, name, market, quantity):
        self.agree(
            f"{name} transfers {quantity} of {market}",
            lambda: self.ledger.transfer(name, instrument(market), quantity, self.now),
            lambda: self.naive.transfer(name, market, quantity),
        )

    @rule(name=names, market=markets, quantity=quantities)
    def transfer_back(self, name, market, quantity):
        self.agree(
            f"{name} transfers_back {quantity} of {market}",
            lambda: self.ledger.transfer_back(name, instrument(market), quantity, self.now),
            lambda: self.naive.transfer_back(name, market, quantity),
        )

    @rule(target=reservations, name=names, market=markets, tokens=tokens)
    def reserve(self, name, market, tokens):
        held = self.agree(
            f"{name} reserves {tokens} tokens of {market}",
            lambda: self.ledger.reserve(name, instrument(market), tokens, self.now),
            lambda: self.naive.reserve(name, market, tokens),
        )
        return multiple() if held is None else held

    @rule(
        pair=consumes(reservations),
        share=st.sampled_from([0, 0.5, 1]),
        after=st.sampled_from([0, 0, 4 * 3600]),
    )
    def settle(self, pair, share, after):
        if after:
            self.pass_time(after)
        reservation, parts = pair
        used = int(reservation.tokens * share)
        late = any(lot.expired for lot, _ in parts)
        self.say(f"{reservation.user_id} {'settles_late' if late else 'settles'} {used} tokens")
        draws = self.ledger.settle(reservation, used, self.now)
        ours = [(draw.tokens, draw.price_per_token) for draw in draws]
        same("tokens drawn, and their prices", ours, self.naive.settle(parts, used))

    @rule(pair=consumes(reservations))
    def release(self, pair):
        reservation, parts = pair
        self.say(f"{reservation.user_id} releases {reservation.tokens} tokens")
        self.ledger.release(reservation, self.now)
        self.ledger.release(reservation, self.now)
        self.naive.settle(parts, 0)

    @rule(name=names, usd=st.integers(1, 20))
    def deposit(self, name, usd):
        self.say(f"{name} deposits {usd} USD")
        self.ledger.deposit(name, Decimal(usd), self.now)
        self.naive.deposit(name, usd)

    @rule(name=names, usd=st.integers(1, 20))
    def withdraw(self, name, usd):
        self.agree(
            f"{name} withdraws {usd} USD",
            lambda: self.ledger.withdraw(name, Decimal(usd), self.now),
            lambda: self.naive.withdraw(name, usd),
        )

    @rule(name=names, market=markets, quantity=quantities, price=prices)
    def issue(self, name, market, quantity, price):
        self.say(f"{name} gets {quantity} units of {market} that cost {price}")
        self.ledger.issue(name, instrument(market), quantity, Decimal(price), self.now)
        self.naive.users[name].units[market] += [Fraction(price)] * quantity
        self.naive.issued += quantity

    @rule(name=names)
    def switch_mode(self, name):
        self.easy ^= {name}
        self.say(f"{name} {'enters' if name in self.easy else 'leaves'} easy mode")
        self.naive.users[name].easy = name in self.easy

    @rule(seconds=waits)
    def pass_time(self, seconds):
        self.say(f"time passes for {seconds} s")
        self.now += timedelta(seconds=seconds)
        self.ledger.expire(self.now)
        self.naive.pass_time(seconds)

    @rule(sure=seldom)
    def sweep(self, sure):
        if sure:
            self.say("everybody sweeps but joe")
            self.exchange.sweep(self.now, exempt={"joe"})
            self.naive.sweep(exempt="joe")


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
def test_thousands_of_random_steps_agree_with_the_naive_market_and_come_across_everything():
    happened = TradingBesideTheNaiveMarket.happened
    for _ in range(5):
        run(examples=80, steps=120)
        if happened.keys() >= EVERYTHING:
            break
    assert EVERYTHING - happened.keys() == set()


EVERYTHING = {
    *get_args(ClosureReason),
    *("active", "partially_filled", "with a fee", "without a fee"),
    *("stopped at an own order", "walked several prices", "served several orders at a price"),
    *("moved on fill by order", "moved on fill by mode", "paid less than the limit"),
    *("insufficient_balance", "duplicate_client_order_id", "market_closed", "not_supported"),
    *("post_only_would_cross", "invalid_quantity", "order_not_changeable"),
    *("order_already_cancelled", "order_not_cancellable"),
    *("buys", "sells", "changes", "cancels", "cancels_all", "transfers", "transfers_back"),
    *("reserves", "settles", "settles_late", "releases", "withdraws", "sweeps"),
    *("enters", "leaves", "passes", "lost by expiry"),
}
