"""A standing order against a naive market that loses answers, lags and trades at any moment.

`Market` is what The Grid knows: orders, fills, listings that lag. `Keeper` is a front door: it
gathers, asks `plan_standing_order`, acts and writes a record down when a step is over, each of
which a fault may strike. The invariants speak of the market, never of the calls.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from thegrid.core.model import Order, Trade
from thegrid.core.order_record import OrderRecord, situation
from thegrid.core.order_spending import Fills
from thegrid.core.order_terms import WantedOrder, name_of
from thegrid.core.standing_order import (
    REFUSALS,
    Cancel,
    Change,
    Listing,
    LookUp,
    Place,
    plan_order_removal,
    plan_standing_order,
)

START = datetime(2026, 3, 1, 23, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
FEE = Decimal("0.01")
CAP = Decimal("16.1")
"""Four times four units at 1 USD exceed it by their fees alone."""
SURVIVED = ["fails before", "answer lost"]
FAULTS = [*SURVIVED, "crash before", "crash after"]
WAITS = [SECOND, 20 * SECOND, MINUTE, 10 * MINUTE, HOUR, 23 * HOUR]
INTENT = "intent"


class Failed(Exception):
    """An effect gave no usable answer; the process lives on."""


class Refused(Exception):
    """The market said no."""


class Duplicate(Refused):
    """The market knows an order of this name."""


class Crashed(BaseException):
    """The process died, and what it had not written down with it."""


@dataclass
class Market:
    """Orders and fills, and listings of them that lag.

    Attributes:
        lag: How long after a write a listing still shows the old state; below the grace.
        unique: Whether a name can be used once only.
        hides_new: Whether a new order cannot be read by its id before it is listed.
    """

    lag: timedelta
    unique: bool
    hides_new: bool
    now: datetime = START
    versions: dict[str, list[tuple[datetime, Order]]] = field(default_factory=dict)
    trades: list[Trade] = field(default_factory=list)

    def order(self, order_id):
        return self.versions[order_id][-1][1]

    def shows(self, order_id):
        return not self.hides_new or self.versions[order_id][0][0] + self.lag <= self.now

    def orders(self):
        return [self.order(it) for it in self.versions]

    def live(self):
        return [it for it in self.orders() if not it.is_terminal]

    def listing(self):
        shown = []
        for versions in self.versions.values():
            visible = [it for since, it in versions if since + self.lag <= self.now]
            shown += visible[-1:]
        return shown

    def trades_of(self, order_id):
        past = [it for it in self.trades if it.executed_at + self.lag <= self.now]
        return tuple(it for it in past if it.order_id == order_id)

    def write(self, order):
        self.versions.setdefault(order.id, []).append((self.now, order))

    def place(self, new):
        if self.unique and new.client_order_id in {it.client_order_id for it in self.orders()}:
            raise Duplicate
        order = Order(
            id=f"order-{len(self.versions) + 1}",
            market_id=new.market_id,
            side=new.side,
            type="limit",
            status="active",
            quantity=Decimal(new.quantity),
            filled_quantity=Decimal(0),
            price=new.price,
            client_order_id=new.client_order_id,
        )
        self.write(order)
        return order.id

    def change(self, order_id, price, quantity):
        order = self.order(order_id)
        total = order.quantity if quantity is None else Decimal(quantity)
        if order.is_terminal or total <= order.filled_quantity:
            raise Refused
        self.write(replace(order, price=order.price if price is None else price, quantity=total))

    def cancel(self, order_id):
        order = self.order(order_id)
        if order.is_terminal:
            raise Refused
        self.write(replace(order, status="cancelled", closed_at=self.now))

    def trade(self, order_id, quantity, discount):
        order = self.order(order_id)
        quantity = min(Decimal(quantity), order.remaining_quantity)
        price = order.price - discount
        self.trades.append(
            Trade(
                id=f"trade-{len(self.trades)}",
                market_id=order.market_id,
                side="buy",
                price=price,
                quantity=quantity,
                fee=price * quantity * FEE,
                order_id=order_id,
                executed_at=self.now,
            )
        )
        filled = order.filled_quantity + quantity
        over = filled == order.quantity
        mine = [it for it in self.trades if it.order_id == order_id]
        value = sum(it.price * it.quantity for it in mine)
        self.write(
            replace(
                order,
                filled_quantity=filled,
                average_price=value / filled,
                fee=value * FEE,
                status="filled" if over else "partially_filled",
                closed_at=self.now if over else None,
            )
        )

    def spent_by_day(self):
        days = defaultdict(Decimal)
        for it in self.trades:
            days[it.executed_at.date()] += it.price * it.quantity + it.fee
        return days


class Keeper:
    """Gathers, decides and acts until nothing is left to do, then writes its record down.

    Args:
        market: The market.
        skew: How far its clock is ahead of the market's.
        wanted: What is declared.
    """

    def __init__(self, market, skew, wanted):
        self.market, self.skew, self.wanted = market, skew, wanted
        self.record = OrderRecord(INTENT)
        self.backups = [self.record]
        self.faults = []

    @property
    def now(self):
        return self.market.now + self.skew

    def gather(self, record):
        known = [it for it in record.order_ids() if self.market.shows(it)]
        return {it: Fills(self.market.order(it), self.market.trades_of(it)) for it in known}

    def run(self, faults=(), *, broken_listing=False):
        """One run; returns its last plan."""
        self.faults = list(faults)
        try:
            return self.converge(broken_listing=broken_listing)
        except (Failed, Refused, Crashed):
            return None

    def converge(self, *, broken_listing):
        record, listing = self.record, Listing.NOT_READ
        for _ in range(6):
            fills = self.gather(record)
            plan = plan_standing_order(situation(record, self.wanted, fills, listing, self.now))
            if not plan.actions:
                break
            (action,) = plan.actions
            if isinstance(action, LookUp):
                listing = Listing.BROKE_OFF if broken_listing else Listing.COMPLETE
                shown = self.market.listing()[:1] if broken_listing else self.market.listing()
                record = record.with_listed(shown, self.now)
            elif isinstance(action, Place):
                record, listing = self.place(record, action), Listing.NOT_READ
            else:
                self.write(action)
        if plan.reason not in REFUSALS:
            orders = {it: fill.order for it, fill in fills.items()}
            self.record = record.settled(self.wanted.terms, orders, self.now)
            self.backups.append(self.record)
        return plan

    def place(self, record, action):
        try:
            order_id = self.effect(lambda: self.market.place(action.order))
        except (Failed, Duplicate):
            order_id = None
        return record.placed(action.generation, order_id, self.now)

    def write(self, action):
        match action:
            case Change(order_id, price, quantity):
                self.effect(lambda: self.market.change(order_id, price, quantity))
            case Cancel(order_id):
                self.effect(lambda: self.market.cancel(order_id))

    def effect(self, happen):
        fault = self.faults.pop(0) if self.faults else None
        if fault == "crash before":
            raise Crashed
        if fault == "fails before":
            raise Failed
        result = happen()
        if fault == "answer lost":
            raise Failed
        if fault == "crash after":
            raise Crashed
        return result


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
