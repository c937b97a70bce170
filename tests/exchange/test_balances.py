"""What orders lock, what trades move and what comes back, one sentence per rule."""

import pytest
from tests.exchange.stories import check

LOCKS = {
    "A buy order holds price times quantity": """
        ann buys 3 at 0.9 -> waits
        ann has: 1000 USD, 2.7 locked; 100 units, 0 locked
        """,
    "A buy order holds the fee as well": """
        the fee is 0.01
        ann buys 3 at 0.9 -> waits
        ann has: 1000 USD, 2.727 locked; 100 units, 0 locked
        """,
    "A sell order holds its units, and no fee": """
        the fee is 0.01
        ann sells 3 at 0.9 -> waits
        ann has: 1000 USD, 0 locked; 100 units, 3 locked
        """,
    "A cancel lets go of all that was held": """
        the fee is 0.01
        ann buys 3 at 0.9 as bid -> user_cancelled
        ann sells 3 at 1.1 as ask -> user_cancelled
        ann has: 1000 USD, 2.727 locked; 100 units, 3 locked
        bid is cancelled
        ask is cancelled
        ann has: 1000 USD, 0 locked; 100 units, 0 locked
        """,
    "A cancel after a part was traded lets go of the rest": """
        the fee is 0.01
        ann buys 3 at 1 as bid -> user_cancelled, 1 filled
        bob sells 1 at 1 -> filled
        ann has: 998.99 USD, 2.02 locked; 101 units, 0 locked
        bid is cancelled
        ann has: 998.99 USD, 0 locked; 101 units, 0 locked
        """,
    "A bulk cancel lets go of all that was held, here": """
        ann buys 3 at 0.9 -> bulk_cancelled
        ann buys 1 at 2 elsewhere -> waits
        ann sells 5 at 1.1 -> bulk_cancelled
        ann cancels all here: 2
        ann has: 1000 USD, 2 locked; 100 units, 0 locked
        """,
    "What is left of an ioc order holds nothing": """
        the fee is 0.01
        bob sells 1 at 1 -> filled
        ann buys 5 at 2 ioc -> ioc_remainder, 1 filled
        ann has: 998.99 USD, 0 locked; 101 units, 0 locked
        eve sells 5 at 2 ioc -> ioc_remainder
        eve has: 1000 USD, 0 locked; 100 units, 0 locked
        """,
    "A fok order that trades nothing holds nothing": """
        ann buys 5 at 2 fok -> fok_unfilled
        ann has: 1000 USD, 0 locked; 100 units, 0 locked
        """,
    "A market order in an empty book holds nothing": """
        ann buys 5 -> no_liquidity
        ann sells 5 -> no_liquidity
        ann has: 1000 USD, 0 locked; 100 units, 0 locked
        """,
    "What is left of an order that met its owner's holds nothing": """
        ann sells 1 at 1 -> waits
        ann buys 5 at 1 -> no_liquidity
        ann has: 1000 USD, 0 locked; 100 units, 1 locked
        """,
    "A smaller quantity and a lower price let go of the difference": """
        the fee is 0.01
        ann buys 4 at 1 as bid -> waits
        bid becomes 3 units
        ann has: 1000 USD, 3.03 locked; 100 units, 0 locked
        bid becomes at 0.9
        ann has: 1000 USD, 2.727 locked; 100 units, 0 locked
        """,
    "A larger quantity and a higher price hold the difference too": """
        the fee is 0.01
        ann buys 1 at 1 as bid -> waits
        bid becomes 2 units at 1.1
        ann has: 1000 USD, 2.222 locked; 100 units, 0 locked
        ann sells 1 at 2 as ask -> waits
        ask becomes 5 units
        ann has: 1000 USD, 2.222 locked; 100 units, 5 locked
        """,
    "A change that cannot be paid changes nothing": """
        joe comes with 2 USD and 2 units
        joe buys 2 at 1 as bid -> waits
        bid becomes 3 units -> 422 insufficient_balance
        bid becomes at 1.0001 -> 422 insufficient_balance
        joe sells 2 at 2 as ask -> waits
        ask becomes 3 units -> 422 insufficient_balance
        joe has: 2 USD, 2 locked; 2 units, 2 locked
        book: 2 at 1 | 2 at 2
        """,
    "A price that only the locked USD of the same order can pay for is paid": """
        joe comes with 2 USD and 0 units
        joe buys 2 at 0.9 as bid -> filled
        bob sells 2 at 1 -> filled
        bid becomes at 1
        joe has: 0 USD, 0 locked; 2 units, 0 locked
        """,
}

PAYMENTS = {
    "The buyer pays the seller": """
        ann sells 2 at 1.5 -> filled
        bob buys 2 at 1.5 -> filled
        ann has: 1003 USD, 0 locked; 98 units, 0 locked
        bob has: 997 USD, 0 locked; 102 units, 0 locked
        """,
    "The fee is paid by the buyer alone, whoever was there first": """
        the fee is 0.01
        ann sells 2 at 1 -> filled
        bob buys 2 at 1 as bid -> filled
        bob buys 2 at 1 as other -> filled
        ann sells 2 at 1 as ask -> filled
        bid came to: 1 on average, 0.02 in fees
        other came to: 1 on average, 0.02 in fees
        ask came to: 1 on average, 0 in fees
        ann has: 1004 USD, 0 locked; 96 units, 0 locked
        bob has: 995.96 USD, 0 locked; 104 units, 0 locked
        """,
    "A better price gives the difference back, and the fee on it": """
        the fee is 0.01
        ann sells 2 at 0.9 -> filled
        bob buys 2 at 1 as bid -> filled
        bob has: 998.182 USD, 0 locked; 102 units, 0 locked
        bid came to: 0.9 on average, 0.018 in fees
        """,
    "A better price for a part gives back its difference, and the rest stays held": """
        the fee is 0.01
        ann sells 2 at 0.9 -> filled
        bob buys 5 at 1 -> waits, 2 filled
        bob has: 998.182 USD, 3.03 locked; 102 units, 0 locked
        """,
    "A seller gets the better bid": """
        ann buys 2 at 1.2 -> filled
        bob sells 2 at 1 as ask -> filled
        bob has: 1002.4 USD, 0 locked; 98 units, 0 locked
        ask came to: 1.2 on average, 0 in fees
        """,
    "A market order pays each price of its walk": """
        the fee is 0.01
        ann sells 1 at 1 -> filled
        ann sells 2 at 1.5 -> filled
        bob buys 3 as greed -> filled
        greed came to: 1.33333333 on average, 0.04 in fees
        bob has: 995.96 USD, 0 locked; 103 units, 0 locked
        """,
    "A market order needs the cost of its walk and not a cent more": """
        the fee is 0.01
        joe comes with 4.04 USD and 0 units
        ann sells 1 at 1 -> filled
        ann sells 2 at 1.5 -> filled
        ann sells 9 at 2 -> waits
        joe buys 3 -> filled
        joe has: 0 USD, 0 locked; 3 units, 0 locked
        """,
    "A market order that its owner cannot pay in full trades nothing": """
        joe comes with 2 USD and 0 units
        ann sells 1 at 1 -> waits
        ann sells 2 at 1.5 -> waits
        joe buys 3 -> 422 insufficient_balance
        joe has: 2 USD, 0 locked; 0 units, 0 locked
        """,
    "A market order may ask for more than its owner could pay if nobody sells it": """
        joe comes with 1 USD and 0 units
        ann sells 1 at 1 -> filled
        joe buys 500 -> no_liquidity, 1 filled
        joe has: 0 USD, 0 locked; 1 units, 0 locked
        """,
    "What is bought can be sold again, and what was earned can be spent": """
        joe comes with 1 USD and 0 units
        ann sells 1 at 1 -> filled
        joe buys 1 at 1 -> filled
        joe sells 1 at 2 -> filled
        ann buys 1 at 2 -> filled
        joe buys 2 at 1 -> waits
        joe has: 2 USD, 2 locked; 0 units, 0 locked
        """,
}

LIMITS = {
    "The last cent and the last unit can be held": """
        joe comes with 1 USD and 1 units
        joe buys 1 at 1 -> waits
        joe sells 1 at 2 -> waits
        joe has: 1 USD, 1 locked; 1 units, 1 locked
        """,
    "The fee counts when an order is placed": """
        the fee is 0.01
        joe comes with 1 USD and 0 units
        joe buys 1 at 1 -> 422 insufficient_balance
        joe buys 1 at 0.9901 -> 422 insufficient_balance
        joe buys 1 at 0.99 -> waits
        """,
    "What is locked cannot be used for anything else": """
        joe comes with 3 USD and 3 units
        joe buys 2 at 1 -> waits
        joe sells 2 at 2 -> waits
        joe buys 2 at 1 elsewhere -> 422 insufficient_balance
        joe sells 2 at 2 -> 422 insufficient_balance
        joe withdraws 1.01 -> 422 insufficient_balance
        joe moves 2 units into consumption -> 422 insufficient_balance
        joe withdraws 1
        joe moves 1 units into consumption
        joe has: 2 USD, 2 locked; 2 units, 2 locked
        """,
    "Units of one market do not back orders of another": """
        ann sells 1 at 1 elsewhere -> 422 insufficient_balance
        """,
    "Orders that may not wait need their balance too": """
        joe comes with 1 USD and 0 units
        joe buys 2 at 1 ioc -> 422 insufficient_balance
        joe buys 2 at 1 fok -> 422 insufficient_balance
        joe sells 1 -> 422 insufficient_balance
        """,
}

DESTINATIONS = {
    "What a buyer in advanced mode gets can be sold": """
        ann sells 2 at 1 -> filled
        bob buys 2 at 1 -> filled
        bob has: 998 USD, 0 locked; 102 units, 0 locked
        bob can consume: nothing
        """,
    "With auto_transfer the fill goes into consumption, fill by fill": """
        ann sells 1 at 1 -> filled
        ann sells 2 at 1.1 -> filled
        bob buys 4 at 1.1 auto_transfer -> waits, 3 filled
        bob has: 996.8 USD, 1.1 locked; 100 units, 0 locked
        bob can consume: 1000000 at 1, 2000000 at 1.1
        """,
    "auto_transfer holds for an order that waited as well": """
        bob buys 1 at 1 auto_transfer -> filled
        ann sells 1 at 1 -> filled
        bob can consume: 1000000 at 1
        """,
    "In easy mode every fill goes into consumption": """
        eve is in easy mode
        ann sells 1 at 1 -> filled
        eve buys 1 -> filled
        eve has: 999 USD, 0 locked; 100 units, 0 locked
        eve can consume: 1000000 at 1
        """,
    "An order that waited follows the mode of the day on which it is met": """
        eve buys 2 at 1 -> filled
        ann sells 1 at 1 -> filled
        eve is in easy mode
        ann sells 1 at 1 -> filled
        eve has: 998 USD, 0 locked; 101 units, 0 locked
        eve can consume: 1000000 at 1
        """,
    "A sweep moves all units, those of sell orders too, and no USD": """
        ann sells 30 at 1 -> swept
        ann buys 1 at 0.5 -> waits
        a sweep comes, not for bob
        ann has: 1000 USD, 0.5 locked; 0 units, 0 locked
        ann can consume: 100000000 at 1
        bob has: 1000 USD, 0 locked; 100 units, 0 locked
        bob can consume: nothing
        """,
}

STORIES = LOCKS | PAYMENTS | LIMITS | DESTINATIONS


@pytest.mark.parametrize("sentence", STORIES)
def test_balances_follow(sentence):
    check(STORIES[sentence])
