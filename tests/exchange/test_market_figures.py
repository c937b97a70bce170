"""What everybody may read off a market, and what an owner may read off a holding."""

import copy

import pytest
from tests.exchange.stories import check

TICKERS = {
    "A market in which nothing has happened has no figures": """
        ticker: last nothing, bid nothing, ask nothing
        day: 0 units for 0
        prints: nothing
        """,
    "Bid and ask are the best prices of those who wait": """
        ann buys 1 at 0.9 -> waits
        ann buys 1 at 0.8 -> waits
        bob sells 1 at 1.1 -> waits
        bob sells 1 at 1.2 -> waits
        ticker: last nothing, bid 0.9, ask 1.1
        """,
    "Bid and ask go with those who leave": """
        ann buys 1 at 0.9 as bid -> user_cancelled
        ann buys 1 at 0.8 -> waits
        bob sells 1 at 1.1 -> filled
        bid is cancelled
        eve buys 1 -> filled
        ticker: last 1 at 1.1, bid 0.8, ask nothing
        """,
    "The last trade is the last fill of a walk": """
        ann sells 1 at 1 -> filled
        ann sells 4 at 1.5 -> waits, 2 filled
        bob buys 3 -> filled
        ticker: last 2 at 1.5, bid nothing, ask 1.5
        """,
    "A day is from its first price to its last": """
        ann sells 1 at 1 -> filled
        ann sells 1 at 1.6 -> filled
        bob buys 2 -> filled
        ann buys 2 at 1.2 -> filled
        bob sells 2 -> filled
        day: 4 units for 5, from 1 to 1.6, change 0.2 or 20 %
        """,
    "A trade counts for 24 hours less a moment, and the last price stays": """
        ann sells 5 at 1 -> filled
        bob buys 5 -> filled
        86399 seconds pass
        day: 5 units for 5, from 1 to 1, change 0 or 0 %
        1 seconds pass
        day: 0 units for 0
        ticker: last 5 at 1, bid nothing, ask nothing
        """,
    "The change of a day forgets what is older": """
        ann sells 1 at 1 -> filled
        bob buys 1 -> filled
        20 hours pass
        ann sells 2 at 2 -> filled
        bob buys 2 -> filled
        10 hours pass
        ann sells 3 at 1.5 -> filled
        bob buys 3 -> filled
        day: 5 units for 8.5, from 1.5 to 2, change -0.5 or -25 %
        """,
    "What is not traded does not count": """
        ann buys 5 at 1 -> waits
        ann buys 5 at 2 ioc -> ioc_remainder
        bob sells 9 at 2 fok -> fok_unfilled
        day: 0 units for 0
        """,
    "Orders elsewhere do not show here": """
        ann buys 5 at 1 elsewhere -> waits
        ticker: last nothing, bid nothing, ask nothing
        """,
}

PRINTS = {
    "A print has the side of the order that came second": """
        ann sells 1 at 1 -> filled
        bob buys 1 at 1 -> filled
        ann buys 2 at 0.9 -> filled
        bob sells 2 at 0.9 -> filled
        prints: sell 2 at 0.9, buy 1 at 1
        """,
    "Prints come newest first, fill by fill, up to the limit": """
        ann sells 1 at 1 -> filled
        ann sells 2 at 1.1 -> filled
        ann sells 3 at 1.2 -> filled
        ann sells 4 at 1.3 -> filled
        bob buys 10 -> filled
        prints: buy 4 at 1.3, buy 3 at 1.2, buy 2 at 1.1
        """,
}

BOOKS = {
    "A price shows what all its orders still want": """
        ann buys 2 at 1 -> waits, 1 filled
        bob buys 3 at 1 -> waits
        ann buys 1 at 0.5 -> waits
        eve sells 1 at 1 -> filled
        book: 4 at 1, 1 at 0.5 | nothing
        """,
    "The best price of each side comes first": """
        ann sells 1 at 1.2 -> waits
        ann sells 1 at 1.1 -> waits
        ann buys 1 at 0.8 -> waits
        ann buys 1 at 0.9 -> waits
        book: 1 at 0.9, 1 at 0.8 | 1 at 1.1, 1 at 1.2
        """,
}

POSITIONS = {
    "A position costs what was paid for it, without the fee": """
        the fee is 0.1
        joe comes with 9 USD and 0 units
        ann sells 1 at 1 -> filled
        ann sells 3 at 2 -> filled
        joe buys 4 -> filled
        joe holds: 4 for 7, 1.75 each
        """,
    "The oldest units are sold first": """
        joe comes with 0 USD and 1 units
        joe is given 2 units that cost 4
        ann buys 2 at 9 -> filled
        joe sells 2 -> filled
        joe holds: 1 for 4, 4 each
        """,
    "An average has eight places": """
        joe comes with 0 USD and 2 units
        joe is given 1 units that cost 2
        joe holds: 3 for 4, 1.33333333 each
        """,
    "A position with nothing left is closed, and opens anew": """
        joe comes with 9 USD and 1 units
        ann buys 1 at 2 -> filled
        joe sells 1 -> filled
        joe holds: 0 for 0 (closed)
        ann sells 1 at 3 -> filled
        joe buys 1 -> filled
        joe holds: 1 for 3, 3 each
        """,
    "Units in consumption are no position": """
        joe comes with 0 USD and 3 units
        joe moves 1 units into consumption
        joe holds: 2 for 2, 1 each
        joe moves 2 units into consumption
        joe holds: 0 for 0 (closed)
        """,
    "Units that are locked still belong to it": """
        joe comes with 0 USD and 3 units
        joe sells 3 at 2 -> waits
        joe holds: 3 for 3, 1 each
        """,
    "Each instrument is a position of its own": """
        joe comes with 9 USD and 1 units
        joe buys 1 at 2 elsewhere -> waits
        joe holds: 1 for 1, 1 each
        """,
}

STORIES = TICKERS | PRINTS | BOOKS | POSITIONS


@pytest.mark.parametrize("sentence", STORIES)
def test_the_figures_say_so(sentence):
    check(STORIES[sentence])


def test_depth_adds_up_from_the_best_price_and_counts_orders(trading):
    for name, quantity, price in (("ann", 1, "1"), ("bob", 2, "1"), ("ann", 4, "1.5")):
        trading.sell(name, quantity, price)
    (best, worst) = trading.exchange.depth(trading.market.market_id, 5).sell
    assert (best.quantity, best.total, best.order_count) == (3, 3, 2)
    assert (worst.quantity, worst.total, worst.order_count) == (4, 7, 1)
    assert trading.exchange.depth(trading.market.market_id, 1).sell == (best,)


def test_a_position_is_worth_the_last_price(trading):
    trading.sell("ann", 4, "2.5")
    trading.buy("bob", 4, "2.5")
    values = [trading.exchange.positions(name)[0].market_value for name in ("ann", "bob")]
    assert values == [240, 260]


def test_a_copy_of_a_crowded_market_trades_on_by_itself(trading):
    """Listings that lag read such copies, so no number of orders may be too many for one."""
    for _ in range(1_000):
        trading.buy("ann", 1, "1")
    exchange = copy.deepcopy(trading.exchange)
    exchange.cancel(exchange.open_orders_of("ann")[0], "user_cancelled", trading.now)
    assert len(exchange.open_orders_of("ann")) == 999
    assert trading.depth() == ([("1", 1_000)], [])
