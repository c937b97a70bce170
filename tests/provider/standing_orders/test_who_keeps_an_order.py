"""One order and several resources: one keeps it, whatever is renamed or replaced."""

import pytest
from tests.provider.refusals import refusal_of
from tests.provider.standing_orders.programs import program

from pulumi_thegrid import StandingOrder


def test_an_order_that_another_resource_adopted_is_refused(engine, place, live):
    there = place()
    engine.up(program(adopt=there))

    def both():
        program(adopt=there)()
        StandingOrder(
            "second", instrument="text-prime", side="buy", price="0.01", quantity=3, adopt=there
        )

    line = refusal_of(lambda: engine.up(both))
    assert f"adopt: another resource of this stack keeps order {there} already" in line
    assert [it.id for it in live()] == [there]


def test_an_order_that_a_resource_placed_is_not_adopted_by_another(engine, live):
    engine.up(program())
    placed = engine.outputs("bid")["order_id"]

    def both():
        program()()
        StandingOrder(
            "second", instrument="text-prime", side="buy", price="0.01", quantity=3, adopt=placed
        )

    line = refusal_of(lambda: engine.up(both))
    assert f"adopt: order {placed} was placed by another standing order" in line


def test_a_renamed_resource_takes_the_adopted_order_along(engine, place, live):
    there = place()
    engine.up(program(adopt=there))
    engine.end_servers()  # as each run of the command line begins

    def renamed():
        StandingOrder(
            "offer", instrument="text-prime", side="buy", price="0.01", quantity=3, adopt=there
        )

    run = engine.up(renamed)
    assert (run.steps["offer"], run.steps["bid"]) == ("create", "delete")
    assert any(
        f"order {there} lives on, since another resource took it over" in it for it in run.log
    )
    assert [it.id for it in live()] == [there]
    engine.destroy()
    assert live() == []


def test_an_order_that_two_resources_keep_is_told_and_outlives_one_of_them(engine, place, live):
    """As after two machines in turn, of which neither saw the other's state."""
    there = place()

    def other():
        StandingOrder(
            "offer", instrument="text-prime", side="buy", price="0.01", quantity=3, adopt=there
        )

    def both():
        program(adopt=there)()
        other()

    engine.up(program(adopt=there))
    first = dict(engine.state)
    engine.end_servers()
    engine.up(other)
    engine.state = first | engine.state
    engine.end_servers()
    line = refusal_of(lambda: engine.up(both))
    assert f"order {there} is kept by another resource too: remove one of them" in line
    engine.end_servers()
    engine.up(other)
    assert [it.id for it in live()] == [there]


@pytest.mark.parametrize("is_adopted", [True, False])
def test_a_replacement_by_hand_keeps_the_order(engine, place, live, is_adopted):
    declared = program(adopt=place()) if is_adopted else program()
    engine.up(declared)
    (before,) = live()
    engine.up(declared, replace="bid")
    assert [it.id for it in live()] == [before.id]
    assert engine.outputs("bid")["order_id"] == before.id
    assert engine.refresh().steps["bid"] == "same"
    engine.destroy()
    assert live() == []
