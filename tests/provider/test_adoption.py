"""Keys that were there before their resource: adopted, or only looked up."""

from contextlib import ExitStack
from datetime import timedelta

import pulumi
import pytest
from tests.provider.keys_by_hand import Keys
from tests.provider.refusals import refusal_of

from pulumi_thegrid import AccountSettings, ConsumptionKey, TradingKey
from thegrid.client import SigningKey

DAY = 86400
KINDS = {"ConsumptionKey": ConsumptionKey, "TradingKey": TradingKey}
SECRETS = {"ConsumptionKey": ("key", "env"), "TradingKey": ("private_key", "profile")}
NOWHERE = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def keys_of(market):
    """Make `Keys` of a kind and an account."""
    with ExitStack() as open_clients:

        def make(kind, access):
            keys = Keys(kind, access, market)
            open_clients.callback(keys.client.close)
            return keys

        yield make


@pytest.fixture
def keys(kind, account, keys_of):
    return keys_of(kind, account)


@pytest.fixture
def program(kind):
    def declaring(name="mine", **arguments):
        return lambda: KINDS[kind](name, **arguments) and None

    return declaring


def test_adopting_makes_no_key_and_knows_no_secret(engine, kind, keys, program, market):
    there = keys.make()
    before = len(market.journal())
    engine.up(program(adopt=there))
    assert "POST" not in {it["method"] for it in market.journal()[before:]}
    adopted = engine.outputs("mine")
    assert adopted["key_id"] == there
    assert not [name for name in SECRETS[kind] if adopted.get(name)]
    assert keys.live() == {there}


def test_what_happened_a_moment_ago_by_hand_counts(engine, kind, keys, program):
    engine.up(program("first"))
    there = keys.make()

    def both(adopt):
        program("first")()
        program("second", adopt=adopt)()

    engine.up(lambda: both(there))
    assert engine.outputs("second")["key_id"] == there
    gone = keys.make()
    keys.revoke(gone)
    assert "is revoked" in refusal_of(lambda: engine.up(program("third", adopt=gone)))


def test_after_an_adoption_nothing_is_to_be_done(engine, keys, program):
    declared = program(adopt=keys.make())
    engine.up(declared)
    assert engine.preview(declared).steps["mine"] == "same"
    assert engine.refresh().steps["mine"] == "same"
    assert engine.up(declared).steps["mine"] == "same"


def test_once_adopted_a_key_stays_so_without_being_asked_again(engine, keys, program):
    engine.up(program(adopt=keys.make()))
    assert engine.up(program()).steps["mine"] == "same"


def test_the_first_rotation_brings_a_secret_and_keeps_the_adopted_key_for_an_overlap(
    engine, kind, keys, program, market
):
    there = keys.make()
    engine.up(program(adopt=there, rotate_after="14d"))
    market.advance(14 * DAY + 1)
    declared = program(adopt=there, rotate_after="14d")
    assert engine.up(declared).steps["mine"] == "update"
    new = engine.outputs("mine")
    assert all(new[name] for name in SECRETS[kind])
    assert new["previous_key_id"] == there
    assert keys.live() == {there, new["key_id"]}
    market.advance(2 * DAY)
    engine.up(declared)
    assert keys.live() == {new["key_id"]}
    assert engine.up(declared).steps["mine"] == "same"


def test_an_adopted_key_that_outlives_its_revocation_is_named(engine, keys, program, market):
    there = keys.make()
    path = "/signing-keys/{id}" if keys.is_for_trading else "/api-keys/{id}"
    engine.up(program(adopt=there))
    engine.up(program(adopt=there, triggers=[1]))
    market.order_fault("DELETE", path, status=500)
    engine.up(program(adopt=there, triggers=[2]))
    assert engine.outputs("mine")["strays"] == [there]
    engine.up(program(adopt=there, triggers=[2]))
    assert there not in keys.live()


def test_a_key_that_is_not_there_is_not_adopted(engine, program):
    line = refusal_of(lambda: engine.up(program(adopt=NOWHERE)))
    assert line.endswith(f"'mine': adopt: this login's account has no key {NOWHERE}")


def test_another_account_s_key_is_not_adopted(engine, kind, program, market, keys_of):
    theirs = keys_of(kind, market.create_account(access_token_seconds=3600))
    there = theirs.make()
    line = refusal_of(lambda: engine.up(program(adopt=there)))
    assert f"this login's account has no key {there}" in line
    assert theirs.live() == {there}


def test_a_revoked_key_is_not_adopted(engine, keys, program):
    there = keys.make()
    keys.revoke(there)
    line = refusal_of(lambda: engine.up(program(adopt=there)))
    assert "is revoked or expired; leave adopt out to have a new one made" in line


def test_an_expired_key_is_not_adopted(engine, account, market, keys_of):
    keys = keys_of("ConsumptionKey", account)
    hour = timedelta(hours=1)
    there = keys.client.create_consumption_key("by hand", market.now() + hour).key.id
    market.advance(3601)
    line = refusal_of(lambda: engine.up(lambda: ConsumptionKey("mine", adopt=there) and None))
    assert "is revoked or expired" in line


def test_a_resource_that_is_there_adopts_no_other_key(engine, keys, program):
    engine.up(program())
    line = refusal_of(lambda: engine.preview(program(adopt=keys.make())))
    assert "adopt: is read when a resource is created, and this one is there already" in line


def test_a_renamed_resource_takes_the_adopted_key_along(engine, keys, program):
    there = keys.make()
    engine.up(program("old", adopt=there))
    engine.end_servers()
    run = engine.up(program("new", adopt=there))
    assert run.steps == {"thegrid": "same", "new": "create", "old": "delete"}
    assert keys.live() == {there}
    assert run.log[-1].endswith(f"key {there} lives on, since another resource holds it")
    engine.destroy()
    assert keys.live() == set()


def test_a_renaming_that_broke_off_takes_the_adopted_key_along_in_the_next_run(
    engine, kind, keys, program, market
):
    there = keys.make()
    engine.up(program("old", adopt=there))
    engine.end_servers()

    def renamed():
        mine = KINDS[kind]("new", adopt=there)
        KINDS[kind]("more", opts=pulumi.ResourceOptions(depends_on=[mine]))

    path = "/signing-keys" if keys.is_for_trading else "/api-keys"
    market.order_fault("POST", path, status=403, times=9)
    with pytest.raises(RuntimeError):
        engine.up(renamed)
    assert {engine.outputs(name)["key_id"] for name in ("old", "new")} == {there}
    market.clear_faults()
    engine.end_servers()
    assert engine.up(renamed).steps["old"] == "delete"
    assert keys.live() == {there, engine.outputs("more")["key_id"]}


def test_a_key_that_another_resource_of_the_program_holds_is_not_adopted(engine, keys, program):
    there = keys.make()
    engine.up(program("first", adopt=there))
    engine.end_servers()

    def both():
        program("first", adopt=there)()
        program("second", adopt=there)()

    line = refusal_of(lambda: engine.up(both))
    assert line.endswith(f"adopt: another resource of this program holds key {there}")
    engine.end_servers()
    engine.up(program("first", adopt=there))
    assert keys.live() == {there}


MANAGED = {
    "another stack": "pulumi:0123456789abcdef0123:0a1b2c3d4e5f",
    "a cluster": "kubernetes:a-cluster:default/assistant:a-uid",
}


@pytest.mark.parametrize("whose", MANAGED)
def test_a_key_that_another_stack_or_a_cluster_manages_is_not_adopted(engine, keys, program, whose):
    tag = f"<{MANAGED[whose]}#3>"
    there = keys.make(name=f"theirs {tag}")
    line = refusal_of(lambda: engine.up(program(adopt=there)))
    assert f"adopt: key {there} belongs to another stack or cluster, as {tag} in its name" in line
    assert keys.live() == {there}


def test_a_key_of_the_same_stack_is_adopted_when_its_resource_is_given_another_name(
    engine, keys, program
):
    engine.up(program("old"))
    there = engine.outputs("old")["key_id"]
    engine.end_servers()
    engine.up(program("new", adopt=there))
    assert engine.outputs("new")["key_id"] == there
    assert keys.live() == {there}
    engine.destroy()
    assert keys.live() == set()


def test_a_replacement_adopts_the_same_key_and_keeps_it(engine, keys, program, market):
    there = keys.make()
    engine.up(program(adopt=there))
    market.advance(1)
    engine.up(program(adopt=there), replace="mine")
    assert keys.live() == {there}
    engine.destroy()
    assert keys.live() == set()


def test_an_adopted_public_key_is_checked_and_has_its_fingerprint(engine, account, keys_of):
    keys, pair = keys_of("TradingKey", account), SigningKey.generate()
    there = keys.make(pair.public_key)

    def declaring(public_key):
        return lambda: TradingKey("mine", adopt=there, public_key=public_key) and None

    other = SigningKey.generate().public_key
    line = refusal_of(lambda: engine.up(declaring(other)))
    assert f"public_key: is not that of key {there}" in line
    engine.up(declaring(pair.public_key))
    assert engine.outputs("mine")["fingerprint"] == pair.fingerprint
    assert engine.up(declaring(pair.public_key)).steps["mine"] == "same"


def test_the_public_key_of_an_adopted_key_can_be_told_later(engine, account, keys_of):
    keys, pair = keys_of("TradingKey", account), SigningKey.generate()
    there = keys.make(pair.public_key)
    engine.up(lambda: TradingKey("mine", adopt=there) and None)

    def told():
        TradingKey("mine", adopt=there, public_key=pair.public_key)

    engine.up(told)
    assert engine.outputs("mine")["fingerprint"] == pair.fingerprint
    assert keys.live() == {engine.outputs("mine")["key_id"]}
    assert engine.up(told).steps["mine"] == "same"


def test_a_key_that_is_looked_up_is_never_managed(engine, kind, keys):
    there = keys.make()
    label = "label" if keys.is_for_trading else "name"
    found = {}

    def declare():
        key = KINDS[kind].get("theirs", there)
        pulumi.Output.all(getattr(key, label), key.key_id).apply(
            lambda seen: found.update(zip((label, "key_id"), seen, strict=True))
        )

    for _ in range(2):
        assert engine.up(declare).steps == {"theirs": "read"}
        assert found == {label: "by hand", "key_id": there}
    assert engine.refresh().steps["theirs"] == "same"
    engine.destroy()
    assert keys.live() == {there}


def test_a_key_that_died_is_not_looked_up(engine, kind, keys):
    there = keys.make()
    keys.revoke(there)
    line = refusal_of(lambda: engine.up(lambda: KINDS[kind].get("theirs", there) and None))
    assert f"this login's account has no live key {there}" in line


def test_settings_are_looked_up_by_their_account(engine, account, market):
    def declare():
        settings = AccountSettings.get("settings", account.user_id)
        pulumi.export("mode", settings.mode)

    assert engine.up(declare).exports["mode"] == "easy"
    other = market.create_account().user_id
    line = refusal_of(lambda: engine.up(lambda: AccountSettings.get("theirs", other) and None))
    assert f"account {other} is expected" in line
