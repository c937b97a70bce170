"""Every reason for which an order is not taken, with its code; nothing has happened then."""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.exchange.conftest import Trading
from tests.exchange.stories import check

from thegrid_emulator.errors import MarketError
from thegrid_emulator.exchange import NewOrder, OrderChange
from thegrid_emulator.state.catalogue import MARKETS, OrderControls

NEW = NewOrder(
    user_id="ann",
    market_id=MARKETS[0].market_id,
    side="buy",
    order_type="limit",
    quantity=2,
    price=Decimal("0.5"),
)
MARKET_ORDER = {"order_type": "market", "price": None}
FINE = Decimal("1." + "0" * 40 + "1")

REFUSED = {
    "The market must be there": ({"market_id": "market-0"}, 404, "not_found"),
    "A side is buy or sell": ({"side": "BUY"}, 422, "invalid_side"),
    "A side is not empty": ({"side": ""}, 422, "invalid_side"),
    "A type is limit or market": ({"order_type": "iceberg"}, 422, "invalid_type"),
    "A stop order is not supported": ({"order_type": "stop"}, 422, "not_supported"),
    "A stop limit order is not supported": ({"order_type": "stop_limit"}, 422, "not_supported"),
    "A stop price is not supported": ({"stop_price": Decimal(1)}, 422, "not_supported"),
    "reduce_only is not supported": ({"reduce_only": True}, 422, "not_supported"),
    "A limit order has a price": ({"price": None}, 422, "invalid_price"),
    "A market order has none": ({"order_type": "market"}, 422, "invalid_price"),
    "A price of nothing is none": ({"price": Decimal(0)}, 422, "invalid_price"),
    "A price is above zero": ({"price": Decimal(-1)}, 422, "invalid_price"),
    "A price is a multiple of the tick": ({"price": Decimal("0.00005")}, 422, "invalid_price"),
    "A price is so to its last digit": ({"price": FINE}, 422, "invalid_price"),
    "A price has an end": ({"price": Decimal("1000000.0001")}, 422, "invalid_price"),
    "A price is a number": ({"price": Decimal("NaN")}, 422, "invalid_price"),
    "A price is finite": ({"price": Decimal("Infinity")}, 422, "invalid_price"),
    "A quantity is at least one": ({"quantity": 0}, 422, "invalid_quantity"),
    "A quantity is above zero": ({"quantity": -1}, 422, "invalid_quantity"),
    "A quantity is whole": ({"quantity": Decimal("1.5")}, 422, "invalid_quantity"),
    "A quantity is so to its last digit": ({"quantity": FINE}, 422, "invalid_quantity"),
    "A quantity has an end": ({"quantity": 10_001}, 422, "invalid_quantity"),
    "A quantity is a number": ({"quantity": Decimal("NaN")}, 422, "invalid_quantity"),
    "A quantity is finite": ({"quantity": Decimal("Infinity")}, 422, "invalid_quantity"),
    "A day order is not supported": ({"time_in_force": "day"}, 422, "not_supported"),
    "Another time in force is none": ({"time_in_force": "gtd"}, 422, "invalid_time_in_force"),
    "A name has a character": ({"client_order_id": ""}, 422, "invalid_client_order_id"),
    "A name has at most 128": ({"client_order_id": "x" * 129}, 422, "invalid_client_order_id"),
    "A name is used once": ({"client_order_id": "used"}, 409, "duplicate_client_order_id"),
    "A used name counts before the balance": (
        {"client_order_id": "used", "quantity": 10_000},
        409,
        "duplicate_client_order_id",
    ),
    "A name whose order has ended is used": (
        {"client_order_id": "ended"},
        409,
        "duplicate_client_order_id",
    ),
    "A name is used in every market": (
        {"client_order_id": "used", "market_id": MARKETS[1].market_id},
        409,
        "duplicate_client_order_id",
    ),
    "post_only is for what may wait, not ioc": (
        {"post_only": True, "time_in_force": "ioc"},
        422,
        "not_supported",
    ),
    "post_only is for what may wait, not fok": (
        {"post_only": True, "time_in_force": "fok"},
        422,
        "not_supported",
    ),
    "post_only is for limit orders": ({"post_only": True, **MARKET_ORDER}, 422, "not_supported"),
    "A post_only order must not be met": (
        {"post_only": True, "price": Decimal(2)},
        422,
        "post_only_would_cross",
    ),
    "A post_only order must not meet its owner's either": (
        {"post_only": True, "price": Decimal(1), "user_id": "bob"},
        422,
        "post_only_would_cross",
    ),
    "auto_transfer is for buyers": ({"auto_transfer": True, "side": "sell"}, 422, "not_supported"),
    "auto_transfer leaves nothing to choose in easy mode": (
        {"auto_transfer": True, "user_id": "easy"},
        422,
        "not_supported",
    ),
    "A limit buy needs its USD": ({"quantity": 2001}, 422, "insufficient_balance"),
    "A market buy needs its USD": (
        {"quantity": 1001, "user_id": "easy", **MARKET_ORDER},
        422,
        "insufficient_balance",
    ),
    "A sell needs its units": ({"side": "sell", "quantity": 101}, 422, "insufficient_balance"),
    "Somebody without accounts has no orders": ({"user_id": "ghost"}, 404, "not_found"),
    "A closed market takes none": ({"market_id": MARKETS[2].market_id}, 422, "market_closed"),
    "A closed market says so before it looks": (
        {"market_id": MARKETS[2].market_id, "quantity": 0},
        422,
        "market_closed",
    ),
}


@pytest.fixture
def crowded(trading):
    """Ann has used names, bob offers 100 units at 1 USD, and the third market is closed."""
    trading.easy.add(trading.user("easy", usd="50"))
    trading.user("rich", units=2_000)
    trading.buy("ann", 1, "0.1", client_order_id="used")
    ended = trading.buy("ann", 1, "0.1", client_order_id="ended")
    trading.exchange.cancel(ended, "user_cancelled", trading.now)
    trading.exchange.cancel(trading.exchange.open_orders_of("ann")[0], "swept", trading.now)
    trading.sell("bob", 100, "1")
    trading.sell("rich", 2_000, "1.5")
    trading.exchange.set_status(MARKETS[2].market_id, "inactive")
    return trading


def world(trading):
    """Everything that an order could have touched."""
    balances = {name: (trading.usd(name), trading.units(name)) for name in trading.ledger.users()}
    orders = {name: len(trading.exchange.orders_of(name)) for name in trading.ledger.users()}
    return balances, orders, trading.depth(), trading.trades()


def refusal_of(work):
    with pytest.raises(MarketError) as refusal:
        work()
    return int(refusal.value.status), refusal.value.detail


@pytest.mark.parametrize("sentence", REFUSED)
def test_such_an_order_is_not_taken(sentence, crowded):
    wrong, status, code = REFUSED[sentence]
    before = world(crowded)
    new = replace(NEW, **wrong)
    assert refusal_of(lambda: crowded.exchange.place(new, crowded.now)) == (status, code)
    assert world(crowded) == before


TAKEN = {
    "The smallest quantity": {"quantity": 1},
    "The largest quantity": {"quantity": 10_000, "price": Decimal("0.1")},
    "The lowest price, one tick": {"price": Decimal("0.0001")},
    "The highest price": {"price": Decimal(1_000_000), "side": "sell"},
    "A whole number with a decimal point": {"quantity": Decimal("2.0")},
    "A price with zeros behind": {"price": Decimal("0.500000000")},
    "The longest name": {"client_order_id": "x" * 128},
    "A name that another user has used": {"client_order_id": "used", "user_id": "eve"},
    "A name in other letters": {"client_order_id": "USED"},
    "post_only below the best offer": {"post_only": True, "price": Decimal("0.9999")},
    "A sell that nobody meets may be post_only": {"post_only": True, "side": "sell"},
    "auto_transfer in advanced mode": {"auto_transfer": True},
}


@pytest.mark.parametrize("sentence", TAKEN)
def test_such_an_order_is_taken(sentence, crowded):
    order = crowded.exchange.place(replace(NEW, **TAKEN[sentence]), crowded.now)
    assert crowded.exchange.order(order.user_id, order.order_id) is order
    assert order.status == "active"


CHANGES_REFUSED = {
    "A change changes something": ({}, "invalid_order"),
    "A stop price is not supported": ({"stop_price": Decimal(1)}, "not_supported"),
    "A price is above zero": ({"price": Decimal(0)}, "invalid_price"),
    "A price is a multiple of the tick": ({"price": Decimal("0.00001")}, "invalid_price"),
    "A quantity is whole": ({"quantity": Decimal("2.5")}, "invalid_quantity"),
    "A quantity has an end": ({"quantity": 10_001}, "invalid_quantity"),
    "Something must be left to fill": ({"quantity": 1}, "invalid_quantity"),
    "A day order is not supported": ({"time_in_force": "day"}, "not_supported"),
    "Another time in force is none": ({"time_in_force": "x"}, "invalid_time_in_force"),
    "A post_only order does not become ioc": ({"time_in_force": "ioc"}, "not_supported"),
    "A post_only order does not become fok": ({"time_in_force": "fok"}, "not_supported"),
    "A post_only order must not be met": ({"price": Decimal("1.5")}, "post_only_would_cross"),
    "A larger quantity needs its USD": ({"quantity": 5_000}, "insufficient_balance"),
}


@pytest.mark.parametrize("sentence", CHANGES_REFUSED)
def test_such_a_change_is_not_made(sentence, crowded):
    wrong, code = CHANGES_REFUSED[sentence]
    order = crowded.buy("ann", 3, "0.5", post_only=True)
    crowded.sell("eve", 1, "0.5")
    before = world(crowded), replace(order)
    change = OrderChange(**wrong)
    assert refusal_of(lambda: crowded.exchange.change(order, change, crowded.now)) == (422, code)
    assert world(crowded) == before[0]
    assert all(getattr(order, it) == getattr(before[1], it) for it in order.__slots__)


STORIES = {
    "An order that has ended is not changed, however it ended": """
        ann buys 1 at 1 as bid -> user_cancelled
        ann buys 1 as greed -> no_liquidity
        bid is cancelled
        bob sells 1 at 1 as ask -> filled
        eve buys 1 -> filled
        bid becomes 2 units -> 422 order_not_changeable
        greed becomes 2 units -> 422 order_not_changeable
        ask becomes 2 units -> 422 order_not_changeable
        """,
    "A name is still free after a refusal": """
        ann sells 101 at 1 as mine -> 422 insufficient_balance
        ann sells 100 at 1 as mine -> waits
        """,
    "A post_only buy is refused where a sell of the same price is not": """
        ann sells 1 at 1 -> waits
        bob buys 1 at 1 post_only -> 422 post_only_would_cross
        bob sells 1 at 1 post_only -> waits
        """,
}


@pytest.mark.parametrize("sentence", STORIES)
def test_a_refusal_leaves_the_rest_as_it_is(sentence):
    check(STORIES[sentence])


def test_a_market_may_ask_for_lots_and_least_sizes_of_its_own():
    controls = OrderControls(lot_size=5, min_order_size=10, max_order_size=20)
    market = replace(MARKETS[0], controls=controls)
    trading = Trading(markets=[market])
    trading.user("ann")
    fates = {quantity: outcome_of(trading, quantity) for quantity in (5, 10, 12, 15, 20, 25)}
    assert fates == {it: it if it in {10, 15, 20} else "invalid_quantity" for it in fates}


def outcome_of(trading, quantity):
    try:
        return trading.buy("ann", quantity, "1").quantity
    except MarketError as refusal:
        return refusal.detail


def test_nobody_finds_the_orders_and_trades_of_another(trading):
    mine = trading.sell("ann", 1, "1")
    trading.buy("bob", 1)
    (trade,) = trading.exchange.trades_of("ann")
    assert trading.exchange.trade("bob", trade.trade_id) is trade
    for look in (
        lambda: trading.exchange.order("bob", mine.order_id),
        lambda: trading.exchange.order("ann", "order_0"),
        lambda: trading.exchange.trade("eve", trade.trade_id),
        lambda: trading.exchange.cancel_all("ann", "market-0", trading.now),
        lambda: trading.exchange.figures("market-0", trading.now),
    ):
        assert refusal_of(look) == (404, "not_found")
