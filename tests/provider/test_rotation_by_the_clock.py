"""When the clock rotates a key in a stack: the same for both kinds, of which one expires too."""

from datetime import datetime, timedelta

import pytest

from pulumi_thegrid import ConsumptionKey, TradingKey

DAY = 86400
KINDS = {"ConsumptionKey": ConsumptionKey, "TradingKey": TradingKey}


@pytest.fixture(params=KINDS)
def program(request):
    """A program with one key; without `rotate_after` it is 14 days."""

    def declaring(**arguments):
        return lambda: KINDS[request.param]("ci", **{"rotate_after": "14d", **arguments}) and None

    return declaring


def days_after_the_first(outputs, field):
    first = datetime.fromisoformat(outputs["first_created_at"])
    return round((datetime.fromisoformat(outputs[field]) - first) / timedelta(days=1))


def test_a_longer_interval_keeps_the_key_and_moves_its_end(engine, market, program):
    engine.up(program())
    before = engine.outputs("ci")
    assert days_after_the_first(before, "next_rotation") == 14
    assert engine.up(program(rotate_after="20d")).steps["ci"] == "update"
    after = engine.outputs("ci")
    assert after["key_id"] == before["key_id"]
    assert days_after_the_first(after, "next_rotation") == 20
    market.advance(15 * DAY)
    assert engine.up(program(rotate_after="20d")).steps["ci"] == "same"


def test_a_shorter_interval_rotates_a_key_that_is_older_at_once(engine, market, program):
    engine.up(program())
    before = engine.outputs("ci")["key_id"]
    market.advance(8 * DAY)
    assert engine.up(program()).steps["ci"] == "same"
    assert engine.up(program(rotate_after="7d")).steps["ci"] == "update"
    after = engine.outputs("ci")
    assert after["previous_key_id"] == before
    assert days_after_the_first(after, "next_rotation") == 14


def test_a_shorter_interval_keeps_a_key_that_is_younger(engine, market, program):
    engine.up(program())
    before = engine.outputs("ci")["key_id"]
    market.advance(2 * DAY)
    engine.up(program(rotate_after="7d"))
    after = engine.outputs("ci")
    assert after["key_id"] == before
    assert days_after_the_first(after, "next_rotation") == 7


def test_a_late_up_rotates_once_and_the_grid_stays(engine, market, program):
    engine.up(program())
    market.advance(17 * DAY)
    engine.up(program())
    assert days_after_the_first(engine.outputs("ci"), "key_since") == 17
    assert days_after_the_first(engine.outputs("ci"), "next_rotation") == 28


def test_a_slot_sooner_than_half_an_interval_is_skipped(engine, market, program):
    engine.up(program())
    market.advance(25 * DAY)
    engine.up(program())
    assert days_after_the_first(engine.outputs("ci"), "next_rotation") == 42


def test_after_several_missed_slots_there_is_one_rotation_and_then_rest(engine, market, program):
    engine.up(program())
    market.advance(5 * 14 * DAY + 1)
    assert engine.up(program()).steps["ci"] == "update"
    outputs = engine.outputs("ci")
    assert outputs["key_number"] == 2
    assert days_after_the_first(outputs, "next_rotation") == 84
    for _ in range(2):  # where the key before it had expired, it is only forgotten
        engine.up(program())
    assert engine.outputs("ci")["key_number"] == 2
    assert engine.up(program()).steps["ci"] == "same"


def test_on_hold_the_clock_changes_nothing_but_a_trigger_does(engine, market, program):
    engine.config["thegrid:rotation"] = "hold"
    engine.up(program())
    market.advance(60 * DAY)
    assert engine.preview(program()).steps["ci"] == "same"
    assert engine.up(program()).steps["ci"] == "same"
    assert engine.up(program(triggers=[1])).steps["ci"] == "update"


def test_once_the_hold_ends_what_is_due_is_rotated(engine, market, program):
    engine.config["thegrid:rotation"] = "hold"
    engine.up(program())
    market.advance(20 * DAY)
    engine.config["thegrid:rotation"] = "clock"
    assert engine.up(program()).steps["ci"] == "update"
    assert engine.outputs("ci")["key_number"] == 2


def test_an_interval_that_outgrows_a_key_s_own_life_still_replaces_it_in_time(engine, market):
    def declared(days):
        return lambda: ConsumptionKey("ci", rotate_after=days) and None

    engine.up(declared("14d"))
    engine.up(declared("80d"))
    assert days_after_the_first(engine.outputs("ci"), "expires_at") == 30
    assert days_after_the_first(engine.outputs("ci"), "next_rotation") == 28
    market.advance(28 * DAY + 1)
    assert engine.up(declared("80d")).steps["ci"] == "update"
    assert days_after_the_first(engine.outputs("ci"), "next_rotation") == 80
