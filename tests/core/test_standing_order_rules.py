"""What is done about a standing order, case by case."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from thegrid.core.model import NewOrder, Order
from thegrid.core.order_terms import Terms, WantedOrder, drift_of, generation_of, name_of
from thegrid.core.standing_order import (
    LISTING_GRACE,
    REFUSALS,
    Cancel,
    Change,
    Listing,
    LookUp,
    Place,
    Situation,
    plan_order_removal,
    plan_standing_order,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ONCE = WantedOrder("market-1", "buy", Decimal(2), 10)
CAPPED = replace(ONCE, daily_cap_usd=Decimal(30))
RENEWED = replace(CAPPED, renew="when_filled")
ALWAYS = replace(CAPPED, renew="when_closed")
REPORTED = replace(ONCE, repair=False)


def order(status="active", generation=1, **facts):
    given = {
        "id": f"order-{generation}",
        "market_id": "market-1",
        "side": "buy",
        "type": "limit",
        "status": status,
        "quantity": Decimal(10),
        "filled_quantity": Decimal(0),
        "price": Decimal(2),
        "client_order_id": name_of("intent", generation),
    }
    return Order(**given | facts)


FILLED = order("filled", filled_quantity=Decimal(10))
PARTLY = order("partially_filled", filled_quantity=Decimal(4))
CANCELLED = order("cancelled", filled_quantity=Decimal(4))


def situation(wanted, seen=None, **facts):
    given = {
        "declared": Terms(Decimal(2), 10),
        "intent": "intent",
        "generation": 1,
        "listing": Listing.COMPLETE,
        "spent_usd": Decimal(0),
        "fee_rate": wanted.fee_rate,
        "now": NOW,
    }
    return Situation(wanted, order=seen, **given | facts)


def first(wanted, seen=None, **facts):
    """Nothing is recorded, as in the first run and after one that got lost."""
    return situation(wanted, seen, **{"declared": None, "generation": int(bool(seen))} | facts)


def place(generation, wanted=ONCE):
    new = NewOrder(
        "market-1",
        "buy",
        wanted.quantity,
        wanted.price,
        client_order_id=f"intent:{generation}",
    )
    return Place(new, generation)


DEARER = replace(ONCE, price=Decimal(3))
MORE = replace(ONCE, quantity=12)

DECISIONS = {
    "nothing is placed before it was looked for": (
        first(ONCE, listing=Listing.NOT_READ),
        ("FirstOrder", LookUp("intent:1")),
    ),
    "what a complete listing lacks is placed under the intent's name": (
        first(ONCE),
        ("FirstOrder", place(1)),
    ),
    "on a listing that broke off nothing is placed": (
        first(ONCE, listing=Listing.BROKE_OFF),
        ("ListingBrokeOff", None),
    ),
    "what a lost run has placed is kept": (first(ONCE, order()), ("UpToDate", None)),
    "what a lost run has placed on other terms is changed, without repair too": (
        first(replace(DEARER, repair=False), order()),
        ("Edited", Change("order-1", Decimal(3), None)),
    ),
    "what a lost run has placed and was filled is not placed again": (
        first(ONCE, FILLED),
        ("Ended", None),
    ),
    "what was cancelled before this life of the resource is followed by a new generation": (
        first(ONCE, CANCELLED),
        ("FirstOrder", place(2)),
    ),
    "an order of the intent in another market is left alone": (
        first(ONCE, order(market_id="market-2")),
        ("AnotherOrder", None),
    ),
    "an order of the intent on the other side is left alone": (
        first(ONCE, order(side="sell")),
        ("AnotherOrder", None),
    ),
    "right after an unclear answer what a listing lacks is waited for": (
        situation(ONCE, placed_at=NOW - LISTING_GRACE + SECOND),
        ("InDoubt", None),
    ),
    "after an unclear answer it is looked for first": (
        situation(ONCE, placed_at=NOW, listing=Listing.NOT_READ),
        ("NotFound", LookUp("intent:1")),
    ),
    "a grace after an unclear answer it is placed under the same name": (
        situation(ONCE, placed_at=NOW - LISTING_GRACE, generation=3),
        ("FirstOrder", place(3)),
    ),
    "an order on the book is left there": (situation(ONCE, order()), ("UpToDate", None)),
    "an order that is pending is left there": (
        situation(ONCE, order("pending")),
        ("UpToDate", None),
    ),
    "fills are no drift": (situation(ONCE, PARTLY), ("UpToDate", None)),
    "an edited price is written in place": (
        situation(DEARER, order()),
        ("Edited", Change("order-1", Decimal(3), None)),
    ),
    "an edited quantity is written as the new total": (
        situation(MORE, PARTLY),
        ("Edited", Change("order-1", None, 12)),
    ),
    "price and quantity are written at once": (
        situation(replace(DEARER, quantity=12), order()),
        ("Edited", Change("order-1", Decimal(3), 12)),
    ),
    "an edit that the market shows already is not written again": (
        situation(DEARER, order(price=Decimal(3))),
        ("UpToDate", None),
    ),
    "where no more is wanted than was traded, the rest is cancelled": (
        situation(replace(ONCE, quantity=4), PARTLY),
        ("Edited", Cancel("order-1")),
    ),
    "a price changed by hand is written back": (
        situation(ONCE, order(price=Decimal(1))),
        ("Drifted", Change("order-1", Decimal(2), None)),
    ),
    "a quantity changed by hand is written back": (
        situation(ONCE, order(quantity=Decimal(7))),
        ("Drifted", Change("order-1", None, 10)),
    ),
    "without repair what was changed by hand is only reported": (
        situation(REPORTED, order(price=Decimal(1))),
        ("DriftReported", None),
    ),
    "without repair an edit writes only what was edited": (
        situation(replace(REPORTED, quantity=12), order(price=Decimal(1))),
        ("Edited", Change("order-1", None, 12)),
    ),
    "an order that is being cancelled is waited for": (
        situation(DEARER, order("cancellation_pending")),
        ("CancellationPending", None),
    ),
    "a filled order that does not renew itself has ended": (
        situation(ONCE, FILLED),
        ("Ended", None),
    ),
    "an order cancelled by hand has ended": (situation(ONCE, CANCELLED), ("Ended", None)),
    "an edit of an ended order is refused": (situation(DEARER, FILLED), ("EditAfterEnd", None)),
    "an edit of an order cancelled by hand is refused unless that renews it": (
        situation(replace(RENEWED, quantity=12), CANCELLED),
        ("EditAfterEnd", None),
    ),
    "a filled order is renewed by the next generation": (
        situation(RENEWED, FILLED),
        ("RenewalDue", place(2)),
    ),
    "a renewal is looked for before it is placed": (
        situation(RENEWED, FILLED, listing=Listing.NOT_READ),
        ("RenewalDue", LookUp("intent:2")),
    ),
    "on a listing that broke off nothing is renewed": (
        situation(RENEWED, FILLED, listing=Listing.BROKE_OFF),
        ("ListingBrokeOff", None),
    ),
    "a renewal takes edited terms": (
        situation(replace(RENEWED, price=Decimal(3)), FILLED),
        ("RenewalDue", place(2, DEARER)),
    ),
    "an order cancelled by hand is not renewed when only filled ones are": (
        situation(RENEWED, CANCELLED),
        ("Ended", None),
    ),
    "an order cancelled after it traded all that is wanted counts as filled": (
        situation(replace(RENEWED, quantity=4), CANCELLED),
        ("RenewalDue", place(2, replace(ONCE, quantity=4))),
    ),
    "an order cancelled by hand is renewed when closed ones are": (
        situation(ALWAYS, CANCELLED),
        ("RenewalDue", place(2)),
    ),
    "an expired order is renewed when closed ones are": (
        situation(ALWAYS, order("expired", 4), generation=4),
        ("RenewalDue", place(5)),
    ),
    "a renewal that just fits the cap is placed": (
        situation(RENEWED, FILLED, spent_usd=Decimal(10)),
        ("RenewalDue", place(2)),
    ),
    "a renewal that exceeds the cap is not placed": (
        situation(RENEWED, FILLED, spent_usd=Decimal("10.01")),
        ("CapReached", None),
    ),
    "a renewal that exceeds the cap by its fee alone is not placed": (
        situation(RENEWED, FILLED, spent_usd=Decimal(10), fee_rate=Decimal("0.001")),
        ("CapReached", None),
    ),
    "an edit that exceeds the cap is refused": (
        situation(replace(CAPPED, price=Decimal(3)), order(), spent_usd=Decimal("0.01")),
        ("EditExceedsCap", None),
    ),
    "for an edit what was traded already counts once": (
        situation(replace(CAPPED, price=Decimal(3)), PARTLY, spent_usd=Decimal(8)),
        ("Edited", Change("order-1", Decimal(3), None)),
    ),
    "an order that no longer fits a lowered cap is cancelled": (
        situation(replace(CAPPED, daily_cap_usd=Decimal(20)), PARTLY, spent_usd=Decimal(9)),
        ("CapExceeded", Cancel("order-1")),
    ),
    "an order that somebody made exceed the cap is written back if that helps": (
        situation(CAPPED, order(price=Decimal(4))),
        ("Drifted", Change("order-1", Decimal(2), None)),
    ),
    "an order that somebody made exceed the cap is cancelled where drift is only reported": (
        situation(replace(CAPPED, repair=False), order(price=Decimal(4))),
        ("CapExceeded", Cancel("order-1")),
    ),
    "a repair that exceeds the cap is not written": (
        situation(CAPPED, order(price=Decimal(1)), spent_usd=Decimal(15)),
        ("CapReached", None),
    ),
    "an unknown status counts as living": (
        situation(DEARER, order("resting_in_peace")),
        ("Edited", Change("order-1", Decimal(3), None)),
    ),
}


@pytest.mark.parametrize("sentence", DECISIONS)
def test_the_decision(sentence):
    facts, (reason, action) = DECISIONS[sentence]
    plan = plan_standing_order(facts)
    assert (plan.reason, plan.actions) == (reason, (action,) if action else ())
    assert plan.message
    assert plan.actions or plan.look_again_at > NOW
    assert plan.reason not in REFUSALS or not plan.actions


def test_a_reached_cap_says_what_the_day_would_cost_and_when_another_begins():
    plan = plan_standing_order(situation(RENEWED, FILLED, spent_usd=Decimal(20)))
    assert "today may cost 40 USD with it, more than the cap of 30 USD a day" in plan.message
    assert plan.message.endswith("nothing is placed")
    assert plan.look_again_at == datetime(2026, 3, 2, 0, 1, tzinfo=UTC)


def test_a_removal_cancels_whatever_of_the_intent_lives_and_nothing_else():
    stranger = order(id="order-9", client_order_id="another:1")
    unnamed = order(id="order-8", client_order_id=None)
    orders = [FILLED, order(generation=2), order("cancellation_pending", 3), stranger, unnamed]
    plan = plan_order_removal("intent", orders, NOW)
    assert (plan.reason, plan.actions) == ("Removed", (Cancel("order-2"),))


def test_a_removal_cancels_an_adopted_order_too_whatever_its_name():
    orders = [order(id="order-9", client_order_id="another:1"), order(id="order-8")]
    plan = plan_order_removal("an intent", orders, NOW, adopted="order-9")
    assert plan.actions == (Cancel("order-9"),)


def test_a_removal_right_after_an_unclear_answer_is_in_doubt():
    plan = plan_order_removal("intent", [], NOW, NOW - LISTING_GRACE + SECOND)
    assert (plan.reason, plan.actions) == ("InDoubt", ())
    assert plan_order_removal("intent", [], NOW, NOW - LISTING_GRACE).reason == "Removed"


@pytest.mark.parametrize(
    ("name", "generation"),
    [
        ("intent:1", 1),
        ("intent:20", 20),
        ("intent:0", None),
        ("intent", None),
        ("intents:1", None),
        ("intent:1:2", None),
        (None, None),
    ],
)
def test_a_name_tells_the_generation_of_its_intent_alone(name, generation):
    assert generation_of("intent", name) == generation


def test_drift_is_told_by_both_values_and_an_ended_order_has_none():
    changed = order(price=Decimal("1.50"), quantity=Decimal(7))
    assert drift_of(ONCE.terms, changed) == (
        "price: 1.5 USD at the market, 2 USD declared",
        "quantity: 7 at the market, 10 declared",
    )
    assert drift_of(ONCE.terms, replace(changed, status="cancelled")) == ()


IMPOSSIBLE = {
    "price: Decimal('0') is not a decimal of US dollars above zero": {"price": Decimal(0)},
    "quantity: 0 is not a whole number of units from 1": {"quantity": 0},
    "auto_transfer: only what a buy order brings can be moved": {
        "side": "sell",
        "auto_transfer": True,
    },
    "renew: 'always' is none of never, when_filled, when_closed": {"renew": "always"},
    "daily_cap_usd: a buy order that renews itself needs one": {"renew": "when_filled"},
    "daily_cap_usd: a sell order spends nothing: leave it out": {
        "side": "sell",
        "daily_cap_usd": Decimal(30),
    },
    "daily_cap_usd: Decimal('0') is not a decimal of US dollars above zero": {
        "daily_cap_usd": Decimal(0)
    },
    "daily_cap_usd: one order alone may cost 20.2 USD, more than 20 USD": {
        "daily_cap_usd": Decimal(20),
        "fee_rate": Decimal("0.01"),
    },
    "fee_rate: Decimal('-0.1') is not a share of a trade's value from 0 to 1": {
        "fee_rate": Decimal("-0.1")
    },
}


@pytest.mark.parametrize("problem", IMPOSSIBLE)
def test_what_cannot_be_declared(problem):
    with pytest.raises(ValueError, match=f"^{re.escape(problem)}$"):
        replace(ONCE, **IMPOSSIBLE[problem])


def test_a_sale_may_renew_itself_without_a_cap():
    assert WantedOrder("market-1", "sell", Decimal(2), 10, renew="when_closed")
