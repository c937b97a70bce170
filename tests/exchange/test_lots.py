"""Lots in consumption: four hours, the first to expire first, and calls that hold some of them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.exchange.stories import check

from thegrid_emulator import Clock, Rules
from thegrid_emulator.state.catalogue import INSTRUMENTS
from thegrid_emulator.state.metering import Caller, Need
from thegrid_emulator.state.venue import NewAccount, Venue

LIFETIME = {
    "A lot can be used for four hours less a moment": """
        joe comes with 0 USD and 2 units
        joe moves 1 units into consumption
        14399 seconds pass
        joe can consume: 1000000 at 1
        joe reserves 1000000 tokens for call
        """,
    "After four hours exactly it is lost": """
        joe comes with 0 USD and 2 units
        joe moves 1 units into consumption
        14400 seconds pass
        joe can consume: nothing
        joe has lost: 1000000 tokens
        joe reserves 1 tokens for call -> 422 insufficient_balance
        """,
    "It is lost then even if nobody has looked": """
        joe comes with 0 USD and 2 units
        joe moves 1 units into consumption
        14400 seconds pass
        joe reserves 1 tokens for call -> 422 insufficient_balance
        """,
    "The four hours begin with the entry, not with the purchase": """
        joe comes with 0 USD and 2 units
        3 hours pass
        joe moves 1 units into consumption
        2 hours pass
        joe can consume: 1000000 at 1
        """,
    "Each lot has its own four hours": """
        joe comes with 0 USD and 3 units
        joe moves 1 units into consumption
        1 hours pass
        joe moves 2 units into consumption
        3 hours pass
        joe can consume: 2000000 at 1
        1 hours pass
        joe can consume: nothing
        joe has lost: 3000000 tokens
        """,
    "A purchase in easy mode begins its four hours when it is filled": """
        eve is in easy mode
        eve buys 1 at 1 -> filled
        3 hours pass
        ann sells 1 at 1 -> filled
        3 hours pass
        eve can consume: 1000000 at 1
        """,
    "Units that can be sold do not expire": """
        100 hours pass
        ann has: 1000 USD, 0 locked; 100 units, 0 locked
        """,
}

DRAWING = {
    "The lot that expires first is drawn first, at its own price": """
        joe comes with 0 USD and 1 units
        joe moves 1 units into consumption
        1 hours pass
        joe is given 1 units that cost 2
        joe moves 1 units into consumption
        joe reserves 1500000 tokens for call
        joe can consume: 0 at 1 and 1000000 held, 500000 at 2 and 500000 held
        call uses 1200000 tokens for 1000000 at 1 and 200000 at 2
        joe can consume: 800000 at 2
        """,
    "Of lots that expire together the oldest is drawn first": """
        joe comes with 0 USD and 0 units
        joe is given 1 units that cost 3
        joe is given 1 units that cost 2
        joe is given 1 units that cost 3
        joe moves 3 units into consumption
        joe can consume: 1000000 at 3, 1000000 at 2, 1000000 at 3
        joe reserves 2000000 tokens for call
        call uses 2000000 tokens for 1000000 at 3 and 1000000 at 2
        """,
    "Units of one price that move together make one lot": """
        joe comes with 0 USD and 2 units
        joe is given 1 units that cost 1
        joe moves 3 units into consumption
        joe can consume: 3000000 at 1
        """,
    "The oldest units move first": """
        joe comes with 0 USD and 1 units
        joe is given 2 units that cost 2
        joe moves 2 units into consumption
        joe can consume: 1000000 at 1, 1000000 at 2
        joe holds: 1 for 2, 2 each
        """,
    "What one call holds another cannot": """
        joe comes with 0 USD and 1 units
        joe moves 1 units into consumption
        joe reserves 600000 tokens for one
        joe reserves 400001 tokens for two -> 422 insufficient_balance
        joe reserves 400000 tokens for two
        """,
    "What a call does not use is free again, and counts for its lot": """
        joe comes with 0 USD and 1 units
        joe moves 1 units into consumption
        joe reserves 600000 tokens for call
        call uses 1 tokens for 1 at 1
        joe can consume: 999999 at 1
        4 hours pass
        joe has lost: 999999 tokens
        """,
    "A call that used nothing costs nothing": """
        joe comes with 0 USD and 1 units
        joe moves 1 units into consumption
        joe reserves 600000 tokens for call
        call uses 0 tokens
        joe can consume: 1000000 at 1
        """,
    "A reservation is of at least one token": """
        joe comes with 0 USD and 1 units
        joe moves 1 units into consumption
        joe reserves 0 tokens for call -> 422 invalid_tokens
        """,
    "Part of a unit that was drawn leaves the rest of it": """
        joe comes with 0 USD and 2 units
        joe moves 2 units into consumption
        joe reserves 300000 tokens for call
        call uses 300000 tokens for 300000 at 1
        joe can consume: 1700000 at 1
        """,
}

SURVIVING = {
    "A call may use what it holds after the lot has expired": """
        joe comes with 0 USD and 1 units
        joe moves 1 units into consumption
        joe reserves 400000 tokens for call
        5 hours pass
        joe can consume: 0 at 1 and 400000 held
        joe has lost: 600000 tokens
        call uses 400000 tokens for 400000 at 1
        joe can consume: nothing
        joe has lost: 600000 tokens
        """,
    "What it leaves of an expired lot is lost": """
        joe comes with 0 USD and 1 units
        joe moves 1 units into consumption
        joe reserves 400000 tokens for call
        4 hours pass
        call uses 100000 tokens for 100000 at 1
        joe can consume: nothing
        joe has lost: 900000 tokens
        """,
    "Of two lots only the expired one loses what was left": """
        joe comes with 0 USD and 1 units
        joe moves 1 units into consumption
        1 hours pass
        joe is given 1 units that cost 2
        joe moves 1 units into consumption
        joe reserves 2000000 tokens for call
        3 hours pass
        call uses 500000 tokens for 500000 at 1
        joe can consume: 1000000 at 2
        joe has lost: 500000 tokens
        """,
    "A released reservation is free again, once": """
        joe comes with 0 USD and 1 units
        joe moves 1 units into consumption
        joe reserves 400000 tokens for call
        call is released
        call is released
        joe can consume: 1000000 at 1
        """,
    "A release after the expiry loses what was held": """
        joe comes with 0 USD and 1 units
        joe moves 1 units into consumption
        joe reserves 400000 tokens for call
        4 hours pass
        call is released
        joe can consume: nothing
        joe has lost: 1000000 tokens
        """,
}

TRANSFERS = {
    "A transfer needs a unit": """
        joe comes with 0 USD and 1 units
        joe moves 0 units into consumption -> 422 invalid_quantity
        joe moves 0 units back -> 422 invalid_quantity
        joe moves 2 units into consumption -> 422 insufficient_balance
        joe has: 0 USD, 0 locked; 1 units, 0 locked
        """,
    "On the older way back only whole units go, each at its price": """
        joe comes with 0 USD and 1 units
        joe is given 2 units that cost 2
        joe moves 3 units into consumption
        joe reserves 500000 tokens for call
        joe moves 3 units back -> 422 insufficient_balance
        joe moves 2 units back
        joe holds: 2 for 4, 2 each
        joe can consume: 500000 at 1 and 500000 held
        """,
    "A way back that was refused leaves no trace": """
        joe comes with 0 USD and 0 units
        joe moves 1 units back -> 422 insufficient_balance
        joe holds: nothing
        """,
    "What has expired does not come back": """
        joe comes with 0 USD and 1 units
        joe moves 1 units into consumption
        4 hours pass
        joe moves 1 units back -> 422 insufficient_balance
        """,
}

STORIES = LIFETIME | DRAWING | SURVIVING | TRANSFERS


@pytest.mark.parametrize("sentence", STORIES)
def test_lots_are_drawn_and_lost(sentence):
    check(STORIES[sentence])


def test_what_an_unused_redirect_held_is_free_once_its_url_has_expired():
    venue = Venue(Clock(), Rules())
    instrument, start = INSTRUMENTS[0], venue.clock.now()
    new = NewAccount(mode="advanced", consumption_units={instrument.symbol: 1})
    account, _ = venue.open_account(new)
    need = Need(prompt_tokens=10, choices=1, token_budget=90)
    receipt = venue.metering.open(
        Caller(account.user_id, None), instrument, "/v1/chat/completions", need, start
    )
    venue.redirects.issue(receipt, {}, "supplier.example", start)
    for seconds, committed in ((59.9, "0.0001"), (60, "0")):
        now = start + timedelta(seconds=seconds)
        venue.catch_up(now)
        balance = venue.ledger.consumption(account.user_id, instrument.instrument_id, now)
        assert (balance.committed, balance.total) == (Decimal(committed), 1)


def test_a_lot_whose_end_nobody_saw_before_the_next_came_sets_no_time_back(trading):
    """Times of an account only go forward, whenever somebody looks."""
    trading.ledger.transfer("ann", trading.instrument_id, 1, trading.now)
    trading.pass_time(5 * 3600)
    trading.ledger.transfer("ann", trading.instrument_id, 2, trading.now)
    seen = trading.ledger.consumptions("ann", trading.now)[trading.instrument_id]
    assert seen.updated_at == seen.last_deposit_at == trading.now
    assert seen.last_withdrawal_at == trading.now - timedelta(hours=1)
