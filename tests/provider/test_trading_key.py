"""A trading key from its registration to its end, in the eyes of the market."""

import pytest
from tests.emulation import settle

from pulumi_thegrid import TradingKey
from thegrid.client import Client, Endpoints, SigningKey
from thegrid.core.secret import Secret


def program(**arguments):
    def declare():
        TradingKey("trader", **arguments)

    return declare


@pytest.fixture
def endpoints(market):
    return Endpoints(market.platform, market.trading, market.consumption, market.messages)


@pytest.fixture
def live_keys(endpoints, account, market):
    def live():
        settle(market)
        with Client(endpoints, Secret(account.access_token)) as client:
            return {key.id: key for key in client.list_trading_keys() if key.is_active}

    return live


@pytest.fixture
def account_of(endpoints):
    """Tell whose account a private key opens on the trading host."""

    def opens(private_key):
        with Client(endpoints, SigningKey.parse(private_key)) as client:
            return client.trading_account().user_id

    return opens


def test_a_generated_key_opens_the_trading_host(engine, account, account_of, live_keys):
    engine.up(program())
    key = engine.outputs("trader")
    assert account_of(key["private_key"]) == account.user_id
    assert SigningKey.parse(key["private_key"]).fingerprint == key["fingerprint"]
    assert set(live_keys()) == {key["key_id"]}
    assert engine.up(program()).steps["trader"] == "same"
    assert engine.refresh().steps["trader"] == "same"


def test_a_public_key_brought_along_leaves_no_private_key(engine, live_keys):
    pair = SigningKey.generate()
    engine.up(program(public_key=pair.public_key))
    key = engine.outputs("trader")
    assert key["fingerprint"] == pair.fingerprint
    assert not key.get("private_key")
    unpadded = pair.public_key.rstrip("=")
    assert engine.up(program(public_key=unpadded)).steps["trader"] == "same"


def test_another_public_key_is_registered_before_the_old_one_is_revoked(engine, market, live_keys):
    engine.up(program(public_key=SigningKey.generate().public_key))
    old = engine.outputs("trader")["key_id"]
    before = len(market.journal())
    run = engine.up(program(public_key=SigningKey.generate().public_key))
    assert run.steps["trader"] == "replace"
    assert set(live_keys()) == {engine.outputs("trader")["key_id"]} != {old}
    writes = [it["method"] for it in market.journal()[before:] if it["method"] != "GET"]
    assert writes == ["POST", "DELETE"]


def test_another_label_replaces_a_generated_key(engine, live_keys):
    engine.up(program())
    old = engine.outputs("trader")
    assert engine.up(program(label="desk")).steps["trader"] == "replace"
    new = engine.outputs("trader")
    assert new["private_key"] != old["private_key"]
    (listed,) = live_keys().values()
    assert listed.id == new["key_id"]
    assert listed.label.startswith("desk <")


@pytest.mark.parametrize("arguments", [{"label": "desk"}, {}])
def test_a_public_key_stays_registered_through_a_replacement(engine, live_keys, arguments):
    public_key = SigningKey.generate().public_key
    engine.up(program(public_key=public_key))
    engine.up(program(public_key=public_key, **arguments), replace="trader")
    assert set(live_keys()) == {engine.outputs("trader")["key_id"]}
    engine.destroy()
    assert live_keys() == {}


def test_a_change_between_generated_and_brought_along_is_a_replacement(engine):
    engine.up(program())
    public_key = SigningKey.generate().public_key
    assert engine.up(program(public_key=public_key)).steps["trader"] == "replace"
    assert engine.up(program()).steps["trader"] == "replace"


def test_a_key_whose_answer_was_lost_is_named_and_revoked_by_the_next_up(engine, market, live_keys):
    market.order_fault("POST", "/signing-keys", drop="after")
    with pytest.raises(RuntimeError, match=r"TradingKey 'trader': POST /signing-keys"):
        engine.up(program())
    (lost,) = live_keys()
    engine.up(program())
    assert engine.outputs("trader")["strays"] == [lost]
    run = engine.up(program())
    assert run.log == [
        f"TradingKey 'trader': to be revoked, since their private keys were lost: {lost}"
    ]
    assert set(live_keys()) == {engine.outputs("trader")["key_id"]}
    assert engine.up(program()).steps["trader"] == "same"


def test_a_brought_key_whose_answer_was_lost_is_registered_again(engine, market, live_keys):
    declared = program(public_key=SigningKey.generate().public_key)
    market.order_fault("POST", "/signing-keys", drop="after")
    with pytest.raises(RuntimeError):
        engine.up(declared)
    engine.up(declared)
    assert set(live_keys()) == {engine.outputs("trader")["key_id"]}
    assert engine.outputs("trader")["strays"] == []


def test_a_key_revoked_by_hand_is_gone_and_deleting_it_is_no_error(engine, endpoints, account):
    engine.up(program())
    with Client(endpoints, Secret(account.access_token)) as client:
        client.revoke_trading_key(engine.outputs("trader")["key_id"])
    recorded = dict(engine.state)
    assert engine.refresh().steps["trader"] == "gone"
    engine.state = recorded
    engine.destroy()
