"""What is lost on the way: answers, listings, processes. Never two orders, never an orphan."""

import threading
from decimal import Decimal

import pytest
from tests.provider.standing_orders.programs import program

from thegrid.core.model import NewOrder

MINUTE = 60
LATER = 2 * MINUTE
UNKNOWN = (
    r"StandingOrder 'bid': {} /orders/.*: the connection broke .*; it may have happened, and "
    "doing it again is safe; run the command again, which does what is left to do$"
)


@pytest.fixture
def loses(market):
    """Let the next answers to a kind of request be lost, before or after it had its effect."""
    return lambda method, path, moment, times=1: market.order_fault(
        method, path, drop=moment, times=times
    )


def test_an_order_whose_answer_was_lost_is_looked_up_at_once(engine, loses, live):
    loses("POST", "/orders", "after")
    engine.up(program())
    (order,) = live()
    assert engine.outputs("bid")["client_order_id"] == order.client_order_id
    engine.refresh()
    assert engine.outputs("bid")["order_id"] == order.id
    assert engine.up(program()).steps["bid"] == "same"
    assert len(live()) == 1


def test_an_order_that_never_arrived_is_in_doubt_and_placed_once_the_doubt_is_over(
    engine, market, loses, live
):
    loses("POST", "/orders", "before")
    run = engine.up(program())
    assert any("may not show yet what was placed" in line for line in run.log)
    outputs = engine.outputs("bid")
    assert (outputs["status"], outputs["condition"]) == ("in_doubt", "InDoubt")
    engine.up(program())
    assert live() == []
    market.advance(LATER)
    engine.up(program())
    (order,) = live()
    outputs = engine.outputs("bid")
    assert (outputs["order_id"], outputs["generation"]) == (order.id, 1)
    assert engine.up(program()).steps["bid"] == "same"


def test_an_order_that_was_placed_unseen_is_not_placed_again(engine, market, hand, live, account):
    """As after a provider that was killed while the market listed nothing yet: the name is taken.

    A state without the order is had by letting the first run fail before it places anything.
    """
    market.order_fault("GET", "/orders", status=500, times=99)
    with pytest.raises(RuntimeError, match="GET /orders was refused"):
        engine.up(program())
    market.clear_faults()
    intent = engine.outputs("bid-order")["nonce"]
    placed = place_by_hand(hand, f"{intent}:1")
    market.order_fault("GET", "/orders", status=200, body={"data": []}, times=2)
    engine.up(program())
    assert engine.outputs("bid")["status"] == "in_doubt"
    assert [it.id for it in live()] == [placed.id]
    engine.up(program())
    assert engine.outputs("bid")["order_id"] == placed.id
    assert [it.id for it in live()] == [placed.id]


def place_by_hand(hand, name, price="0.01", quantity=3):
    market_id = hand.market_of("text-prime").id
    return hand.place_order(
        NewOrder(market_id, "buy", quantity, Decimal(price), client_order_id=name)
    )


def test_a_truncated_listing_places_nothing(engine, market, live):
    more = {"data": [], "paging": {"has_more": True, "next_cursor": None, "prev_cursor": None}}
    market.order_fault("GET", "/orders", status=200, body=more, times=99)
    with pytest.raises(RuntimeError, match=r"the listing of orders broke off.*nothing is placed"):
        engine.up(program())
    market.clear_faults()
    assert live() == []
    engine.up(program())
    assert len(live()) == 1


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_change_whose_answer_was_lost_is_made(engine, loses, live, moment):
    engine.up(program())
    loses("PUT", "/orders/{id}", moment)
    engine.up(program(price="0.02"))
    assert [it.price for it in live()] == [Decimal("0.02")]
    assert engine.up(program(price="0.02")).steps["bid"] == "same"


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_change_without_any_answer_fails_and_the_next_up_makes_up_for_it(
    engine, market, loses, live, moment
):
    engine.up(program())
    loses("PUT", "/orders/{id}", moment, times=99)
    with pytest.raises(RuntimeError, match=UNKNOWN.format("PUT")):
        engine.up(program(price="0.02"))
    market.clear_faults()
    engine.up(program(price="0.02"))
    assert [it.price for it in live()] == [Decimal("0.02")]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_cancellation_whose_answer_was_lost_is_made(engine, loses, live, moment):
    engine.up(program())
    loses("DELETE", "/orders/{id}", moment)
    engine.destroy()
    assert live() == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_cancellation_without_any_answer_says_what_is_not_known_and_what_to_do(
    engine, market, loses, live, moment
):
    engine.up(program())
    recorded = dict(engine.state)
    loses("DELETE", "/orders/{id}", moment, times=99)
    with pytest.raises(RuntimeError, match=UNKNOWN.format("DELETE")):
        engine.destroy()
    market.clear_faults()
    engine.state = recorded
    engine.destroy()
    assert live() == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_replacement_whose_answers_were_lost_leaves_one_order(
    engine, market, loses, live, moment
):
    engine.up(program())
    loses("DELETE", "/orders/{id}", moment)
    loses("POST", "/orders", moment)
    engine.up(program(triggers=["again"]))
    market.advance(LATER)
    engine.refresh()
    engine.up(program(triggers=["again"]))
    assert len(live()) == 1
    assert engine.outputs("bid")["order_id"] == live()[0].id


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_renewal_whose_answer_was_lost_is_placed_once(
    engine, market, loses, live, orders, sell, best, moment
):
    declared = program(price=best, renew="when_filled", daily_cap_usd="900")
    engine.up(declared)
    sell(3)
    engine.refresh()
    loses("POST", "/orders", moment)
    engine.up(declared)
    market.advance(LATER)
    engine.refresh()
    engine.up(declared)
    (order,) = live()
    assert order.id == engine.outputs("bid")["order_id"]
    assert [it.status for it in orders()] == ["filled", "active"]


def test_what_was_placed_is_recorded_even_if_it_cannot_be_read(engine, market, live):
    market.order_fault("GET", "/orders/{id}", status=500, times=99)
    engine.up(program())
    market.clear_faults()
    (order,) = live()
    assert engine.outputs("bid")["order_id"] == order.id
    engine.refresh()
    assert engine.outputs("bid")["status"] == "active"


def test_destroying_in_doubt_waits_until_the_market_would_list_it(engine, market, loses, live):
    loses("POST", "/orders", "before")
    engine.up(program())
    recorded = dict(engine.state)
    with pytest.raises(RuntimeError, match=r"StandingOrder 'bid': .*: try again after"):
        engine.destroy()
    engine.state = recorded
    market.advance(LATER)
    engine.destroy()
    assert live() == []


def test_destroying_in_doubt_cancels_what_was_placed(engine, market, loses, live):
    market.order_fault("GET", "/orders", status=200, body={"data": []}, times=2)
    loses("POST", "/orders", "after")
    engine.up(program())
    assert engine.outputs("bid")["status"] == "in_doubt"
    market.clear_faults()
    engine.destroy()
    assert live() == []


def test_destroying_what_may_be_there_wants_all_orders_to_be_listed(engine, market, loses, live):
    loses("POST", "/orders", "before")
    engine.up(program())
    recorded = dict(engine.state)
    market.advance(LATER)
    more = {"data": [], "paging": {"has_more": True, "next_cursor": None, "prev_cursor": None}}
    market.order_fault("GET", "/orders", status=200, body=more, times=99)
    with pytest.raises(RuntimeError, match=r"StandingOrder 'bid': .*broke off"):
        engine.destroy()
    engine.state = recorded
    market.clear_faults()
    engine.destroy()
    assert engine.state == {}


def test_a_refresh_finds_an_order_in_doubt(engine, market, loses, live):
    market.order_fault("GET", "/orders", status=200, body={"data": []}, times=2)
    loses("POST", "/orders", "after")
    engine.up(program())
    assert engine.outputs("bid")["status"] == "in_doubt"
    market.clear_faults()
    engine.refresh()
    outputs = engine.outputs("bid")
    assert (outputs["status"], outputs["order_id"]) == ("active", live()[0].id)
    assert outputs.get("placed_at") is None, "since it is shown"
    assert engine.up(program()).steps["bid"] == "same"


@pytest.fixture
def still_shown(market):
    """Let the next reading of an order show it as it was."""

    def show(order):
        row = {
            "order_id": order.id,
            "client_order_id": order.client_order_id,
            "market_id": order.market_id,
            "side": order.side,
            "type": order.type,
            "status": order.status,
            "quantity": str(order.quantity),
            "filled_quantity": str(order.filled_quantity),
            "price": str(order.price),
        }
        market.order_fault("GET", "/orders/{id}", status=200, body={"data": row}, times=1)

    return show


def test_an_order_filled_between_reading_and_changing_is_told_as_filled(
    engine, live, orders, sell, best, still_shown
):
    engine.up(program(price=best))
    (before,) = live()
    sell(3)
    still_shown(before)
    with pytest.raises(RuntimeError, match="the order is filled and cannot be changed"):
        engine.up(program(price=best, quantity=5))
    assert [it.status for it in orders()] == ["filled"]


def test_an_order_filled_between_reading_and_changing_is_renewed_on_the_new_terms(
    engine, live, sell, best, still_shown
):
    declared = {"price": best, "renew": "when_filled", "daily_cap_usd": "900"}
    engine.up(program(**declared))
    (before,) = live()
    sell(3)
    still_shown(before)
    engine.up(program(**declared, quantity=5))
    (order,) = live()
    assert (order.id != before.id, order.quantity) == (True, 5)
    assert Decimal(engine.outputs("bid")["spent_today_usd"]) == 3 * Decimal(best)


@pytest.mark.parametrize("ended", ["filled", "cancelled"])
def test_an_order_that_ended_between_reading_and_cancelling_is_gone(
    engine, hand, live, orders, sell, best, still_shown, ended
):
    engine.up(program(price=best))
    (before,) = live()
    if ended == "filled":
        sell(3)
    else:
        hand.cancel_order(before.id)
    still_shown(before)
    engine.destroy()
    assert engine.state == {}
    assert [it.status for it in orders()] == [ended]


@pytest.mark.parametrize("effect", ["place", "change", "cancel"])
def test_a_provider_killed_in_the_middle_leaves_no_second_order(engine, market, live, effect):
    if effect != "place":
        engine.up(program())
    method, path = {
        "place": ("POST", "/orders"),
        "change": ("PUT", "/orders/{id}"),
        "cancel": ("DELETE", "/orders/{id}"),
    }[effect]
    act = {
        "place": lambda: engine.up(program()),
        "change": lambda: engine.up(program(price="0.02")),
        "cancel": engine.destroy,
    }[effect]
    market.order_fault(method, path, hold_seconds=30)
    recorded = dict(engine.state)
    killed_while(engine, market, method, act)
    market.clear_faults()
    if effect == "cancel":
        engine.state = recorded
        engine.destroy()
        assert live() == []
        return
    price = "0.02" if effect == "change" else "0.01"
    market.advance(LATER)
    engine.up(program(price=price))
    (order,) = live()
    assert order.price == Decimal(price)
    assert engine.outputs("bid")["order_id"] == order.id


def killed_while(engine, market, method, act):
    """Act in a thread, and kill the provider's process once its request has arrived."""
    failures = []

    def run():
        with pytest.raises(RuntimeError) as error:
            act()
        failures.append(error)

    before = len(market.journal())
    thread = threading.Thread(target=run)
    thread.start()
    while all(it["method"] != method for it in market.journal()[before:]):
        thread.join(0.02)
        assert thread.is_alive()
    engine.end_servers()
    thread.join(20)
    assert failures


GONE = "nothing is changed: the run that asked for it has ended"


def test_a_provider_whose_engine_has_gone_places_nothing_after_its_wait(engine, orders, no_address):
    living, engine.address = engine.address, no_address
    with pytest.raises(RuntimeError, match=GONE):
        engine.up(program())
    assert orders() == []
    engine.address = living
    engine.end_servers()
    engine.up(program())
    assert len(orders()) == 1


def test_a_provider_whose_engine_has_gone_renews_and_changes_nothing_after_its_wait(
    engine, orders, sell, best, no_address
):
    declared = {"price": best, "renew": "when_filled", "daily_cap_usd": "900"}
    engine.up(program(**declared))
    living, engine.address = engine.address, no_address
    engine.end_servers()
    with pytest.raises(RuntimeError, match=GONE):
        engine.up(program(**declared, quantity=4))
    sell(3)
    engine.refresh()
    with pytest.raises(RuntimeError, match=GONE):
        engine.up(program(**declared))
    assert [(it.status, it.quantity) for it in orders()] == [("filled", 3)]
    engine.address = living
    engine.end_servers()
    engine.up(program(**declared))
    assert [it.status for it in orders()] == ["filled", "active"]
