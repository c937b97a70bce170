"""What the fills of a day have cost, whatever the market tells late."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from thegrid.core.model import Order, Trade
from thegrid.core.order_spending import (
    CLOCK_SKEW,
    Fills,
    counts_today,
    day_of,
    fee_rate_of,
    next_day,
    spent_today,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY, YESTERDAY = NOW - timedelta(hours=1), NOW - timedelta(hours=13)
CENT = Decimal("0.01")


def order(filled, *, average=None, fee=None, side="buy", price=2):
    return Order(
        id="order-1",
        market_id="market-1",
        side=side,
        type="limit",
        status="partially_filled",
        quantity=Decimal(10),
        filled_quantity=Decimal(filled),
        price=Decimal(price),
        average_price=average and Decimal(average),
        fee=fee and Decimal(fee),
    )


def trade(quantity, at=TODAY, *, price=2, fee=None, value=None, order_id="order-1"):
    return Trade(
        id="trade-1",
        market_id="market-1",
        side="buy",
        price=Decimal(price),
        quantity=Decimal(quantity),
        total_value=value and Decimal(value),
        fee=fee and Decimal(fee),
        order_id=order_id,
        executed_at=at,
    )


SPENT = {
    "nothing filled costs nothing": (order(0), [], "0"),
    "trades of today count": (order(5), [trade(2), trade(3, price=1)], "7.07"),
    "trades of another day do not": (order(5), [trade(2), trade(3, YESTERDAY)], "4.04"),
    "a trade without a time counts as today's": (order(5), [trade(5, None)], "10.1"),
    "fees count": (order(5), [trade(5, fee="0.3")], "10.3"),
    "a fee that is not told is reckoned": (order(5), [trade(5)], "10.1"),
    "the market's own total counts before price and quantity": (
        order(5),
        [trade(5, value="9.99", fee="0.01")],
        "10",
    ),
    "a fill that no trade shows yet counts at the average price": (
        order(5, average="1.5"),
        [trade(2, price=1, fee="0.02")],
        "7.575",
    ),
    "where no average is told it counts at the limit": (order(5), [], "10.1"),
    "the fee of a fill that no trade shows yet counts": (order(5, fee="0.4"), [], "10.4"),
    "trades of other orders do not count": (order(5), [trade(5, order_id="another")], "10.1"),
    "a sale costs nothing": (order(5, side="sell"), [trade(5)], "0"),
}


@pytest.mark.parametrize("sentence", SPENT)
def test_spending(sentence):
    seen, trades, spent = SPENT[sentence]
    assert spent_today([Fills(seen, tuple(trades))], CENT, NOW) == Decimal(spent)


def test_the_day_is_utc_and_begins_when_the_market_s_clock_has_certainly_begun_it():
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    assert day_of(midnight + CLOCK_SKEW) == midnight
    assert day_of(midnight + CLOCK_SKEW / 2) == midnight - timedelta(days=1)
    assert next_day(midnight + CLOCK_SKEW / 2) == midnight + CLOCK_SKEW
    assert next_day(NOW) == midnight + timedelta(days=1) + CLOCK_SKEW


def test_the_highest_share_paid_is_expected_again():
    paid = Fills(order(5), (trade(5, fee="0.2"), trade(5, fee="0.1"), trade(5)))
    assert fee_rate_of([paid], Decimal(0)) == Decimal("0.02")
    assert fee_rate_of([paid], Decimal("0.5")) == Decimal("0.5")
    assert fee_rate_of([], CENT) == CENT


def test_an_order_that_ended_before_today_does_not_count():
    ended = Order(
        "order-1", "market-1", "buy", "limit", "filled", Decimal(1), Decimal(1), closed_at=YESTERDAY
    )
    assert not counts_today(ended, NOW)
    assert counts_today(order(5), NOW)
