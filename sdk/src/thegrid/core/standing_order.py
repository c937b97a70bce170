"""A limit order that is kept on the book: when it is placed, changed, renewed, cancelled or left.

An order is found again by its `client_order_id`: the intent, a random text that was recorded before
anything was placed, and a generation, which counts renewals. `plan_standing_order` decides the next
step from facts alone. The rules stand below in their order; the first that speaks wins, so the list
`_RULES` reads as the specification.

Always true, whatever is lost on the way: an order is placed only after a complete listing without
it, and never while an earlier one of its intent may live; the order's price times what is left of
it, with fees and with what the day's fills cost, never exceeds the day's cap when it is placed or
changed. A market that lists new orders with a delay is expected to refuse a `client_order_id` that
was used before, as The Grid does; after an unclear answer the delay is waited out too.

What does not belong here: how orders are read and written, and what was spent
(`thegrid.core.order_spending`). See docs/decisions/0010.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import TypeAlias

from thegrid.core.model import NewOrder, Order
from thegrid.core.order_spending import next_day
from thegrid.core.order_terms import (
    Terms,
    WantedOrder,
    cost_of,
    drift_of,
    generation_of,
    name_of,
    usd,
)
from thegrid.core.plan import Plan

LISTING_GRACE = timedelta(seconds=60)
"""How long after a write the market's listing may still not show it."""

LOOK_AT_LEAST_EVERY = timedelta(minutes=10)
"""Fills, and what was done by hand, are found within this time."""


class Listing(Enum):
    """How much of the account's orders was listed when the facts were gathered."""

    NOT_READ = "NotRead"
    COMPLETE = "Complete"
    BROKE_OFF = "BrokeOff"


@dataclass(frozen=True, slots=True)
class Situation:
    """All that `plan_standing_order` looks at.

    Attributes:
        wanted: The order as declared now.
        declared: The terms that were declared and brought about before; None if nothing is
            recorded yet, so that whatever is found was left by a run that got lost.
        intent: The random text that was recorded before anything was placed.
        generation: The highest generation that was recorded or found; 0 for none.
        order: The order of that generation as read just now, or None where none was found.
        listing: How much was listed. What was listed is part of the other facts.
        spent_usd: What the fills of this UTC day have cost, over all generations, fees included.
        fee_rate: What a trade is expected to cost on top; at least what was declared.
        now: The market's time.
        placed_at: When that generation was placed, or was perhaps placed, while it was not read
            yet; else None.
    """

    wanted: WantedOrder
    declared: Terms | None
    intent: str
    generation: int
    order: Order | None
    listing: Listing
    spent_usd: Decimal
    fee_rate: Decimal
    now: datetime
    placed_at: datetime | None = None

    @property
    def edited(self) -> bool:
        """Tell whether other terms are declared than before."""
        return self.declared is not None and self.declared != self.wanted.terms

    def cost(self, price: Decimal, quantity: Decimal) -> Decimal:
        """Return what the day costs in US dollars if so many units more are bought at a price."""
        return self.spent_usd + cost_of(price, quantity, self.fee_rate)

    def fits(self, price: Decimal, quantity: Decimal) -> bool:
        """Tell whether so many units more may be bought at a price today."""
        cap = self.wanted.daily_cap_usd
        return cap is None or self.cost(price, quantity) <= cap


@dataclass(frozen=True, slots=True)
class LookUp:
    """List the account's orders, since one of this name may be there, and decide again."""

    client_order_id: str


@dataclass(frozen=True, slots=True)
class Place:
    """Place an order. If its answer is unclear, or the name is used already, look it up."""

    order: NewOrder
    generation: int


@dataclass(frozen=True, slots=True)
class Change:
    """Change an order in place; what is None stays. `quantity` is the new total of units."""

    order_id: str
    price: Decimal | None
    quantity: int | None


@dataclass(frozen=True, slots=True)
class Cancel:
    """Cancel an order. Cancelling a cancelled order is no error."""

    order_id: str


OrderAction: TypeAlias = LookUp | Place | Change | Cancel
OrderPlan: TypeAlias = Plan[OrderAction]

REFUSALS = frozenset({"AnotherOrder", "EditAfterEnd", "EditExceedsCap"})
"""Reasons of plans that do nothing because what is declared cannot be brought about as it is."""


def plan_standing_order(situation: Situation) -> OrderPlan:
    """Decide the next step.

    Args:
        situation: The facts.

    Returns:
        One action at most, after which the facts are to be gathered anew; or none, with the reason.
        A reason in `REFUSALS` means that the declaration cannot be brought about.
    """
    return next(plan for rule in _RULES if (plan := rule(situation)))


def plan_order_removal(
    intent: str,
    orders: Iterable[Order],
    now: datetime,
    placed_at: datetime | None = None,
    *,
    adopted: str | None = None,
) -> OrderPlan:
    """Decide how to end a standing order: whatever of it may live is cancelled.

    Args:
        intent: The standing order's intent.
        orders: What is known of the account's orders, after a listing.
        now: The market's time.
        placed_at: When a generation that was not found was placed, or was perhaps placed; None
            where there is none.
        adopted: The identifier of an order that was taken over and has another's name, or None.

    Returns:
        The cancellations; with the reason `InDoubt`, something may be there that is not listed yet.
    """
    mine = [
        it
        for it in orders
        if it.id == adopted or generation_of(intent, it.client_order_id) is not None
    ]
    live = [it for it in mine if not it.is_terminal and it.status != "cancellation_pending"]
    actions = tuple(Cancel(it.id) for it in live)
    if placed_at is not None and now < placed_at + LISTING_GRACE:
        message = "the market may not show yet what was placed"
        return Plan(actions, "InDoubt", message, placed_at + LISTING_GRACE)
    return Plan(actions, "Removed", f"{len(actions)} to cancel")


def _look_for_the_order(s: Situation) -> OrderPlan | None:
    """Nothing is decided about an order that was not found before all orders were listed."""
    if s.order is not None or s.listing is not Listing.NOT_READ:
        return None
    name = name_of(s.intent, max(s.generation, 1))
    if s.generation:
        return Plan((LookUp(name),), "NotFound", "the order was not found by its id")
    return Plan((LookUp(name),), "FirstOrder", "the order is to be placed")


def _wait_out_a_doubt(s: Situation) -> OrderPlan | None:
    if s.order is not None or s.placed_at is None:
        return None
    until = s.placed_at + LISTING_GRACE
    if s.now >= until:
        return None
    message = "the market may not show yet what was placed; it is waited for"
    return Plan((), "InDoubt", message, until)


def _place_an_order_that_is_not_there(s: Situation) -> OrderPlan | None:
    if s.order is not None:
        return None
    return _placed(s, max(s.generation, 1), "FirstOrder", "the order is to be placed")


def _leave_an_order_of_another_kind(s: Situation) -> OrderPlan | None:
    order = s.order
    if order is None or (order.side, order.market_id) == (s.wanted.side, s.wanted.market_id):
        return None
    message = f"order {order.id} of this intent is another one: {order.side} in {order.market_id}"
    return _rest(s, "AnotherOrder", message)


def _wait_for_a_cancellation(s: Situation) -> OrderPlan | None:
    if s.order is None or s.order.status != "cancellation_pending":
        return None
    return Plan((), "CancellationPending", "the order is being cancelled", s.now + LISTING_GRACE)


def _place_what_a_lost_run_cancelled(s: Situation) -> OrderPlan | None:
    """With nothing recorded, a cancelled order belongs to a life of the resource that is over."""
    if s.order is None or s.declared is not None or s.order.status != "cancelled":
        return None
    return _placed(s, s.generation + 1, "FirstOrder", "the order before it was cancelled")


def _renew_an_order_that_has_ended(s: Situation) -> OrderPlan | None:
    order = s.order
    if order is None or not order.is_terminal:
        return None
    filled = order.status == "filled" or order.filled_quantity >= s.wanted.quantity
    if s.wanted.renew == "never" or (s.wanted.renew == "when_filled" and not filled):
        return None
    message = f"the order is {order.status}; generation {s.generation + 1} is due"
    return _placed(s, s.generation + 1, "RenewalDue", message)


def _leave_an_order_that_has_ended(s: Situation) -> OrderPlan | None:
    order = s.order
    if order is None or not order.is_terminal:
        return None
    if s.edited:
        message = (
            f"the order is {order.status} and cannot be changed any more; "
            f"with renew={s.wanted.renew} no other one is placed"
        )
        return _rest(s, "EditAfterEnd", message)
    return _rest(s, "Ended", f"the order is {order.status}")


def _end_an_order_that_exceeds_the_cap(s: Situation) -> OrderPlan | None:
    """Where the terms to be written do fit, they are written instead."""
    order = s.order
    if order is None or order.price is None or s.fits(order.price, order.remaining_quantity):
        return None
    change = _change(s, order)
    if change and _fits_changed(s, order, change):
        return None
    excess = f"today may cost {usd(s.cost(order.price, order.remaining_quantity))} with this order"
    return Plan((Cancel(order.id),), "CapExceeded", f"{excess}, {_cap(s)}; it is cancelled")


def _end_an_order_that_has_traded_enough(s: Situation) -> OrderPlan | None:
    """The market refuses a total that does not exceed what was traded."""
    order = s.order
    if order is None or not _change(s, order) or order.filled_quantity < s.wanted.quantity:
        return None
    message = f"{order.filled_quantity:f} units are traded, no more are wanted; it is cancelled"
    return Plan((Cancel(order.id),), "Edited" if s.edited else "Drifted", message)


def _write_the_terms(s: Situation) -> OrderPlan | None:
    order = s.order
    change = order and _change(s, order)
    if order is None or not change:
        return None
    if not _fits_changed(s, order, change):
        left = s.wanted.quantity - order.filled_quantity
        message = f"today may cost {usd(s.cost(s.wanted.price, left))} then, {_cap(s)}"
        return _rest(
            s, "CapReached" if not s.edited else "EditExceedsCap", message, next_day(s.now)
        )
    reason = "Drifted" if not s.edited and s.declared else "Edited"
    return Plan((change,), reason, "; ".join(drift_of(s.wanted.terms, order)))


def _report_drift(s: Situation) -> OrderPlan | None:
    lines = s.order and drift_of(s.wanted.terms, s.order)
    return _rest(s, "DriftReported", "; ".join(lines)) if lines else None


def _leave_an_order_in_place(s: Situation) -> OrderPlan:
    return _rest(s, "UpToDate", "the order is on the book")


_RULES: tuple[Callable[[Situation], OrderPlan | None], ...] = (
    _look_for_the_order,
    _wait_out_a_doubt,
    _place_an_order_that_is_not_there,
    _leave_an_order_of_another_kind,
    _wait_for_a_cancellation,
    _place_what_a_lost_run_cancelled,
    _renew_an_order_that_has_ended,
    _leave_an_order_that_has_ended,
    _end_an_order_that_exceeds_the_cap,
    _end_an_order_that_has_traded_enough,
    _write_the_terms,
    _report_drift,
    _leave_an_order_in_place,
)


def _placed(s: Situation, generation: int, reason: str, message: str) -> OrderPlan:
    """Place a generation if the cap allows it and a complete listing lacks it."""
    wanted, name = s.wanted, name_of(s.intent, generation)
    if not s.fits(wanted.price, Decimal(wanted.quantity)):
        cost = usd(s.cost(wanted.price, Decimal(wanted.quantity)))
        text = f"{message}; today may cost {cost} with it, {_cap(s)}: nothing is placed"
        return _rest(s, "CapReached", text, next_day(s.now))
    if s.listing is Listing.NOT_READ:
        return Plan((LookUp(name),), reason, message)
    if s.listing is Listing.BROKE_OFF:
        text = f"{message}; the listing of orders broke off, so it may be there: nothing is placed"
        return _rest(s, "ListingBrokeOff", text)
    return Plan((Place(wanted.order(name), generation),), reason, message)


def _change(s: Situation, order: Order) -> Change | None:
    """Return what is to be written: what was edited, and what drifted if that is repaired."""
    repaired = s.wanted.repair or s.declared is None
    before = s.declared or s.wanted.terms
    price = s.wanted.price if repaired or before.price != s.wanted.price else None
    quantity = s.wanted.quantity if repaired or before.quantity != s.wanted.quantity else None
    change = Change(
        order.id,
        None if price == order.price else price,
        None if quantity == order.quantity else quantity,
    )
    return None if change == Change(order.id, None, None) else change


def _fits_changed(s: Situation, order: Order, change: Change) -> bool:
    price = change.price or order.price or s.wanted.price
    total = order.quantity if change.quantity is None else Decimal(change.quantity)
    return s.fits(price, max(total - order.filled_quantity, Decimal(0)))


def _rest(s: Situation, reason: str, message: str, until: datetime | None = None) -> OrderPlan:
    return Plan((), reason, message, until or s.now + LOOK_AT_LEAST_EVERY)


def _cap(s: Situation) -> str:
    return f"more than the cap of {usd(s.wanted.daily_cap_usd or Decimal(0))} a day"
