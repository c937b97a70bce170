"""A standing order from its first generation to its end, in the eyes of the market."""

from decimal import Decimal

import pulumi
import pytest
from tests.provider.standing_orders.programs import program

from pulumi_thegrid import StandingOrder

HOUR = 3600


def test_a_preview_places_nothing(engine, orders):
    assert engine.preview(program()).steps["bid"] == "create"
    assert orders() == []


def test_up_places_one_order_under_the_intent_s_name(engine, live):
    engine.up(program())
    (order,) = live()
    outputs = engine.outputs("bid")
    assert outputs["order_id"] == order.id
    assert outputs["client_order_id"] == order.client_order_id == f"{outputs['intent']}:1"
    assert (order.side, order.price, order.quantity) == ("buy", Decimal("0.01"), 3)
    assert (outputs["status"], outputs["filled_quantity"]) == ("active", "0")
    assert (outputs["remaining_quantity"], outputs["condition"]) == ("3", "UpToDate")
    assert outputs["intent"] == engine.outputs("bid-order")["nonce"]


def test_a_second_up_changes_nothing_and_asks_the_market_nothing(engine, market):
    engine.up(program())
    before = len(market.journal())
    assert set(engine.up(program()).steps.values()) == {"same"}
    assert len(market.journal()) == before


def test_another_spelling_changes_nothing_at_the_market(engine, live):
    engine.up(program())
    (before,) = live()
    engine.up(program(instrument=" Text-Prime", price="0.010", quantity="3"))
    assert live() == [before]


def test_price_and_quantity_are_changed_in_place(engine, live):
    engine.up(program())
    (before,) = live()
    assert engine.up(program(price="0.02", quantity=5)).steps["bid"] == "update"
    (order,) = live()
    assert (order.id, order.price, order.quantity) == (before.id, Decimal("0.02"), 5)
    assert engine.outputs("bid")["order_price"] == "0.02"
    assert engine.up(program(price="0.02", quantity=5)).steps["bid"] == "same"


@pytest.mark.parametrize(
    "change", [{"auto_transfer": True}, {"instrument": "text-max"}, {"triggers": ["again"]}]
)
def test_another_kind_of_order_is_placed_after_the_old_one_was_cancelled(
    engine, market, orders, live, change
):
    engine.up(program())
    (before,) = live()
    assert engine.preview(program(**change)).steps["bid"] == "replace"
    engine.up(program(**change))
    (after,) = live()
    assert after.id != before.id
    cancelled = next(it for it in orders() if it.id == before.id)
    assert cancelled.status in {"cancelled", "cancellation_pending"}
    assert cancelled.closed_at is None or cancelled.closed_at <= after.submitted_at


def test_a_sale_waits_and_its_other_side_is_another_order(engine, market, account, orders, live):
    market.give_units(account.user_id, "text-prime", 3)
    engine.up(program(side="sell", price="900"))
    (sale,) = live()
    engine.up(program())
    (buy,) = live()
    assert (sale.side, buy.side) == ("sell", "buy")


def test_a_refresh_shows_fills_and_what_they_cost(engine, live, sell, best):
    engine.up(program(price=best))
    sell(2)
    assert engine.refresh().steps["bid"] == "changed"
    outputs = engine.outputs("bid")
    assert (outputs["filled_quantity"], outputs["remaining_quantity"]) == ("2", "1")
    assert outputs["status"] == "partially_filled"
    assert Decimal(outputs["average_price"]) == Decimal(best)
    assert Decimal(outputs["spent_today_usd"]) == 2 * Decimal(best)
    assert engine.refresh().steps["bid"] == "same"
    assert engine.up(program(price=best)).steps["bid"] == "same"


def test_the_quantity_of_a_partly_filled_order_is_its_total(engine, live, orders, sell, best):
    engine.up(program(price=best))
    sell(2)
    engine.up(program(price=best, quantity=4))
    (order,) = live()
    assert order.remaining_quantity == 2
    engine.up(program(price=best, quantity=2))
    assert live() == []
    (order,) = orders()
    assert order.filled_quantity == 2


def test_a_buy_with_auto_transfer_can_be_consumed_at_once(engine, hand, market, sell, best):
    engine.up(program(price=best, auto_transfer=True))
    sell(3)
    engine.refresh()
    assert engine.outputs("bid")["status"] == "filled"
    (units,) = hand.consumption_balances()
    assert units.uncommitted == 3


def test_a_price_changed_by_hand_is_written_back_after_a_refresh(engine, hand, live):
    engine.up(program())
    (order,) = live()
    hand.change_order(order.id, price=Decimal("0.02"), quantity=7)
    assert engine.up(program()).steps["bid"] == "same", "nobody has looked"
    engine.refresh()
    assert engine.outputs("bid")["drift"] == [
        "price: 0.02 USD at the market, 0.01 USD declared",
        "quantity: 7 at the market, 3 declared",
    ]
    run = engine.preview(program())
    assert run.steps["bid"] == "update"
    assert "StandingOrder 'bid': price: 0.02 USD at the market, 0.01 USD declared" in run.log[0]
    engine.up(program())
    (order,) = live()
    assert (order.price, order.quantity) == (Decimal("0.01"), 3)
    assert engine.outputs("bid")["drift"] == []


def test_without_repair_drift_is_only_reported(engine, hand, live):
    engine.up(program(repair=False))
    (order,) = live()
    hand.change_order(order.id, price=Decimal("0.02"))
    engine.refresh()
    run = engine.up(program(repair=False))
    assert run.steps["bid"] == "same"
    assert "price: 0.02 USD at the market, 0.01 USD declared" in run.log[0]
    assert live()[0].price == Decimal("0.02")


def test_an_order_that_ended_is_shown_and_cannot_be_edited(engine, hand, live, orders):
    engine.up(program())
    hand.cancel_order(live()[0].id)
    engine.refresh()
    assert engine.outputs("bid")["status"] == "cancelled"
    assert engine.up(program()).steps["bid"] == "same"
    for run in (engine.preview, engine.up):
        with pytest.raises(RuntimeError, match="the order is cancelled and cannot be changed"):
            run(program(price="0.02"))
    assert len(orders()) == 1
    engine.up(program(price="0.02", triggers=["again"]))
    assert live()[0].price == Decimal("0.02")


def test_an_order_that_ended_unseen_is_not_edited_either(engine, hand, live, orders):
    engine.up(program())
    hand.cancel_order(live()[0].id)
    with pytest.raises(RuntimeError, match=r"another value in `triggers` makes it"):
        engine.up(program(price="0.02"))
    assert len(orders()) == 1


def test_a_filled_order_is_renewed_by_the_up_after_a_refresh(engine, live, orders, sell, best):
    declared = program(price=best, renew="when_filled", daily_cap_usd="900")
    engine.up(declared)
    sell(3)
    assert engine.up(declared).steps["bid"] == "same", "nobody has looked"
    engine.refresh()
    run = engine.preview(declared)
    assert run.steps["bid"] == "update"
    assert run.log == ["StandingOrder 'bid': the order is filled; generation 2 is due"]
    engine.up(declared)
    (order,) = live()
    assert order.client_order_id == f"{engine.outputs('bid')['intent']}:2"
    assert [it.status for it in orders()] == ["filled", "active"]
    assert engine.outputs("bid")["generation"] == 2
    assert engine.up(declared).steps["bid"] == "same"


def test_an_order_cancelled_by_hand_is_renewed_if_every_closed_one_is(engine, hand, live):
    filled = program(renew="when_filled", daily_cap_usd="9")
    closed = program(renew="when_closed", daily_cap_usd="9")
    engine.up(filled)
    hand.cancel_order(live()[0].id)
    engine.refresh()
    assert engine.up(filled).steps["bid"] == "same"
    engine.up(closed)
    assert engine.outputs("bid")["generation"] == 2
    assert len(live()) == 1


def test_a_cap_holds_across_renewals_until_the_next_day(engine, market, live, orders, sell, best):
    cap = str(5 * Decimal(best))
    declared = program(price=best, renew="when_filled", daily_cap_usd=cap)
    engine.up(declared)
    sell(3)
    engine.refresh()
    run = engine.up(declared)
    assert run.steps["bid"] == "same"
    assert run.log[0].endswith("nothing is placed")
    assert engine.outputs("bid")["condition"] == "CapReached"
    assert live() == []
    market.advance(25 * HOUR)
    engine.up(declared)
    assert len(live()) == 1
    assert engine.outputs("bid")["spent_today_usd"] == "0"


def test_a_preview_expects_the_fees_that_the_day_s_trades_paid(engine, sell, best):
    given = {"price": best, "renew": "when_filled", "daily_cap_usd": str(7 * Decimal(best))}
    engine.up(program(**given))
    sell(3)
    engine.refresh()
    assert engine.preview(program(**given)).steps["bid"] == "update"
    engine.outputs("bid")["expected_fee_rate"] = "0.5"  # as after trades that paid so much
    preview = engine.preview(program(**given))
    assert preview.steps["bid"] == "same"
    assert preview.log[0].endswith("nothing is placed")


def test_an_edit_that_exceeds_the_cap_is_refused_and_the_order_stays(engine, live, sell, best):
    cap = str(4 * Decimal(best))
    engine.up(program(price=best, daily_cap_usd=cap, quantity=1, renew="when_filled"))
    sell(1)
    engine.refresh()
    engine.up(program(price=best, daily_cap_usd=cap, quantity=1, renew="when_filled"))
    with pytest.raises(RuntimeError, match=r"more than the cap of .* USD a day"):
        engine.up(program(price=best, daily_cap_usd=cap, quantity=4, renew="when_filled"))
    assert live()[0].quantity == 1


def test_a_lowered_cap_ends_an_order_that_exceeds_it(engine, live, sell, best):
    engine.up(program(price=best))
    sell(2)
    run = engine.up(program(price=best, daily_cap_usd=str(2 * Decimal(best)), quantity=2))
    assert run.steps["bid"] == "update"
    assert live() == []


def test_deleting_cancels_and_tells_what_was_traded(engine, orders, sell, best):
    engine.up(program(price=best))
    sell(1)
    run = engine.destroy()
    assert run.log == [
        f"StandingOrder 'bid': order {orders()[0].id} had traded 1 of 3 units when it ended, "
        "and they stay"
    ]
    assert orders()[0].closure_reason == "user_cancelled"


@pytest.mark.parametrize("ended", ["cancelled", "filled"])
def test_deleting_an_order_that_has_ended_is_no_error(
    engine, hand, live, orders, sell, best, ended
):
    engine.up(program(price=best))
    if ended == "filled":
        sell(3)
    else:
        hand.cancel_order(live()[0].id)
    engine.destroy()
    assert engine.state == {}
    assert [it.status for it in orders()] == [ended]


def test_an_order_of_a_resource_that_was_removed_and_added_again_is_a_new_one(engine, orders):
    engine.up(program())
    engine.up(lambda: None)
    engine.up(program())
    assert len({it.client_order_id for it in orders()}) == 2
    assert engine.outputs("bid")["generation"] == 1


def test_in_mode_easy_the_market_s_refusal_says_what_to_do(engine, client_of, hand):
    hand.set_account_mode("easy")
    with pytest.raises(RuntimeError, match=r"set the account's mode to advanced"):
        engine.up(program())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"price": 0.25}, "price has a problem: write it as text"),
        ({"price": "cheap"}, "price has a problem: 'cheap' is not a decimal number"),
        ({"price": "0"}, "price has a problem: Decimal('0') is not"),
        ({"quantity": 1.5}, "quantity has a problem: 1.5 is not a whole number"),
        ({"side": "hold"}, "side has a problem: 'hold' is not allowed: write buy or sell"),
        ({"side": None}, "side has a problem: must be given"),
        ({"renew": "when_filled"}, "daily_cap_usd has a problem: a buy order that renews itself"),
        ({"daily_cap_usd": "0.02"}, "daily_cap_usd has a problem: one order alone may cost 0.03"),
        ({"side": "sell", "auto_transfer": True}, "auto_transfer has a problem: only what a buy"),
        ({"triggers": "now"}, "triggers has a problem: must be a list"),
    ],
)
def test_what_cannot_be_is_refused_at_preview(engine, arguments, told):
    with pytest.raises(RuntimeError) as error:
        engine.preview(program(**arguments))
    assert told in str(error.value)


def test_what_may_make_it_another_order_once_it_is_known_is_a_replacement(engine, live):
    def declare(quantity):
        first = StandingOrder(
            "first", instrument="text-prime", side="buy", price="0.01", quantity=quantity
        )
        flag = first.remaining_quantity.apply(lambda units: units == "9")
        StandingOrder(
            "second",
            instrument="text-prime",
            side="buy",
            price="0.02",
            quantity=2,
            auto_transfer=flag,
        )

    engine.up(lambda: declare(2))
    assert engine.preview(lambda: declare(2)).steps["second"] == "same"
    assert engine.preview(lambda: declare(3)).steps["second"] == "replace"


def test_an_input_that_is_known_later_only_is_an_order_then(engine, live):
    def declare():
        first = StandingOrder(
            "first", instrument="text-prime", side="buy", price="0.01", quantity=2
        )
        StandingOrder(
            "second",
            instrument="text-prime",
            side="buy",
            price="0.02",
            quantity=first.remaining_quantity.apply(str),
            opts=pulumi.ResourceOptions(depends_on=[first]),
        )

    engine.preview(declare)
    engine.up(declare)
    assert sorted(it.price for it in live()) == [Decimal("0.01"), Decimal("0.02")]
