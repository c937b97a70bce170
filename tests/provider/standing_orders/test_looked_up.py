"""Orders that are only looked up."""

import pulumi
from tests.provider.refusals import refusal_of

from pulumi_thegrid import StandingOrder

NOWHERE = "order_00000000-0000-4000-8000-000000000000"


def test_an_order_that_is_looked_up_is_never_managed(engine, place, live, hand):
    there = place(quantity=4)
    seen = {}

    def declare():
        order = StandingOrder.get("theirs", there)
        names = ("instrument", "price", "quantity", "status", "client_order_id", "order_id")
        pulumi.Output.all(*(getattr(order, name) for name in names)).apply(
            lambda values: seen.update(zip(names, values, strict=True))
        )

    for _ in range(2):
        assert engine.up(declare).steps == {"theirs": "read"}
        assert seen == {
            "instrument": "text-prime",
            "price": "0.01",
            "quantity": "4",
            "status": "active",
            "client_order_id": "my bid",
            "order_id": there,
        }
    assert engine.refresh().steps["theirs"] == "same"
    hand.cancel_order(there)
    engine.settle()
    engine.up(declare)
    assert seen["status"] == "cancelled"
    engine.destroy()


def test_an_order_that_is_not_there_is_not_looked_up(engine):
    line = refusal_of(lambda: engine.up(lambda: StandingOrder.get("theirs", NOWHERE) and None))
    assert f"this login's account has no order {NOWHERE}" in line
