"""A consumption key from its first mint to its end, in the eyes of the market."""

from datetime import datetime, timedelta

import pulumi
import pytest

from pulumi_thegrid import ConsumptionKey
from thegrid.client import Client, Endpoints, Inference
from thegrid.core.secret import Secret

DAY = 86400


def program(resource="ci", **arguments):
    def declare():
        ConsumptionKey(resource, **arguments)

    return declare


def two_keys():
    ConsumptionKey("one")
    ConsumptionKey("two")


@pytest.fixture
def works(market):
    """Tell whether the market accepts a key on the consumption host."""
    addresses = (market.platform, market.trading, market.consumption, market.messages)

    def accepts(key):
        inference = Inference(Endpoints(*addresses), Secret(key))
        try:
            return inference.accepts_key()
        finally:
            inference.close()

    return accepts


def test_a_preview_makes_nothing(engine, live_keys):
    run = engine.preview(program())
    assert run.steps == {"thegrid": "create", "ci": "create"}
    assert live_keys() == set()


def test_up_makes_one_key_that_works(engine, live_keys, works):
    engine.up(program())
    key = engine.outputs("ci")
    assert live_keys() == {key["key_id"]}
    assert works(key["key"])


def test_a_second_up_changes_nothing_and_asks_the_market_nothing(engine, market):
    engine.up(program())
    before = len(market.journal())
    run = engine.up(program())
    assert set(run.steps.values()) == {"same"}
    assert len(market.journal()) == before


def test_a_key_that_is_due_is_rotated_in_place_and_the_old_one_works_on(
    engine, market, live_keys, works
):
    engine.up(program())
    old, identity = engine.outputs("ci"), engine.recorded("ci").id
    market.advance(14 * DAY + 1)
    assert engine.preview(program()).steps["ci"] == "update"
    assert engine.up(program()).steps["ci"] == "update"
    new = engine.outputs("ci")
    assert engine.recorded("ci").id == identity
    assert new["key"] != old["key"]
    assert new["previous_key"] == old["key"]
    assert live_keys() == {new["key_id"], old["key_id"]}
    assert works(old["key"])
    assert works(new["key"])


def test_the_old_key_is_revoked_once_its_overlap_has_ended(engine, market, live_keys, works):
    engine.up(program())
    old = engine.outputs("ci")
    market.advance(14 * DAY + 1)
    engine.up(program())
    market.advance(2 * DAY - 60)
    assert engine.up(program()).steps["ci"] == "same"
    market.advance(61)
    run = engine.up(program())
    assert run.steps["ci"] == "update"
    assert run.log == [
        f"ConsumptionKey 'ci': the overlap has ended; key {old['key_id']} is revoked"
    ]
    assert live_keys() == {engine.outputs("ci")["key_id"]}
    assert "previous_key" not in engine.outputs("ci") or not engine.outputs("ci")["previous_key"]
    assert not works(old["key"])
    assert engine.up(program()).steps["ci"] == "same"


def test_rotating_during_an_overlap_revokes_the_oldest_and_the_preview_says_so(
    engine, market, live_keys
):
    engine.up(program(triggers=["one"]))
    first = engine.outputs("ci")["key_id"]
    engine.up(program(triggers=["two"]))
    second = engine.outputs("ci")["key_id"]
    run = engine.preview(program(triggers=["three"]))
    assert run.log == [
        "ConsumptionKey 'ci': a rotation is asked for, by the name or the triggers; "
        f"key {second} becomes the previous one",
        "ConsumptionKey 'ci': this rotation cuts an overlap short: "
        f"the oldest key {first} is revoked at once",
    ]
    assert live_keys() == {first, second}
    engine.up(program(triggers=["three"]))
    assert live_keys() == {second, engine.outputs("ci")["key_id"]}


def test_a_changed_name_is_a_rotation(engine, market, account, live_keys):
    engine.up(program())
    old = engine.outputs("ci")["key_id"]
    engine.up(program(name="deploy"))
    outputs = engine.outputs("ci")
    assert live_keys() == {old, outputs["key_id"]}
    names = {key["id"]: key["name"] for key in market.api_keys(account.user_id)}
    assert names[old].startswith("ci <")
    assert names[outputs["key_id"]].startswith("deploy <")


def test_a_longer_interval_keeps_the_key_and_moves_the_next_rotation(engine, live_keys):
    engine.up(program())
    old = engine.outputs("ci")
    engine.up(program(rotate_after="336h"))
    assert engine.outputs("ci") == old, "the same duration in another form is no change"
    run = engine.up(program(rotate_after="20d"))
    assert run.steps["ci"] == "update"
    new = engine.outputs("ci")
    assert new["key"] == old["key"]
    assert new["next_rotation"] > old["next_rotation"]
    assert live_keys() == {old["key_id"]}


def test_late_runs_do_not_move_the_grid_of_rotations(engine, market):
    engine.up(program())
    before = engine.outputs("ci")
    market.advance(17 * DAY)
    engine.up(program())
    after = engine.outputs("ci")
    assert after["first_created_at"] == before["first_created_at"]
    assert after["next_rotation"][:10] == _days_later(before["first_created_at"], 28)


def _days_later(text, days):
    return (datetime.fromisoformat(text) + timedelta(days=days)).date().isoformat()


def test_an_expired_key_is_replaced_in_place(engine, market, live_keys):
    engine.up(program())
    market.advance(31 * DAY)
    assert live_keys() == set()
    run = engine.up(program())
    assert run.steps["ci"] == "update"
    assert live_keys() == {engine.outputs("ci")["key_id"]}
    assert engine.up(program()).steps["ci"] == "same"


def test_on_hold_the_clock_changes_nothing_but_a_trigger_does(
    new_engine, addresses, account, market
):
    config = {**addresses, "thegrid:accessToken": account.access_token, "thegrid:rotation": "hold"}
    engine = new_engine(config)
    engine.up(program())
    market.advance(40 * DAY)
    assert engine.preview(program()).steps["ci"] == "same"
    assert engine.up(program(triggers=[1])).steps["ci"] == "update"


def test_a_key_whose_answer_was_lost_is_named_and_revoked_by_the_next_up(engine, market, live_keys):
    market.order_fault("POST", "/api-keys", drop="after")
    with pytest.raises(
        RuntimeError, match=r"ConsumptionKey 'ci': POST /api-keys: .*look for a consump"
    ):
        engine.up(program())
    (lost,) = live_keys()
    engine.up(program())
    assert engine.outputs("ci")["strays"] == [lost]
    run = engine.preview(program())
    assert run.steps["ci"] == "update"
    assert run.log == [
        f"ConsumptionKey 'ci': to be revoked, since no state holds their secrets: {lost}"
    ]
    engine.up(program())
    assert live_keys() == {engine.outputs("ci")["key_id"]}
    assert engine.outputs("ci")["strays"] == []
    assert engine.up(program()).steps["ci"] == "same"


def test_a_rotation_whose_answer_was_lost_leaves_the_old_key_working(engine, market, live_keys):
    engine.up(program())
    old = engine.outputs("ci")["key_id"]
    market.advance(14 * DAY + 1)
    market.order_fault("POST", "/api-keys", drop="after")
    with pytest.raises(RuntimeError, match="run `pulumi up` again"):
        engine.up(program())
    (lost,) = live_keys() - {old}
    engine.up(program())
    new = engine.outputs("ci")
    assert new["previous_key_id"] == old
    assert new["strays"] == [lost]
    engine.up(program())
    assert live_keys() == {old, new["key_id"]}


def test_a_revocation_that_fails_after_the_mint_does_not_lose_the_new_key(
    engine, market, live_keys
):
    engine.up(program(triggers=[1]))
    first = engine.outputs("ci")["key_id"]
    engine.up(program(triggers=[2]))
    market.order_fault("DELETE", "/api-keys/{id}", status=500)
    engine.up(program(triggers=[3]))
    outputs = engine.outputs("ci")
    assert outputs["strays"] == [first]
    assert live_keys() == {first, outputs["previous_key_id"], outputs["key_id"]}
    engine.up(program(triggers=[3]))
    assert live_keys() == {outputs["previous_key_id"], outputs["key_id"]}


def test_deleting_revokes_every_key_of_the_resource_and_no_other(engine, market, live_keys):
    engine.up(two_keys)
    market.advance(14 * DAY + 1)
    engine.up(two_keys)
    assert len(live_keys()) == 4
    run = engine.up(program("two"))
    assert run.steps["one"] == "delete"
    two = engine.outputs("two")
    assert live_keys() == {two["key_id"], two["previous_key_id"]}
    engine.destroy()
    assert live_keys() == set()


def test_deleting_also_revokes_a_rotation_whose_answer_was_lost(engine, market, live_keys):
    engine.up(program())
    market.advance(14 * DAY + 1)
    market.order_fault("POST", "/api-keys", drop="after")
    with pytest.raises(RuntimeError):
        engine.up(program())
    assert len(live_keys()) == 2
    engine.destroy()
    assert live_keys() == set()


def test_a_replacement_lives_on_when_its_replaced_half_is_deleted(engine, live_keys, works):
    engine.up(program())
    engine.up(program(triggers=[1]))
    old = engine.outputs("ci")
    run = engine.up(program(triggers=[1]), replace="ci")
    assert run.steps["ci"] == "replace"
    new = engine.outputs("ci")
    assert new["key_id"] not in {old["key_id"], old["previous_key_id"]}
    assert live_keys() == {new["key_id"]}
    assert works(new["key"])
    engine.destroy()
    assert live_keys() == set()


def test_refresh_finds_a_key_revoked_by_hand_gone_and_up_makes_another(engine, market, account):
    engine.up(program())
    old = engine.outputs("ci")["key_id"]
    assert engine.refresh().steps["ci"] == "same"
    endpoints = Endpoints(market.platform, market.trading, market.consumption, market.messages)
    with Client(endpoints, Secret(account.access_token)) as client:
        client.revoke_consumption_key(old)
    assert engine.refresh().steps["ci"] == "gone"
    engine.up(program())
    assert engine.outputs("ci")["key_id"] != old


def test_namesakes_under_two_parents_have_keys_of_their_own(engine, live_keys):
    class Team(pulumi.ComponentResource):
        def __init__(self, name):
            super().__init__(f"test:index:{name}", name)
            ConsumptionKey("ci", opts=pulumi.ResourceOptions(parent=self))

    def two_teams():
        Team("red")
        Team("blue")

    engine.up(two_teams)
    owners = {it.outputs["owner"] for it in engine.state.values() if "owner" in it.outputs}
    assert len(owners) == 2
    assert len(live_keys()) == 2


def test_each_key_costs_one_call_and_the_look_for_its_owner_one_for_all(engine, market, account):
    def eight_keys():
        for number in range(8):
            ConsumptionKey(f"key-{number}")

    engine.up(eight_keys)
    asked = [it["path"] for it in market.journal() if it["user_id"] == account.user_id]
    assert sorted(asked) == ["/api/v1/api-keys"] * (1 + 8) + ["/api/v1/users/self"]
    assert set(engine.up(eight_keys).steps.values()) == {"same"}
    again = [it["path"] for it in market.journal() if it["user_id"] == account.user_id]
    assert again == asked


def test_a_key_that_is_declared_again_has_no_stray_of_its_revoked_one(engine, live_keys):
    def keys(*names):
        return lambda: [ConsumptionKey(name) for name in names]

    engine.up(keys("ci"))
    engine.end_servers()
    engine.up(keys("ci", "other"))  # this process lists the keys, while that of "ci" lives
    engine.up(keys("other"))
    engine.up(keys("ci", "other"))
    assert engine.outputs("ci")["strays"] == []
    assert len(live_keys()) == 2


def test_creating_asks_the_market_twice_beside_the_login(engine, market, account):
    engine.up(program())
    asked = [
        (it["method"], it["path"]) for it in market.journal() if it["user_id"] == account.user_id
    ]
    assert asked == [
        ("GET", "/api/v1/users/self"),
        ("GET", "/api/v1/api-keys"),
        ("POST", "/api/v1/api-keys"),
    ]
