"""A transfer from its declaration to its end, in the eyes of the market."""

from datetime import datetime, timedelta

import pytest
from tests.provider.transfers.conftest import POST
from tests.provider.transfers.programs import program

from pulumi_thegrid import Transfer

A_SECOND = timedelta(seconds=1)
"""What a market that leaves out fractions of seconds may be off by."""


def test_a_preview_moves_nothing(engine, moved):
    assert engine.preview(program()).steps["units"] == "create"
    assert moved() == []


def test_up_moves_the_units_once(engine, market, account, moved):
    engine.up(program())
    outputs = engine.outputs("units")
    assert moved() == [outputs["transfer_id"]]
    assert engine.recorded("units").id == outputs["transfer_id"]
    assert (outputs["quantity"], outputs["adopted"], outputs["is_shown"]) == ("2", False, True)
    assert outputs["consumption_account_id"].startswith("consumption_account")
    assert outputs["account_id"] == account.user_id
    assert outputs["intent"] == engine.outputs("units-transfer")["nonce"]
    (lot,) = market.lots(account.user_id)
    assert abs(time(lot["expires_at"]) - time(outputs["expires_at"])) < A_SECOND
    assert time(outputs["expires_at"]) - time(outputs["created_at"]) == timedelta(hours=4)


def time(text):
    return datetime.fromisoformat(text)


def test_a_second_up_changes_nothing_and_asks_the_market_nothing(engine, market):
    engine.up(program())
    before = len(market.journal())
    assert set(engine.up(program()).steps.values()) == {"same"}
    assert len(market.journal()) == before


@pytest.mark.parametrize("spelling", [{"instrument": " TEXT-Prime"}, {"quantity": "2.0"}])
def test_another_spelling_moves_nothing(engine, moved, spelling):
    engine.up(program())
    assert set(engine.up(program(**spelling)).steps.values()) == {"same"}
    assert len(moved()) == 1


def test_the_instrument_s_id_names_the_same_transfer(engine, moved):
    engine.up(program())
    by_id = program(instrument=engine.outputs("units")["instrument_id"])
    assert engine.up(by_id).steps["units"] == "update"
    assert engine.up(by_id).steps["units"] == "same"
    assert len(moved()) == 1


@pytest.mark.parametrize(
    ("change", "field"), [({"quantity": 3}, "quantity"), ({"triggers": ["again"]}, "triggers")]
)
def test_a_change_is_a_new_transfer_and_the_preview_says_so(engine, moved, change, field):
    engine.up(program())
    (first,) = moved()
    preview = engine.preview(program(**change))
    assert preview.steps["units"] == "replace"
    (line,) = preview.log
    units = change.get("quantity", 2)
    assert line == (
        f"Transfer 'units': a changed {field} is a new transfer: {units} units of text-prime will "
        "move to consumption, and the 2 units of text-prime that moved before do not come back"
    )
    assert moved() == [first]
    run = engine.up(program(**change))
    assert moved() == [first, engine.outputs("units")["transfer_id"]]
    assert any("nothing was undone: the 2 units of text-prime stay" in line for line in run.log)
    assert set(engine.up(program(**change)).steps.values()) == {"same"}


def test_deleting_moves_nothing_and_says_so(engine, market, account, moved):
    engine.up(program())
    until = engine.outputs("units")["expires_at"]
    run = engine.destroy()
    assert len(moved()) == 1
    assert [lot["expires_at"][:19] for lot in market.lots(account.user_id)] == [until[:19]]
    assert run.log == [
        "Transfer 'units': nothing was undone: the 2 units of text-prime stay in consumption, "
        f"where they can be used until {until}"
    ]


def test_refresh_finds_the_transfer_in_the_history(engine):
    engine.up(program())
    assert engine.refresh().steps["units"] == "same"


def test_a_refresh_after_its_units_were_lost_changes_nothing(engine, market, account, move):
    engine.up(program())
    before = engine.outputs("units")
    market.advance(5 * 3600)
    move(1)  # by which the market notices the lot that has expired
    assert engine.refresh().steps["units"] == "same"
    assert engine.outputs("units") == before
    assert engine.up(program()).steps["units"] == "same"


EMPTY = {"data": [], "paging": {"has_more": False, "next_cursor": None, "prev_cursor": None}}
BROKEN = {"data": [], "paging": {"has_more": True, "next_cursor": None, "prev_cursor": None}}


@pytest.mark.parametrize("answer", [EMPTY, BROKEN])
def test_a_history_that_does_not_show_it_does_not_make_it_undone(engine, market, moved, answer):
    engine.up(program())
    market.order_fault("GET", "/transfer-histories", status=200, body=answer, times=9)
    assert engine.refresh().steps["units"] == "same"
    market.clear_faults()
    assert engine.up(program()).steps["units"] == "same"
    assert len(moved()) == 1


def test_what_the_history_shows_only_later_is_known_after_a_refresh(engine, market, moved, hasten):
    market.order_fault("GET", "/transfer-histories", status=200, body=EMPTY, times=99)
    hasten(lambda: engine.up(program()))
    outputs = engine.outputs("units")
    assert (outputs["is_shown"], outputs.get("consumption_account_id")) == (False, None)
    market.clear_faults()
    assert engine.refresh().steps["units"] == "changed"
    outputs = engine.outputs("units")
    assert outputs["is_shown"] is True
    assert outputs["consumption_account_id"].startswith("consumption_account")
    assert moved() == [outputs["transfer_id"]]


def test_a_history_that_is_a_moment_late_is_waited_for(engine, market):
    market.order_fault("GET", "/transfer-histories", status=200, body=EMPTY, times=2)
    engine.up(program())
    assert engine.outputs("units")["is_shown"] is True


def test_one_at_a_time_moves_and_is_looked_for(engine, market, account):
    """So that none takes another one, whose answer is on its way, for its own."""
    market.order_fault("POST", POST, delay_seconds=0.2, times=3)
    engine.up(program("a", "b", "c"))
    mine = [it for it in market.journal() if it["user_id"] == account.user_id]
    paths = [it["path"].rpartition("/")[2] for it in mine]
    steps = [it for it in paths if it in {"trading-to-consumption", "transfer-histories"}]
    between = " ".join(steps).split("trading-to-consumption")[1:]
    assert len(between) == 3
    assert all("transfer-histories" in it for it in between)


def test_a_trigger_that_is_known_later_only_may_be_another_one(engine):
    def declare(quantity):
        first = Transfer("first", instrument="text-prime", quantity=quantity)
        Transfer("second", instrument="text-prime", quantity=1, triggers=[first.transfer_id])

    engine.up(lambda: declare(1))
    assert engine.preview(lambda: declare(1)).steps["second"] == "same"
    assert engine.preview(lambda: declare(2)).steps["second"] == "replace"


def test_replacing_by_hand_moves_nothing(engine, moved):
    """`up --replace` makes the transfer anew by the same intent, which has moved its units."""
    engine.up(program())
    engine.preview(program())
    engine.up(program(), replace="units")
    assert moved() == [engine.outputs("units")["transfer_id"]]


def test_another_wish_for_doubts_moves_nothing(engine, moved):
    engine.up(program())
    assert engine.up(program(on_ambiguous="adopt")).steps["units"] == "update"
    assert engine.outputs("units")["on_ambiguous"] == "adopt"
    assert len(moved()) == 1


def test_several_of_one_quantity_are_moved_each_once(engine, moved):
    names = ("a", "b", "c")
    engine.up(program(*names))
    assert sorted(moved()) == sorted(engine.outputs(name)["transfer_id"] for name in names)


@pytest.mark.parametrize("quantity", ["1.5", 1.5, 0, -1, "0", "two", True, "1e99", "nan", None])
def test_what_is_no_number_of_whole_units_is_refused_at_preview(engine, quantity):
    with pytest.raises(RuntimeError, match="property quantity has a problem: "):
        engine.preview(program(quantity=quantity))


def test_a_wish_for_doubts_that_is_none_is_refused_at_preview(engine):
    with pytest.raises(RuntimeError, match="on_ambiguous has a problem: 'hope' is not allowed"):
        engine.preview(program(on_ambiguous="hope"))


def test_another_account_s_login_moves_nothing(engine, market):
    with pytest.raises(RuntimeError, match="was refused"):
        engine.up(program(quantity=99))
    other = market.create_account(
        mode="advanced", access_token_seconds=3600, units={"text-prime": 99}
    )
    engine.config["thegrid:accessToken"] = other.access_token
    with pytest.raises(RuntimeError, match=f"login belongs to account {other.user_id}"):
        engine.up(program(quantity=99))
    assert market.lots(other.user_id) == []
