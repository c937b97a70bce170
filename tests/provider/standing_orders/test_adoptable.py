"""Which orders can be taken over: the rule."""

from dataclasses import replace
from decimal import Decimal

import pytest

from pulumi_thegrid._lifecycles.order_adoption import can_be_kept, refuse_adoption
from thegrid.client import Misuse
from thegrid.core.model import Order
from thegrid.core.order_terms import WantedOrder

THERE = Order(
    id="order-1",
    market_id="market-1",
    side="buy",
    type="limit",
    status="active",
    quantity=Decimal(3),
    filled_quantity=Decimal(0),
    price=Decimal(1),
    client_order_id="0123456789abcdef:1",
)
KEPT = {
    "a limit order on the book": (THERE, True),
    "one that has traded in part": (replace(THERE, status="partially_filled"), True),
    "one without a name": (replace(THERE, client_order_id=None), True),
    "one that is being cancelled": (replace(THERE, status="cancellation_pending"), False),
    "one that was filled": (replace(THERE, status="filled"), False),
    "a market order": (replace(THERE, type="market", price=None), False),
    "a stop order": (replace(THERE, type="stop_limit", stop_price=Decimal(1)), False),
    "a limit order that waits for a price": (replace(THERE, stop_price=Decimal(1)), False),
}


@pytest.mark.parametrize("sentence", KEPT)
def test_what_can_be_adopted_is(sentence):
    order, can = KEPT[sentence]
    wanted = WantedOrder("market-1", "buy", Decimal(2), 5)
    assert can_be_kept(order) is can
    if can:
        refuse_adoption(order, wanted)
        return
    with pytest.raises(Misuse, match=r"^adopt: order order-1 is "):
        refuse_adoption(order, wanted)
