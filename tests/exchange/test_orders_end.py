"""Who trades with whom, at which price, and how an order ends, one sentence per rule.

`expired`, which an order of the documented kind `day` would end with, is not among the endings:
the exchange refuses that kind.
"""

from typing import get_args

import pytest
from tests.exchange.stories import check, told

from thegrid_emulator.exchange import ClosureReason

TRADES = {
    "The better price is served first, whatever came earlier": """
        ann sells 1 at 1.1 -> waits
        bob sells 1 at 1 -> filled
        eve buys 1 at 1.2 -> filled
        trades: eve gets 1 from bob at 1
        """,
    "The better bid is served first, whatever came earlier": """
        ann buys 1 at 0.9 -> waits
        bob buys 1 at 1 -> filled
        eve sells 1 at 0.8 -> filled
        trades: bob gets 1 from eve at 1
        """,
    "Within a price, however it is written, the earlier order is served first": """
        ann sells 1 at 1.00 -> filled
        bob sells 2 at 1 -> waits, 1 filled
        ann sells 1 at 1.0 -> waits
        eve buys 2 at 1.000 -> filled
        trades: eve gets 1 from ann at 1, eve gets 1 from bob at 1
        """,
    "An order that was filled in part keeps its place": """
        ann sells 2 at 1 -> filled
        bob sells 2 at 1 -> waits
        eve buys 1 at 1 -> filled
        eve buys 1 at 1 -> filled
        trades: eve gets 1 from ann at 1, eve gets 1 from ann at 1
        """,
    "One order may trade with many, down to its own price and no further": """
        ann sells 1 at 1 -> filled
        bob sells 2 at 1.1 -> filled
        ann sells 3 at 1.2 -> waits
        eve buys 9 at 1.1 -> waits, 3 filled
        trades: eve gets 1 from ann at 1, eve gets 2 from bob at 1.1
        book: 6 at 1.1 | 3 at 1.2
        """,
    "A sell order trades at the bids that were there, the highest first": """
        ann buys 1 at 0.9 -> filled
        bob buys 1 at 1 -> filled
        eve sells 3 at 0.5 -> waits, 2 filled
        trades: bob gets 1 from eve at 1, ann gets 1 from eve at 0.9
        book: nothing | 1 at 0.5
        """,
    "A price away by one tick is not met": """
        ann sells 1 at 1.0001 -> waits
        bob buys 1 at 1 -> waits
        trades: nothing
        """,
    "A market order takes whatever price there is": """
        ann sells 1 at 1 as low -> filled
        bob sells 1 at 900 as high -> filled
        eve buys 2 as greed -> filled
        trades: eve gets 1 from ann at 1, eve gets 1 from bob at 900
        greed came to: 450.5 on average, 0 in fees
        """,
    "Each market has its own book": """
        ann buys 5 at 1 elsewhere -> waits
        eve sells 1 at 1 -> waits
        trades: nothing
        book: nothing | 1 at 1
        """,
    "A smaller quantity keeps its place": """
        ann sells 3 at 1 as first -> waits, 1 filled
        bob sells 1 at 1 -> waits
        first becomes 2 units
        eve buys 1 at 1 -> filled
        trades: eve gets 1 from ann at 1
        book: nothing | 2 at 1
        """,
    "A larger quantity goes to the end of its price": """
        ann sells 1 at 1 as first -> waits
        bob sells 1 at 1 -> filled
        first becomes 2 units
        eve buys 1 at 1 -> filled
        trades: eve gets 1 from bob at 1
        book: nothing | 2 at 1
        """,
    "Another price goes to the end of that price, and so does the old one again": """
        ann sells 1 at 1 as first -> waits
        bob sells 1 at 1 -> filled
        first becomes at 1.1
        first becomes at 1
        eve buys 1 at 1 -> filled
        trades: eve gets 1 from bob at 1
        """,
    "The same price and quantity again keep their place": """
        ann sells 1 at 1 as first -> filled
        bob sells 1 at 1 -> waits
        first becomes 1 units at 1.0 gtc
        eve buys 1 at 1 -> filled
        trades: eve gets 1 from ann at 1
        """,
    "A changed price that is met trades at once, at the price that was there": """
        ann sells 1 at 1 -> filled
        bob buys 3 at 0.9 as bid -> waits, 1 filled
        bid becomes at 1.1
        trades: bob gets 1 from ann at 1
        book: 2 at 1.1 | nothing
        """,
    "A crowd at one price is served to the last, in order, around those who left": """
        ann sells 1 at 1 as one -> filled
        ann sells 1 at 1 as two -> user_cancelled
        bob sells 1 at 1 as three -> filled
        ann sells 1 at 1 as four -> filled
        bob sells 1 at 1 as five -> user_cancelled
        two is cancelled
        five is cancelled
        eve buys 3 at 1 -> filled
        trades: eve gets 1 from ann at 1, eve gets 1 from bob at 1, eve gets 1 from ann at 1
        book: nothing | nothing
        """,
}

ENDINGS = {
    "An order with nothing left is filled": """
        ann sells 2 at 1 -> filled
        bob buys 1 at 1 -> filled
        bob buys 1 at 1 -> filled
        """,
    "What its owner cancels is user_cancelled, and keeps what it has": """
        ann sells 1 at 1 -> filled
        bob buys 3 at 1 as bid -> user_cancelled, 1 filled
        bid is cancelled
        book: nothing | nothing
        """,
    "All that an owner has is bulk_cancelled, in every market": """
        ann buys 1 at 1 -> bulk_cancelled
        ann sells 2 at 2 -> bulk_cancelled
        bob buys 1 at 1 -> waits
        ann buys 1 at 1 elsewhere -> bulk_cancelled
        ann cancels all: 3
        ann cancels all: 0
        """,
    "All that an owner has in one market is bulk_cancelled there alone": """
        ann buys 1 at 1 -> bulk_cancelled
        ann buys 1 at 1 elsewhere -> waits
        ann cancels all here: 1
        ann cancels all here: 0
        """,
    "A market order without anybody to meet ends with no_liquidity": """
        ann buys 1 -> no_liquidity
        bob sells 1 -> no_liquidity
        trades: nothing
        book: nothing | nothing
        """,
    "A market order that asks for more than there is keeps what it got": """
        ann sells 2 at 1 -> filled
        bob buys 3 -> no_liquidity, 2 filled
        book: nothing | nothing
        """,
    "A market order does not wait, whatever its time in force": """
        ann buys 1 ioc -> no_liquidity
        bob sells 1 at 1 -> waits
        ann buys 2 fok -> fok_unfilled
        """,
    "What an ioc order cannot trade at once is its ioc_remainder": """
        ann sells 1 at 1 -> filled
        bob buys 3 at 1 ioc -> ioc_remainder, 1 filled
        bob buys 3 at 1 ioc -> ioc_remainder
        book: nothing | nothing
        """,
    "An ioc order that is met in full is filled": """
        ann sells 1 at 1 -> filled
        bob buys 1 at 1 ioc -> filled
        """,
    "A fok order that one unit is missing for trades nothing": """
        ann sells 2 at 1 -> waits
        ann sells 1 at 1.1 -> waits
        bob buys 3 at 1 fok -> fok_unfilled
        trades: nothing
        """,
    "A fok order may be met by many": """
        ann sells 1 at 1 -> filled
        eve sells 2 at 1.1 -> waits, 1 filled
        bob buys 2 at 1.1 fok -> filled
        """,
    "An order that is changed to ioc ends if nobody is there": """
        ann buys 2 at 1 as bid -> ioc_remainder
        bid becomes ioc
        ann buys 2 at 1 as other -> fok_unfilled
        other becomes fok
        book: nothing | nothing
        """,
    "A sweep ends sell orders as swept, and leaves buy orders": """
        ann sells 2 at 1 -> swept
        ann buys 2 at 0.9 -> waits
        bob sells 2 at 0.95 -> swept, 1 filled
        eve buys 1 at 1 -> filled
        a sweep comes
        book: 2 at 0.9 | nothing
        """,
}

OWN_ORDERS = {
    "Nobody trades with themselves: the order stops, and its rest ends": """
        ann sells 2 at 1 -> waits
        ann buys 1 at 1 -> no_liquidity
        trades: nothing
        book: nothing | 2 at 1
        """,
    "What came before one's own order is traded": """
        bob sells 1 at 1 -> filled
        ann sells 1 at 1 -> waits
        bob sells 1 at 1.1 -> waits
        ann buys 3 at 1.1 -> no_liquidity, 1 filled
        trades: ann gets 1 from bob at 1
        book: nothing | 1 at 1, 1 at 1.1
        """,
    "One's own order does not matter if the quantity ends before it": """
        bob sells 1 at 1 -> filled
        ann sells 1 at 1 -> waits
        ann buys 1 at 1 -> filled
        """,
    "One's own order at a price beyond the limit does not matter": """
        ann sells 1 at 1.1 -> waits
        ann buys 1 at 1 -> waits
        """,
    "A market order stops at one's own order": """
        ann buys 1 at 1 -> waits
        bob buys 1 at 0.9 -> waits
        ann sells 2 -> no_liquidity
        """,
    "A fok order trades nothing if one's own order is in its way": """
        bob sells 1 at 1 -> waits
        ann sells 1 at 1 -> waits
        ann buys 2 at 1 fok -> fok_unfilled
        trades: nothing
        """,
    "An ioc order ends as such at one's own order": """
        bob sells 1 at 1 -> filled
        ann sells 1 at 1 -> waits
        ann buys 2 at 1 ioc -> ioc_remainder, 1 filled
        """,
    "A change that makes an order meet one's own ends it": """
        ann sells 1 at 1 -> waits
        ann buys 2 at 0.9 as bid -> no_liquidity
        bid becomes at 1
        book: nothing | 1 at 1
        """,
}

POST_ONLY = {
    "A post_only order that nobody meets waits and may be met": """
        ann buys 1 at 1 post_only -> filled
        bob sells 1 at 1 -> filled
        """,
    "A post_only order may improve the best price of its own side": """
        ann sells 1 at 1.1 -> waits
        bob sells 1 at 1.0001 post_only -> waits
        """,
    "A changed post_only order still waits, at the end of the price": """
        ann sells 1 at 1.1 post_only as ask -> filled
        ask becomes 2 units at 1
        bob buys 2 at 1 -> filled
        """,
}

CANCELS = {
    "A second cancel is an error of the server, as in production": """
        ann buys 1 at 1 as bid -> user_cancelled
        bid is cancelled
        bid is cancelled -> 500 order_already_cancelled
        """,
    "A cancel after the market has ended the order is such an error too": """
        ann buys 1 as greed -> no_liquidity
        ann buys 1 at 1 fok as all -> fok_unfilled
        ann buys 1 at 1 as bid -> bulk_cancelled
        ann cancels all: 1
        greed is cancelled -> 500 order_already_cancelled
        all is cancelled -> 500 order_already_cancelled
        bid is cancelled -> 500 order_already_cancelled
        """,
    "A filled order cannot be cancelled": """
        ann buys 1 at 1 as bid -> filled
        bob sells 1 at 1 -> filled
        bid is cancelled -> 422 order_not_cancellable
        """,
    "A market that is suspended lets orders go and takes none": """
        ann buys 1 at 1 as bid -> user_cancelled
        ann buys 1 at 1 -> bulk_cancelled
        the market is suspended
        bob sells 1 at 1 -> 422 market_closed
        bid becomes 2 units -> 422 market_closed
        bid is cancelled
        ann cancels all here: 1
        the market is active
        bob sells 1 at 1 -> waits
        """,
    "Who waits is listed in the order in which they came to": """
        ann buys 1 at 1 as one -> waits
        ann buys 2 at 1 as two -> user_cancelled
        ann sells 3 at 2 as three -> waits
        one becomes 4 units
        two is cancelled
        ann waits with: sell 3 at 2, buy 4 at 1
        """,
}

STORIES = TRADES | ENDINGS | OWN_ORDERS | POST_ONLY | CANCELS


@pytest.mark.parametrize("sentence", STORIES)
def test_an_order_trades_and_ends_as_it_should(sentence):
    check(STORIES[sentence])


def test_every_way_to_end_is_told():
    fates = [line.rpartition("-> ")[2] for text in STORIES.values() for line in told(text)]
    assert {fate.partition(",")[0] for fate in fates} >= set(get_args(ClosureReason))
