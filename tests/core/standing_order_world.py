"""A naive market that loses answers, lags and trades at any moment, and who keeps an order in it.

`Market` is what The Grid knows: orders, fills, listings that lag. `Keeper` is a front door: it
gathers, asks `plan_standing_order`, acts and writes a record down when a step is over, each of
which a fault may strike.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tests.core.faults import Crashed, Failed, struck

from thegrid.core.model import Order, Trade
from thegrid.core.order_record import OrderRecord, situation
from thegrid.core.order_spending import Fills
from thegrid.core.standing_order import (
    REFUSALS,
    Cancel,
    Change,
    Listing,
    LookUp,
    Place,
    plan_standing_order,
)

START = datetime(2026, 3, 1, 23, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
FEE = Decimal("0.01")
CAP = Decimal("16.1")
"""Four times four units at 1 USD exceed it by their fees alone."""
INTENT = "intent"


class Refused(Exception):
    """The market said no."""


class Duplicate(Refused):
    """The market knows an order of this name."""


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
        return struck(self.faults, happen)
