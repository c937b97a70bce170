"""A standing order in a world of faults: the invariants speak of the market, never of the calls."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.core.faults import FAULTS, SURVIVED
from tests.core.standing_order_world import (
    CAP,
    FEE,
    HOUR,
    INTENT,
    MINUTE,
    SECOND,
    Keeper,
    Market,
)

from thegrid.core.order_terms import WantedOrder, name_of
from thegrid.core.standing_order import plan_order_removal

WAITS = [SECOND, 20 * SECOND, MINUTE, 10 * MINUTE, HOUR, 23 * HOUR]


def wanted(price, quantity, renew, *, repair):
    return WantedOrder(
        "market-1",
        "buy",
        Decimal(price),
        quantity,
        renew=renew,
        repair=repair,
        daily_cap_usd=CAP,
        fee_rate=FEE,
    )


TERMS = st.sampled_from([(1, 4), (1, 12), (2, 3), (2, 6), (3, 1), (3, 4)])


class StandingOrder(RuleBasedStateMachine):
    """What may happen to a standing order, in any order.

    Where names can be used twice, a process that dies while the listing lags may place twice:
    nothing tells it. There the machine has no crash and no restored record.
    """

    @initialize(
        lag=st.sampled_from([0, 30, 59]),
        unique=st.booleans(),
        hides_new=st.booleans(),
        skew=st.sampled_from([-59, 0, 59]),
        terms=TERMS,
    )
    def begin(self, lag, unique, hides_new, skew, terms):
        self.market = Market(lag * SECOND, unique, hides_new)
        self.forgetful = unique
        declared = wanted(*terms, "when_filled", repair=True)
        self.keeper = Keeper(self.market, skew * SECOND, declared)

    @rule(faults=st.lists(st.sampled_from(["none", *FAULTS]), max_size=3))
    def run(self, faults):
        if not self.forgetful:
            faults = [it for it in faults if it in SURVIVED]
        self.keeper.run(faults)

    @rule()
    def run_in_peace(self):
        self.keeper.run()

    @rule()
    def run_on_a_listing_that_breaks_off(self):
        before = len(self.market.versions)
        self.keeper.run(broken_listing=True)
        assert len(self.market.versions) == before

    @rule(wait=st.sampled_from(WAITS))
    def time_passes(self, wait):
        self.market.now += wait

    @rule(quantity=st.sampled_from([1, 3, 99]), cheaper=st.booleans())
    def somebody_trades(self, quantity, cheaper):
        for order in self.market.live():
            self.market.trade(order.id, quantity, Decimal("0.5") if cheaper else Decimal(0))

    @rule(quantity=st.sampled_from([1, 99]))
    def a_fill_is_renewed_and_filled_before_anything_is_listed(self, quantity):
        for _ in range(5):
            self.somebody_trades(quantity, cheaper=False)
            self.keeper.run()

    @rule(
        terms=TERMS,
        renew=st.sampled_from(["never", "when_filled", "when_closed"]),
        repair=st.booleans(),
    )
    def the_declaration_is_edited(self, terms, renew, repair):
        self.keeper.wanted = wanted(*terms, renew, repair=repair)

    @rule(terms=TERMS)
    def an_edit_comes_after_fills(self, terms):
        self.keeper.run()
        self.somebody_trades(99, cheaper=False)
        self.keeper.run()
        self.the_declaration_is_edited(terms, "when_filled", repair=True)
        self.keeper.run()
        self.somebody_trades(99, cheaper=False)

    @rule()
    def somebody_cancels_by_hand(self):
        for order in self.market.live():
            self.market.cancel(order.id)

    @rule()
    def somebody_lowers_the_price_by_hand(self):
        for order in self.market.live():
            self.market.change(order.id, order.price / 2, None)

    @rule(writes_ago=st.integers(1, 5))
    def an_older_record_is_restored(self, writes_ago):
        """Not an empty one: a resource that nobody recorded is a new one."""
        recorded = self.keeper.backups[1:]
        if self.forgetful and recorded:
            self.keeper.record = recorded[max(len(recorded) - 1 - writes_ago, 0)]

    @invariant()
    def a_name_is_used_once(self):
        names = [it.client_order_id for it in self.market.orders()]
        assert len(names) == len(set(names))

    @invariant()
    def at_most_one_order_lives(self):
        assert len(self.market.live()) <= 1

    @invariant()
    def no_day_costs_more_than_its_cap(self):
        for day, spent in self.market.spent_by_day().items():
            assert spent <= CAP, day

    @invariant()
    def generations_are_counted_without_gaps(self):
        names = [it.client_order_id for it in self.market.orders()]
        assert names == [name_of(INTENT, number) for number in range(1, len(names) + 1)]

    def teardown(self):
        """Faults stop: what is declared comes about, and stays."""
        if not hasattr(self, "keeper"):
            return
        self.market.now += 24 * HOUR + 2 * MINUTE
        self.keeper.wanted = replace(self.keeper.wanted, renew="when_closed", repair=True)
        for _ in range(3):
            plan = self.keeper.run()
            self.market.now += 61 * SECOND
        assert (plan.reason, plan.actions) == ("UpToDate", ())
        (order,) = self.market.live()
        assert (order.price, order.quantity) == (
            self.keeper.wanted.price,
            self.keeper.wanted.quantity,
        )
        placed = len(self.market.versions)
        assert self.keeper.run().reason == "UpToDate"
        assert len(self.market.versions) == placed
        self.remove()

    def remove(self):
        removal = plan_order_removal(INTENT, self.market.listing(), self.keeper.now)
        for action in removal.actions:
            self.market.cancel(action.order_id)
        assert not self.market.live()


TestStandingOrder = StandingOrder.TestCase
TestStandingOrder.settings = settings(
    max_examples=100, stateful_step_count=40, deadline=None, print_blob=True
)
