"""What is lost on the way: answers, histories, processes. Never two transfers by one intent."""

import threading

import pytest
from tests.provider.refusals import one_line
from tests.provider.transfers.conftest import POST
from tests.provider.transfers.programs import program

DOUBT = r"Transfer 'units': in doubt, and nothing is sent: .*"


def test_a_lost_answer_is_a_doubt_that_names_the_transfer_and_the_ways_on(
    engine, loses, moved, hasten
):
    loses("after")
    with pytest.raises(RuntimeError, match=DOUBT) as error:
        hasten(lambda: engine.up(program()))
    (transfer,) = moved()
    line = one_line(error)
    assert f"{transfer} (2 units at 20" in line
    assert "set on_ambiguous to adopt" in line
    assert "change triggers" in line
    with pytest.raises(RuntimeError, match=DOUBT):
        engine.up(program())
    assert moved() == [transfer]


def test_it_is_adopted_if_that_is_asked(engine, loses, moved, hasten):
    loses("after")
    hasten(lambda: engine.up(program(on_ambiguous="adopt")))
    outputs = engine.outputs("units")
    assert moved() == [outputs["transfer_id"]]
    assert outputs["adopted"] is True
    assert engine.refresh().steps["units"] == "same"
    assert engine.up(program(on_ambiguous="adopt")).steps["units"] == "same"


def test_after_a_doubt_it_is_adopted_by_the_next_up(engine, loses, moved, hasten):
    loses("after")
    with pytest.raises(RuntimeError, match=DOUBT):
        hasten(lambda: engine.up(program()))
    engine.end_servers()
    engine.up(program(on_ambiguous="adopt"))
    assert moved() == [engine.outputs("units")["transfer_id"]]


def test_after_a_doubt_a_changed_trigger_moves_the_units(engine, loses, moved, hasten):
    loses("after")
    with pytest.raises(RuntimeError, match=DOUBT):
        hasten(lambda: engine.up(program()))
    engine.end_servers()
    engine.up(program(triggers=["in any case"]))
    assert len(moved()) == 2
    assert moved()[-1] == engine.outputs("units")["transfer_id"]


def test_what_was_lost_before_its_effect_is_sent_again_once_nothing_shows(
    engine, loses, moved, hasten
):
    loses("before")
    hasten(lambda: engine.up(program()))
    assert moved() == [engine.outputs("units")["transfer_id"]]


def test_what_is_lost_again_and_again_fails_and_the_next_up_moves_it_once(
    engine, market, loses, moved, hasten
):
    loses("before", times=9)
    with pytest.raises(RuntimeError, match=r"Transfer 'units': POST .* it may have happened"):
        hasten(lambda: engine.up(program()))
    market.clear_faults()
    hasten(lambda: engine.up(program()))
    assert moved() == [engine.outputs("units")["transfer_id"]]


def test_what_was_refused_is_moved_by_the_next_up(engine, market, account, moved, hasten):
    with pytest.raises(RuntimeError, match=r"Transfer 'units': POST .* was refused: 4"):
        engine.up(program(quantity=30))
    market.give_units(account.user_id, "text-prime", 20)
    engine.end_servers()
    hasten(lambda: engine.up(program(quantity=30)))
    assert moved() == [engine.outputs("units")["transfer_id"]]


def test_another_hand_s_transfer_before_the_first_sending_is_no_doubt(engine, move, moved):
    theirs = move(2)
    engine.up(program())
    assert moved() == [theirs, engine.outputs("units")["transfer_id"]]


def test_another_hand_s_transfer_after_a_refusal_is_a_doubt(engine, market, account, move, moved):
    with pytest.raises(RuntimeError, match="was refused"):
        engine.up(program(quantity=30))
    market.give_units(account.user_id, "text-prime", 60)
    theirs = move(30)
    engine.end_servers()
    with pytest.raises(RuntimeError, match=DOUBT + theirs):
        engine.up(program(quantity=30))
    assert moved() == [theirs]


def test_a_history_that_broke_off_is_a_doubt(engine, market, moved):
    with pytest.raises(RuntimeError, match="was refused"):
        engine.up(program(quantity=30))
    engine.end_servers()
    broken = {"data": [], "paging": {"has_more": True, "next_cursor": None, "prev_cursor": None}}
    market.order_fault("GET", "/transfer-histories", status=200, body=broken, times=9)
    with pytest.raises(RuntimeError, match="the history broke off before it told; run it again"):
        engine.up(program(quantity=30))
    market.clear_faults()
    assert moved() == []


def test_a_provider_killed_after_the_effect_leaves_no_second_transfer(engine, market, moved):
    market.order_fault("POST", POST, hold_seconds=1)
    killed_while_sending(engine, market)
    with pytest.raises(RuntimeError, match=DOUBT):
        engine.up(program())
    engine.up(program(on_ambiguous="adopt"))
    assert moved() == [engine.outputs("units")["transfer_id"]]


def test_a_provider_killed_before_the_effect_leaves_no_second_transfer(
    engine, market, moved, hasten
):
    market.order_fault("POST", POST, delay_seconds=30)
    killed_while_sending(engine, market)
    market.clear_faults()
    hasten(lambda: engine.up(program()))
    assert moved() == [engine.outputs("units")["transfer_id"]]


def test_a_provider_whose_engine_has_gone_sends_nothing_after_its_wait(
    engine, market, loses, moved, hasten, no_address
):
    loses("before", times=9)
    with pytest.raises(RuntimeError, match="it may have happened"):
        hasten(lambda: engine.up(program()))
    market.clear_faults()
    living, engine.address = engine.address, no_address
    engine.end_servers()
    with pytest.raises(RuntimeError, match="nothing is sent: the run that asked for it has ended"):
        hasten(lambda: engine.up(program()))
    assert moved() == []
    engine.address = living
    engine.end_servers()
    hasten(lambda: engine.up(program()))
    assert moved() == [engine.outputs("units")["transfer_id"]]


def killed_while_sending(engine, market):
    """Run `up` in a thread, and kill the provider's process once its request has arrived."""
    failures = []

    def run():
        with pytest.raises(RuntimeError) as error:
            engine.up(program())
        failures.append(error)

    before = len(market.journal())
    thread = threading.Thread(target=run)
    thread.start()
    while all(it["method"] != "POST" for it in market.journal()[before:]):
        thread.join(0.02)
        assert thread.is_alive()
    engine.end_servers()
    thread.join(20)
    assert failures


def test_a_transfer_that_a_sibling_made_is_not_taken_for_a_lost_one(engine, loses, moved, hasten):
    """Both are of one quantity; the first one's answer is lost, and only that one is in doubt."""
    loses("after")
    with pytest.raises(RuntimeError, match="in doubt"):
        hasten(lambda: engine.up(program("a", "b")))
    engine.end_servers()
    hasten(lambda: engine.up(program("a", "b", on_ambiguous="adopt")))
    recorded = {engine.outputs(name)["transfer_id"] for name in ("a", "b")}
    assert recorded == set(moved())
    assert len(moved()) == 2
