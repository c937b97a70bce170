"""Who trades with whom, at which price, and what becomes of the rest."""

from decimal import Decimal

import pytest

from thegrid_emulator.errors import MarketError
from thegrid_emulator.exchange import OrderChange


def test_a_limit_order_that_nobody_meets_waits(trading):
    order = trading.buy("ann", 3, "0.90")
    assert (order.status, order.closure_reason) == ("active", None)
    assert trading.depth() == ([("0.90", 3)], [])


def test_a_trade_happens_at_the_price_of_the_order_that_was_there_first(trading):
    trading.sell("ann", 2, "0.90")
    order = trading.buy("bob", 2, "1.00")
    assert trading.trades() == [("bob", "ann", 2, "0.90")]
    assert (order.status, order.average_price) == ("filled", Decimal("0.90"))


def test_the_better_price_is_served_first_whatever_came_earlier(trading):
    trading.sell("ann", 1, "1.10")
    trading.sell("bob", 1, "1.00")
    trading.buy("eve", 2, "1.20")
    assert [seller for _, seller, _, _ in trading.trades()] == ["bob", "ann"]


def test_at_one_price_the_earlier_order_is_served_first(trading):
    trading.sell("ann", 1, "1.00")
    trading.sell("bob", 1, "1")
    trading.buy("eve", 2, "1.000")
    assert [seller for _, seller, _, _ in trading.trades()] == ["ann", "bob"]


def test_what_a_limit_order_cannot_trade_waits_at_its_own_price(trading):
    trading.sell("ann", 2, "0.90")
    order = trading.buy("bob", 5, "1.00")
    assert (order.status, order.filled_quantity) == ("partially_filled", 2)
    assert trading.depth() == ([("1.00", 3)], [])


def test_a_market_order_walks_the_book_and_its_rest_is_cancelled(trading):
    trading.sell("ann", 1, "0.90")
    trading.sell("bob", 1, "5.00")
    order = trading.buy("eve", 3)
    assert [price for *_, price in trading.trades()] == ["0.90", "5.00"]
    assert (order.status, order.closure_reason) == ("cancelled", "no_liquidity")
    assert order.filled_quantity == 2
    assert trading.usd("eve") == (Decimal("994.10"), 0)


def test_a_market_order_in_an_empty_book_ends_with_nothing_locked(trading):
    for order in (trading.buy("ann", 3), trading.sell("bob", 3)):
        assert (order.status, order.closure_reason) == ("cancelled", "no_liquidity")
    assert trading.usd("ann") == (1000, 0)
    assert trading.units("bob") == (100, 0)


def test_a_larger_quantity_loses_its_place_and_a_smaller_one_keeps_it(trading):
    first, second = trading.sell("ann", 2, "1"), trading.sell("bob", 2, "1")
    trading.exchange.change(first, OrderChange(quantity=1), trading.now)
    trading.buy("eve", 1)
    assert trading.trades()[-1][1] == "ann"
    third = trading.sell("ann", 1, "1")
    trading.exchange.change(second, OrderChange(quantity=3), trading.now)
    trading.buy("eve", 1)
    assert trading.trades()[-1][1] == "ann"
    assert third.status == "filled"


def test_a_second_cancel_is_an_error_of_the_server(trading):
    order = trading.buy("ann", 1, "1")
    trading.exchange.cancel(order, "user_cancelled", trading.now)
    with pytest.raises(MarketError) as refusal:
        trading.exchange.cancel(order, "user_cancelled", trading.now)
    assert (refusal.value.status, refusal.value.detail) == (500, "order_already_cancelled")
