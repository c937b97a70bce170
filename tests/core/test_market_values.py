"""Identifiers in one form, and orders that cannot be wrong."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from thegrid.core.model import (
    NewOrder,
    Order,
    Transfer,
    normal_instrument_id,
    normal_market_id,
)

UUID = "0a000000-0000-4000-8000-00000000000f"
NORMAL = f"market-{UUID}"

SPELLINGS = {
    "the current form": (NORMAL, NORMAL),
    "the older form": (f"market_{UUID}", NORMAL),
    "a bare UUID": (UUID, NORMAL),
    "a UUID in capitals": (f"market-{UUID.upper()}", NORMAL),
    "an identifier of another kind": (f"instrument-{UUID}", f"instrument-{UUID}"),
    "no UUID": ("mkt-1", "mkt-1"),
    "a prefix without a UUID": ("market_1", "market_1"),
    "a UUID with something behind it": (f"{UUID}0", f"{UUID}0"),
    "a UUID with a line break": (f"{UUID}\n", f"{UUID}\n"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize("sentence", SPELLINGS)
def test_a_market_is_named_by(sentence):
    spelled, normal = SPELLINGS[sentence]
    assert normal_market_id(spelled) == normal
    assert normal_market_id(normal) == normal


def test_an_instrument_is_named_by_its_own_kind():
    assert normal_instrument_id(f"instrument_{UUID}") == f"instrument-{UUID}"
    assert normal_instrument_id(UUID) == f"instrument-{UUID}"
    assert normal_instrument_id(NORMAL) == NORMAL


LIMIT = NewOrder(NORMAL, "buy", 1, Decimal("0.95"), client_order_id="mine")

WRONG = {
    "another side": ({"side": "hold"}, "side: 'hold' is neither 'buy' nor 'sell'"),
    "another type": ({"type": "stop"}, "type: 'stop' is neither 'limit' nor 'market'"),
    "no units": ({"quantity": 0}, "quantity: 0 is not a whole number of units from 1"),
    "fewer": ({"quantity": -1}, "quantity: -1 is not a whole number of units from 1"),
    "a part of a unit": ({"quantity": 1.5}, "quantity: 1.5 is not a whole number of units from 1"),
    "a truth value": ({"quantity": True}, "quantity: True is not a whole number of units from 1"),
    "a limit order without a price": ({"price": None}, "price: a limit order needs one"),
    "a market order with a price": ({"type": "market"}, "price: a market order has none"),
    "a price of nothing": (
        {"price": Decimal(0)},
        "price: Decimal('0') is not a decimal of US dollars above zero",
    ),
    "a price that is no number": (
        {"price": Decimal("NaN")},
        "price: Decimal('NaN') is not a decimal of US dollars above zero",
    ),
    "a binary price": ({"price": 0.95}, "price: 0.95 is not a decimal of US dollars above zero"),
    "an empty name": ({"client_order_id": ""}, "client_order_id: must have 1 to 128 characters"),
    "a long name": (
        {"client_order_id": "x" * 129},
        "client_order_id: must have 1 to 128 characters",
    ),
    "moving what is sold": (
        {"side": "sell", "auto_transfer": True},
        "auto_transfer: only what a buy order brings can be moved",
    ),
}


@pytest.mark.parametrize("sentence", WRONG)
def test_an_order_cannot_have(sentence):
    change, message = WRONG[sentence]
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        replace(LIMIT, **change)


def test_an_order_may_have_any_name_up_to_the_longest():
    assert replace(LIMIT, client_order_id="x" * 128).client_order_id == "x" * 128
    assert NewOrder(NORMAL, "sell", 1, type="market").price is None


@pytest.mark.parametrize(
    ("status", "terminal"),
    [
        ("pending", False),
        ("active", False),
        ("partially_filled", False),
        ("cancellation_pending", False),
        ("filled", True),
        ("cancelled", True),
        ("rejected", True),
        ("expired", True),
        ("something new", False),
    ],
)
def test_an_order_has_ended_when_it_is(status, terminal):
    order = Order("order-1", NORMAL, "buy", "limit", status, Decimal(3), Decimal(1))
    assert order.is_terminal is terminal
    assert order.remaining_quantity == 2


@pytest.mark.parametrize(
    ("account_id", "expected"), [("consumption_account_1", True), ("trading_account_1", False)]
)
def test_the_direction_of_a_transfer_is_read_from_where_it_arrived(account_id, expected):
    transfer = Transfer("transfer_1", account_id, None, UUID, Decimal(1), None)
    assert transfer.is_to_consumption is expected
