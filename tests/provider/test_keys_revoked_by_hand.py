"""Keys that somebody revokes at the market, and what refresh, up and destroy make of that."""

import pytest
from tests.provider.keys_by_hand import Keys

from pulumi_thegrid import ConsumptionKey, TradingKey

DAY = 86400
KINDS = {"ConsumptionKey": ConsumptionKey, "TradingKey": TradingKey}
CREATIONS = {"ConsumptionKey": "/api-keys", "TradingKey": "/signing-keys"}


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def keys(kind, account, market):
    keys = Keys(kind, account, market)
    yield keys
    keys.client.close()


@pytest.fixture
def program(kind):
    """Declare a key that rotates by the clock, with triggers of the test's choice."""

    def declaring(*triggers):
        return lambda: KINDS[kind]("ci", rotate_after="14d", triggers=list(triggers)) and None

    return declaring


@pytest.fixture
def rotated(engine, program):
    """A stack in an overlap: what it holds."""
    engine.up(program())
    engine.up(program("rotate"))
    return engine.outputs("ci")


def test_what_refresh_keeps_since_the_key_before_lives_is_replaced_in_place_by_up(
    engine, kind, keys, program, rotated, market
):
    dead, before = rotated["key_id"], rotated["previous_key_id"]
    identity = engine.recorded("ci").id
    keys.revoke(dead)
    assert engine.refresh().steps["ci"] == "changed"
    assert engine.outputs("ci") == rotated | {"key_is_dead": True}

    preview = engine.preview(program("rotate"))
    assert preview.steps["ci"] == "update"
    assert preview.log == [
        f"{kind} 'ci': key {dead} was found revoked, expired or missing by a refresh, "
        "and is replaced",
        f"{kind} 'ci': key {before}, the one before it, works on, for another overlap of 2d",
    ]
    assert engine.up(program("rotate")).steps["ci"] == "update"
    after = engine.outputs("ci")
    assert engine.recorded("ci").id == identity
    assert (after.get("key_is_dead"), after["strays"]) == (None, [])
    assert after["previous_key_id"] == before
    assert keys.live() == {after["key_id"], before}
    assert engine.refresh().steps["ci"] == "same"
    assert engine.up(program("rotate")).steps["ci"] == "same"

    market.advance(2 * DAY + 1)
    engine.up(program("rotate"))
    assert keys.live() == {after["key_id"]}


def test_after_such_a_refresh_a_destroy_leaves_no_key(engine, keys, rotated):
    keys.revoke(rotated["key_id"])
    engine.refresh()
    engine.destroy()
    assert keys.live() == set()


def test_without_a_refresh_an_up_that_finds_the_key_dead_keeps_the_one_before_too(
    engine, keys, program, rotated
):
    keys.revoke(rotated["key_id"])
    engine.up(program("rotate", "again"))
    after = engine.outputs("ci")
    assert after["previous_key_id"] == rotated["previous_key_id"]
    assert after["strays"] == []
    assert keys.live() == {after["key_id"], rotated["previous_key_id"]}


def test_on_hold_a_dead_key_is_replaced_all_the_same(engine, keys, program, rotated):
    keys.revoke(rotated["key_id"])
    engine.refresh()
    engine.config["thegrid:rotation"] = "hold"
    assert engine.up(program("rotate")).steps["ci"] == "update"
    assert engine.outputs("ci")["key_id"] in keys.live()


def test_a_stray_alone_keeps_the_resource_too(engine, kind, keys, program, market):
    engine.up(program())
    first = engine.outputs("ci")["key_id"]
    market.order_fault("POST", CREATIONS[kind], drop="after", times=9)
    with pytest.raises(RuntimeError):
        engine.up(program("rotate"))
    market.clear_faults()
    (stray,) = keys.live() - {first}
    keys.revoke(first)
    assert engine.refresh().steps["ci"] == "changed"
    assert engine.outputs("ci")["strays"] == [stray]
    engine.destroy()
    assert keys.live() == set()


def test_a_previous_key_that_was_revoked_is_forgotten_and_nothing_is_to_be_done(
    engine, keys, program, rotated
):
    keys.revoke(rotated["previous_key_id"])
    engine.refresh()
    outputs = engine.outputs("ci")
    assert (outputs.get("previous_key_id"), outputs.get("key_is_dead")) == (None, None)
    assert engine.up(program("rotate")).steps["ci"] == "same"
    assert keys.live() == {rotated["key_id"]}


def test_when_no_key_lives_the_resource_is_gone_and_up_makes_another(
    engine, keys, program, rotated
):
    for key_id in keys.live():
        keys.revoke(key_id)
    assert engine.refresh().steps["ci"] == "gone"
    engine.up(program("rotate"))
    assert keys.live() == {engine.outputs("ci")["key_id"]}
    assert engine.outputs("ci")["strays"] == []


def test_a_key_that_the_market_does_not_list_yet_is_neither_dead_nor_left_behind(
    engine, keys, program, market
):
    engine.settle = lambda: None
    engine.up(program())
    assert engine.refresh().steps["ci"] == "same"
    engine.destroy()
    assert keys.live() == set()
