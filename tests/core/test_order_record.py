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
