"""What a record of a standing order takes over from the market."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from thegrid.core.model import Order
from thegrid.core.order_record import OrderRecord, situation
from thegrid.core.order_spending import Fills
from thegrid.core.order_terms import Terms, WantedOrder
from thegrid.core.standing_order import Listing

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)
TERMS = Terms(Decimal(2), 10)
SECOND = OrderRecord("intent", 2, "order-2", ("order-1",), TERMS)


def order(generation, *, closed_at=None, intent="intent", key=None):
    return Order(
        id=key or f"order-{generation}",
        market_id="market-1",
        side="buy",
        type="limit",
        status="filled" if closed_at else "active",
        quantity=Decimal(10),
        filled_quantity=Decimal(10 if closed_at else 0),
        price=Decimal(2),
        average_price=Decimal(2) if closed_at else None,
        client_order_id=f"{intent}:{generation}",
        closed_at=closed_at,
    )


def test_a_newer_generation_in_a_listing_is_taken_over():
    record = SECOND.with_listed([order(1, closed_at=NOW), order(4), order(3, closed_at=NOW)], NOW)
    assert (record.generation, record.order_id) == (4, "order-4")
    assert set(record.earlier) >= {"order-1", "order-2", "order-3"}


def test_an_older_generation_in_a_listing_counts_for_today_and_is_not_taken_over():
    record = SECOND.with_listed([order(1, closed_at=NOW, key="order-0")], NOW)
    assert (record.generation, record.order_id) == (2, "order-2")
    assert "order-0" in record.earlier


def test_what_ended_before_today_or_is_another_s_is_left_out():
    listed = [order(1, closed_at=YESTERDAY, key="order-0"), order(9, intent="other")]
    record = SECOND.with_listed(listed, NOW)
    assert set(record.order_ids()) == {"order-1", "order-2"}
    assert record.generation == 2


def test_a_generation_that_was_perhaps_placed_keeps_the_one_before_it_for_the_cap():
    record = SECOND.placed(3, None, NOW)
    assert (record.generation, record.order_id, record.placed_at) == (3, None, NOW)
    assert record.order_ids() == ("order-2", "order-1")


def test_a_settled_record_forgets_what_ended_before_today_and_keeps_what_it_could_not_read():
    record = replace(SECOND, earlier=("order-0", "order-1", "order-x"), placed_at=NOW)
    orders = {
        "order-0": order(1, closed_at=YESTERDAY, key="order-0"),
        "order-1": order(1, closed_at=NOW),
        "order-2": order(2),
    }
    settled = record.settled(Terms(Decimal(3), 5), orders, NOW)
    assert settled.earlier == ("order-1", "order-x")
    assert (settled.declared, settled.placed_at) == (Terms(Decimal(3), 5), None)
    assert record.settled(TERMS, {}, NOW).placed_at == NOW


def test_a_situation_counts_every_order_of_the_record_and_takes_the_current_one():
    wanted = WantedOrder("market-1", "buy", Decimal(2), 10)
    fills = {
        "order-1": Fills(order(1, closed_at=NOW), ()),
        "order-2": Fills(order(2, closed_at=NOW), ()),
    }
    seen = situation(SECOND, wanted, fills, Listing.NOT_READ, NOW)
    assert seen.spent_usd == 40
    assert seen.order == fills["order-2"].order
    assert (
        situation(replace(SECOND, order_id=None), wanted, fills, Listing.NOT_READ, NOW).order
        is None
    )


def test_an_adopted_order_keeps_its_name_and_counts_as_a_generation_that_is_never_placed():
    there = order(1, intent="by hand", key="order-9")
    record = OrderRecord("intent").taken_over("order-9")
    assert (record.generation, record.order_id, record.adopted) == (1, "order-9", "order-9")
    assert record.with_listed([there], NOW).order_id == "order-9"
    assert record.name_of(there) == "by hand:1"
    assert record.placed(2, "order-10", NOW).name_of(order(2, key="order-10")) == "intent:2"


def test_an_order_adopted_after_others_of_the_intent_is_newer_than_they():
    first = order(1, closed_at=NOW)
    record = OrderRecord("intent").with_listed([first], NOW).taken_over("order-9")
    assert (record.generation, record.order_ids()) == (2, ("order-9", "order-1"))
    assert record.with_listed([first], NOW).order_id == "order-9"


def test_an_order_that_is_not_known_yet_has_the_name_of_its_generation():
    assert OrderRecord("intent").name_of(None) == "intent:1"
    assert OrderRecord("intent", 3).name_of(None) == "intent:3"
