"""Keeping an order at the market: look, ask the core, act, and look again until all is done."""

from __future__ import annotations

from datetime import datetime, timedelta

from pulumi_thegrid._engine import engine_has_gone
from thegrid.client import Client, GridError, InDoubt, Misuse, NotFound, Refused, perform
from thegrid.client import Listing as ClientListing
from thegrid.core.model import Market, Order, Trade, normal_instrument_id
from thegrid.core.order_record import OrderRecord, situation
from thegrid.core.order_spending import Fills
from thegrid.core.order_terms import WantedOrder
from thegrid.core.standing_order import (
    REFUSALS,
    Cancel,
    Change,
    Listing,
    LookUp,
    OrderAction,
    OrderPlan,
    Place,
    Situation,
    plan_order_removal,
    plan_standing_order,
)

_CLOCKS_DIFFER = timedelta(hours=1)
"""Orders are listed from so long before their intent on, whatever this machine's clock says."""

_MOST_STEPS = 6
_DUPLICATE = "duplicate_client_order_id"
_LOST = (
    "the market does not know order {} any more, which was adopted: change `triggers` and leave "
    "`adopt` out to have another one placed"
)
_NOBODY_RECORDS = "nothing is changed: the run that asked for it has ended; run up again"
_TRIGGERS_HINT = "another value in `triggers` makes it a new standing order"


class OrderKeeper:
    """Does what the core decides about one standing order, and knows the record that results.

    Args:
        client: The market.
        record: What is recorded.
        wanted: What is declared.
        now: The market's time.
        intent_recorded_at: No order of the intent was placed before, or None where that is not
            known.

    Attributes:
        record: What is to be recorded.
        seen: The facts as gathered last.
        plan: What is to be done next.
    """

    def __init__(
        self,
        client: Client,
        record: OrderRecord,
        wanted: WantedOrder,
        now: datetime,
        intent_recorded_at: datetime | None,
    ) -> None:
        self.record = record
        self._client, self._wanted, self._now = client, wanted, now
        self._since = intent_recorded_at and intent_recorded_at - _CLOCKS_DIFFER
        self._listing = Listing.NOT_READ
        self._fills: dict[str, Fills] = {}
        self._has_placed = False
        self._is_ending = False
        self._decide()

    def look(self) -> None:
        """Read the order, and list orders if it is not found by its id. Nothing is changed.

        Raises:
            Refused: The market said no.
            Unreachable: No usable answer came.
        """
        self._gather()
        if self.seen.order is None:
            self._list()

    def converge(self) -> None:
        """Act until nothing is left to do. What was placed is recorded, whatever comes after.

        Raises:
            ValueError: What is declared cannot be brought about; the market was left as it is.
            Refused: The market said no.
            Unreachable: No usable answer came.
        """
        self._gather()
        done: OrderAction | None = None
        for _ in range(_MOST_STEPS):
            action = self.plan.actions[0] if self.plan.actions else None
            if action is None or action == done:
                break
            try:
                self._act(action)
            except GridError:
                if not self._has_placed:
                    raise
                break
            done = action
        if self.plan.reason in REFUSALS and not isinstance(done, Cancel):
            raise unachievable(self.plan)

    def take_over(self, order: Order) -> None:
        """Keep an order from now on that was there before. Nothing is changed at the market.

        Raises:
            Misuse: The market does not know it any more.
            Refused: The market said no.
            Unreachable: No usable answer came.
        """
        self.record = self.record.taken_over(order.id)
        self._gather()

    @property
    def is_listing_whole(self) -> bool:
        """Tell whether what was listed is all there is."""
        return self._listing is Listing.COMPLETE

    def settle(self) -> None:
        """Note in the record that what is declared has come about, as far as it can today."""
        orders = {order_id: it.order for order_id, it in self._fills.items()}
        self.record = self.record.settled(self._wanted.terms, orders, self._now)
        self._decide()

    def remove(self) -> tuple[str, ...]:
        """Cancel whatever of the order may live.

        Returns:
            What a person should know.

        Raises:
            ValueError: Something may be there that the market does not list yet.
            Truncated: The listing broke off, and the order is not known by its id.
            Refused: The market said no.
            Unreachable: No usable answer came.
        """
        self._is_ending = True
        self._list()
        record, orders = self.record, [it.order for it in self._fills.values()]
        placed_at = None if self.seen.order else record.placed_at
        plan = plan_order_removal(
            record.intent, orders, self._now, placed_at, adopted=record.adopted
        )
        notices = [self._cancel(action) for action in plan.actions if isinstance(action, Cancel)]
        if plan.reason == "InDoubt":
            raise ValueError(f"{plan.message}: try again after {plan.look_again_at:%H:%M:%S} UTC")
        if self._listing is Listing.BROKE_OFF and self.seen.order is None:
            self._orders().complete()
        return tuple(notice for notice in notices if notice)

    def _act(self, action: OrderAction) -> None:
        if isinstance(action, LookUp):
            self._list()
            return
        if engine_has_gone():
            raise ValueError(_NOBODY_RECORDS)
        if isinstance(action, Place):
            self.record = self.record.placed(action.generation, self._place(action), self._now)
            self._listing, self._has_placed = Listing.NOT_READ, True
            self._decide()
        else:
            self._write(action)
        self._gather()

    def _place(self, action: Place) -> str | None:
        """Return the new order's id; None where the order has to be looked up by its name."""
        try:
            return perform.place_order(self._client, action).id
        except InDoubt:
            return None
        except Refused as refused:
            if refused.code.lower() != _DUPLICATE:
                raise
            return None

    def _write(self, action: Change | Cancel) -> None:
        """Change or cancel an order, which may have ended in between."""
        before = self.seen.order
        try:
            perform.write_order(self._client, action)
        except Refused:
            if before is None or not self._client.order(before.id).is_terminal:
                raise

    def _cancel(self, action: Cancel) -> str:
        """Cancel an order and say what it had traded by then."""
        try:
            perform.write_order(self._client, action)
        except Refused:
            if not self._client.order(action.order_id).is_terminal:
                raise
        order = self._client.order(action.order_id)
        if not order.filled_quantity:
            return ""
        traded = f"{order.filled_quantity:f} of {order.quantity:f} units"
        return f"order {order.id} had traded {traded} when it ended, and they stay"

    def _orders(self) -> ClientListing[Order]:
        return self._client.orders(market_id=self._wanted.market_id, submitted_from=self._since)

    def _list(self) -> None:
        """List the orders of the market, and read those of the intent by their ids."""
        listing = self._orders()
        rows = listing.all()
        self._listing = Listing.BROKE_OFF if listing.truncated else Listing.COMPLETE
        self.record = self.record.with_listed(rows, self._now)
        self._gather()

    def _gather(self) -> None:
        """Read every order of the record, and what is listed of their trades."""
        self._fills = {}
        for order_id in self.record.order_ids():
            try:
                order = self._client.order(order_id)
            except NotFound as unknown:
                if order_id == self.record.order_id == self.record.adopted and not self._is_ending:
                    raise Misuse(_LOST.format(order_id)) from unknown
                continue
            self._fills[order_id] = Fills(order, self._trades(order))
        self._decide()

    def _trades(self, order: Order) -> tuple[Trade, ...]:
        if not order.filled_quantity or order.side == "sell":
            return ()
        return self._client.trades(order_id=order.id).all()

    def _decide(self) -> None:
        self.seen: Situation = situation(
            self.record, self._wanted, self._fills, self._listing, self._now
        )
        self.plan: OrderPlan = plan_standing_order(self.seen)


def unachievable(plan: OrderPlan) -> ValueError:
    """Return what to raise for a plan that refuses what is declared."""
    hint = f"; {_TRIGGERS_HINT}" if plan.reason == "EditAfterEnd" else ""
    return ValueError(f"{plan.message}{hint}")


def find_order(client: Client, order_id: str, subject: str = "") -> Order:
    """Read an order of the account.

    Args:
        client: Of the account.
        order_id: The market's id.
        subject: What the message begins with if there is no such order.

    Raises:
        Misuse: The account has no such order.
        Refused: The market said no.
        Unreachable: No usable answer came.
    """
    try:
        return client.order(order_id)
    except NotFound as unknown:
        raise Misuse(f"{subject}this login's account has no order {order_id}") from unknown


def find_market(client: Client, instrument: str) -> tuple[Market, str]:
    """Find the market of an instrument by its symbol or id.

    Returns:
        The market, and the instrument's id.

    Raises:
        Misuse: The instrument has no market.
        Refused: The market said no; `NotFound` if there is no such instrument.
        Unreachable: No usable answer came.
    """
    is_id = instrument.startswith("instrument-")
    found = client.instrument(instrument) if is_id else client.instrument_by_symbol(instrument)
    return client.market_of(found.symbol), normal_instrument_id(found.id)
