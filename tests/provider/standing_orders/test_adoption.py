"""Orders that were on the book before their resource, and are taken over."""

from decimal import Decimal

import pytest
from tests.provider.refusals import refusal_of
from tests.provider.standing_orders.programs import program

from thegrid.core.model import NewOrder

NOWHERE = "order_00000000-0000-4000-8000-000000000000"


def test_adopting_places_nothing_and_the_order_keeps_its_name(engine, place, live, writes):
    there = place()
    before = writes()
    engine.up(program(adopt=there))
    outputs = engine.outputs("bid")
    assert writes() == before
    assert (outputs["order_id"], outputs["client_order_id"]) == (there, "my bid")
    assert (outputs["adopt"], outputs["status"], outputs["condition"]) == (
        there,
        "active",
        "UpToDate",
    )
    assert [it.id for it in live()] == [there]


def test_after_an_adoption_nothing_is_to_be_done(engine, place, market):
    declared = program(adopt=place())
    engine.up(declared)
    asked = len(market.journal())
    assert engine.preview(declared).steps["bid"] == "same"
    assert len(market.journal()) == asked
    assert engine.refresh().steps["bid"] == "same"
    assert set(engine.up(declared).steps.values()) == {"same"}


def test_other_terms_are_shown_by_the_next_preview_and_written_in_place(engine, place, live):
    there = place("0.02", 7)
    declared = program(adopt=there)
    told = engine.up(declared).log
    assert any("price: 0.02 USD at the market, 0.01 USD declared" in line for line in told)
    assert [(it.price, it.quantity) for it in live()] == [(Decimal("0.02"), 7)]
    preview = engine.preview(declared)
    assert preview.steps["bid"] == "update"
    assert "quantity: 7 at the market, 3 declared" in preview.log[0]
    engine.up(declared)
    (order,) = live()
    assert (order.id, order.price, order.quantity) == (there, Decimal("0.01"), 3)
    assert engine.up(declared).steps["bid"] == "same"


def test_once_adopted_an_order_stays_so_without_being_asked_again(engine, place, live):
    there = place()
    engine.up(program(adopt=there))
    assert engine.up(program()).steps["bid"] == "same"
    engine.up(program(price="0.02"))
    assert [(it.id, it.price) for it in live()] == [(there, Decimal("0.02"))]
    assert engine.outputs("bid")["adopt"] == there


def test_its_renewals_have_the_names_of_the_intent(engine, place, sell, best, orders, live):
    given = {"price": best, "renew": "when_filled", "daily_cap_usd": "900"}
    declared = program(**given, adopt=place(best))
    engine.up(declared)
    sell(3)
    engine.refresh()
    assert engine.outputs("bid")["client_order_id"] == "my bid"
    assert Decimal(engine.outputs("bid")["spent_today_usd"]) == 3 * Decimal(best)
    assert engine.preview(declared).log == [
        "StandingOrder 'bid': the order is filled; generation 2 is due"
    ]
    engine.up(declared)
    intent = engine.outputs("bid")["intent"]
    assert [it.client_order_id for it in orders()] == ["my bid", f"{intent}:2"]
    assert Decimal(engine.outputs("bid")["spent_today_usd"]) == 3 * Decimal(best)
    assert engine.up(declared).steps["bid"] == "same"
    engine.destroy()
    assert live() == []


def test_deleting_cancels_the_adopted_order(engine, place, live):
    engine.up(program(adopt=place()))
    engine.destroy()
    assert live() == []


def test_what_an_adopted_order_bought_today_counts_for_the_cap(engine, place, sell, best, live):
    there = place(best)
    sell(2, best)
    given = {"price": best, "renew": "when_filled", "daily_cap_usd": str(5 * Decimal(best))}
    declared = program(**given, adopt=there)
    engine.up(declared)
    assert Decimal(engine.outputs("bid")["spent_today_usd"]) == 2 * Decimal(best)
    sell(1, best)
    engine.refresh()
    assert engine.up(declared).log[0].endswith("nothing is placed")
    assert live() == []


REFUSED = {
    "no such order": "this login's account has no order",
    "an order that was cancelled": "is cancelled; leave adopt out to have a new one placed",
    "an order that was filled": "is filled; leave adopt out to have a new one placed",
    "another side": "is another one than declared: buy",
    "another market": "is another one than declared: buy",
    "an order of another standing order": "was placed by another standing order",
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_what_cannot_be_adopted_is_refused_in_one_line_and_nothing_happens(
    engine, place, hand, sell, best, live, sentence
):
    arguments, there = {}, NOWHERE
    if sentence == "an order of another standing order":
        there = place(name=f"{'a1' * 16}:1")
    elif sentence == "an order that was filled":
        there = place(best)
        sell(3)
    elif sentence != "no such order":
        there = place()
    match sentence:
        case "an order that was cancelled":
            hand.cancel_order(there)
        case "another side":
            arguments = {"side": "sell", "price": "900"}
        case "another market":
            arguments = {"instrument": "text-max"}
    before = live()
    line = refusal_of(lambda: engine.up(program(adopt=there, **arguments)))
    assert "StandingOrder 'bid': adopt: " in line
    assert there in line
    assert REFUSED[sentence] in line
    assert live() == before


def test_another_account_s_order_is_not_adopted(engine, market, client_of, live):
    other = client_of(market.create_account(mode="advanced", usd=Decimal(10)))
    market_id = other.market_of("text-prime").id
    theirs = other.place_order(NewOrder(market_id, "buy", 3, Decimal("0.01"))).id
    line = refusal_of(lambda: engine.up(program(adopt=theirs)))
    assert f"this login's account has no order {theirs}" in line
    assert not other.order(theirs).is_terminal
    other.cancel_orders()


def test_a_resource_that_is_there_adopts_no_other_order(engine, place):
    engine.up(program())
    line = refusal_of(lambda: engine.preview(program(adopt=place())))
    assert "adopt: is read when a resource is created, and this one is there already" in line


@pytest.mark.parametrize(
    ("change", "named"),
    [({"auto_transfer": True}, "auto_transfer"), ({"triggers": [1]}, "triggers")],
)
def test_another_kind_of_order_is_not_the_adopted_one(engine, place, live, change, named):
    there = place()
    engine.up(program(adopt=there))
    line = refusal_of(lambda: engine.preview(program(adopt=there, **change)))
    assert f"a change of {named} ends order {there} and makes another one" in line
    engine.up(program(**change))
    (order,) = live()
    assert order.client_order_id == f"{engine.outputs('bid')['intent']}:1"


def test_an_adopted_order_that_the_market_forgot_is_not_placed_anew(engine, place, market, live):
    there = place()
    engine.up(program(adopt=there))
    market.order_fault("GET", "/orders/{id}", status=404, times=99)
    assert f"the market does not know order {there} any more" in refusal_of(engine.refresh)
    line = refusal_of(lambda: engine.up(program(adopt=there, price="0.02")))
    assert f"the market does not know order {there} any more" in line
    engine.destroy()
    market.clear_faults()
    assert [it.id for it in live()] == [there]


def test_a_lost_run_that_had_renewed_the_adopted_order_is_carried_on(
    engine, place, sell, best, live
):
    declared = program(price=best, renew="when_filled", daily_cap_usd="900", adopt=place(best))
    engine.up(declared)
    sell(3)
    engine.refresh()
    before = {urn: it for urn, it in engine.state.items() if "StandingOrder" not in urn}
    engine.up(declared)
    (renewed,) = live()
    engine.state = before  # as a provider that was killed before the first run was recorded
    engine.end_servers()
    engine.settle()
    engine.up(declared)
    assert engine.outputs("bid")["order_id"] == renewed.id
    assert [it.id for it in live()] == [renewed.id]


def test_an_order_of_its_own_on_the_book_is_not_left_behind(engine, place, live):
    engine.up(program())
    engine.state = {urn: it for urn, it in engine.state.items() if "StandingOrder" not in urn}
    engine.end_servers()
    there = place()
    engine.settle()
    line = refusal_of(lambda: engine.up(program(adopt=there)))
    assert "adopt: this resource has order " in line
    engine.up(program())
    assert len(live()) == 2


def test_after_its_own_order_was_cancelled_another_is_adopted_and_stays_known(
    engine, place, hand, live
):
    engine.up(program())
    hand.cancel_order(live()[0].id)
    engine.state = {urn: it for urn, it in engine.state.items() if "StandingOrder" not in urn}
    there = place()
    engine.settle()
    engine.up(program(adopt=there))
    assert engine.outputs("bid")["order_id"] == there
    engine.up(program(price="0.02"))
    assert [(it.id, it.price) for it in live()] == [(there, Decimal("0.02"))]
    engine.destroy()
    assert live() == []


def test_where_orders_cannot_be_listed_nothing_is_adopted(engine, place, market):
    more = {"data": [], "paging": {"has_more": True, "next_cursor": None, "prev_cursor": None}}
    there = place()
    market.order_fault("GET", "/orders", status=200, body=more, times=99)
    line = refusal_of(lambda: engine.up(program(adopt=there)))
    assert "the listing of orders broke off, so one may be there: nothing is adopted" in line
