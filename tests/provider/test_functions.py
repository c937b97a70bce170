"""Functions that read the market for a program: what they return, when, and as whom."""

import dataclasses
from decimal import Decimal

import pulumi
import pytest

import pulumi_thegrid
from pulumi_thegrid import (
    ConsumptionKey,
    Provider,
    TradingKey,
    get_account,
    get_account_output,
    get_balances,
    get_balances_output,
    get_instrument,
    get_instrument_output,
    get_keys,
    get_keys_output,
    get_market,
    get_market_output,
)
from pulumi_thegrid.results import KeysResult
from thegrid.client import Client, Endpoints
from thegrid.core.secret import Secret


@pytest.fixture
def account(market):
    return market.create_account(
        access_token_seconds=3600,
        usd=Decimal("12.50"),
        units={"text-prime": 3},
        consumption_units={"text-prime": 1},
    )


@pytest.fixture
def other(market):
    return market.create_account(access_token_seconds=3600)


def exported(engine, exports, run="up"):
    """Run a program that exports what functions return, and return the exports."""

    def program():
        for name, value in exports().items():
            pulumi.export(name, value)

    return getattr(engine, run)(program).exports


@pytest.mark.parametrize("run", ["preview", "up"])
def test_each_function_answers_in_both_forms_in_previews_too(engine, account, run):
    shown = exported(
        engine,
        lambda: {
            "account": get_account(),
            "account_output": get_account_output(),
            "balances": get_balances(),
            "balances_output": get_balances_output(),
            "instrument": get_instrument("text-prime"),
            "instrument_output": get_instrument_output(pulumi.Output.from_input("text-prime")),
            "market": get_market("text-prime"),
            "market_output": get_market_output("text-prime"),
            "keys": get_keys(),
            "keys_output": get_keys_output(),
        },
        run,
    )
    for name in ("account", "balances", "instrument", "market", "keys"):
        assert shown[name] == shown[f"{name}_output"]
    assert shown["account"]["user_id"] == account.user_id
    assert shown["account"]["mode"] == "easy"
    assert shown["balances"]["cash"]["available_usd"] == "12.5"
    (trading,) = (it for it in shown["balances"]["trading"] if it["symbol"] == "text-prime")
    assert trading["available_units"] == "3"
    assert [it["available_units"] for it in shown["balances"]["consumption"]] == ["1"]
    assert shown["instrument"]["id"] == trading["instrument_id"]
    assert shown["instrument"]["tokens_per_unit"] == 1_000_000
    assert shown["instrument"]["id"] in shown["market"]["instrument_ids"]
    assert shown["market"]["status"] == "active"


def test_keys_are_told_without_any_part_of_their_secrets(engine):
    def keys():
        key, _ = ConsumptionKey("ci"), TradingKey("trader")
        return {"keys": get_keys(), "made": key.key_id}

    exported(engine, keys)
    shown = exported(engine, keys)
    secret, seed = engine.outputs("ci")["key"], engine.outputs("trader")["private_key"]
    assert [it["id"] for it in shown["keys"]["consumption"]] == [shown["made"]]
    assert shown["keys"]["consumption"][0]["state"] == "live"
    assert len(shown["keys"]["trading"]) == 1
    assert secret[:8] not in str(shown["keys"])
    assert seed[:8] not in str(shown["keys"])


def test_ended_keys_are_listed_when_asked_for(engine, client_of, account):
    client = client_of(account)
    client.revoke_consumption_key(client.create_consumption_key("old").key.id)
    engine.settle()
    shown = exported(engine, lambda: {"live": get_keys(), "all": get_keys(ended=True)})
    assert shown["live"]["consumption"] == []
    assert [it["state"] for it in shown["all"]["consumption"]] == ["revoked"]


@pytest.fixture
def client_of(market):
    """Opens clients that are closed at the end."""
    opened = []

    def open_client(account):
        bases = market.platform, market.trading, market.consumption, market.messages
        opened.append(Client(Endpoints(*bases), Secret(account.access_token)))
        return opened[-1]

    yield open_client
    for client in opened:
        client.close()


def test_a_function_asks_with_the_provider_that_it_is_given(engine, account, other):
    class Group(pulumi.ComponentResource):
        def __init__(self, provider):
            options = pulumi.ResourceOptions(providers={"pulumi-python": provider})
            super().__init__("example:Group", "group", None, options)

    def accounts():
        token = pulumi.Output.secret(other.access_token)
        theirs = Provider("theirs", access_token=token)
        named = pulumi.InvokeOptions(provider=theirs)
        parent = pulumi.InvokeOptions(parent=Group(theirs))
        return {
            "mine": get_account().user_id,
            "plain": get_account(opts=named).user_id,
            "output": get_account_output(opts=named).user_id,
            "parent": get_account(opts=parent).user_id,
        }

    shown = exported(engine, accounts)
    theirs = {other.user_id}
    assert shown.pop("mine") == account.user_id
    assert set(shown.values()) == theirs, "and none of it is marked as secret"


def test_a_result_is_secret_only_where_an_argument_is(engine):
    def instrument():
        return {"name": get_instrument_output(pulumi.Output.secret("text-prime")).name}

    shown = exported(engine, instrument)
    assert "4dabf18193072939515e22adb298388d" in shown["name"]


def test_what_depends_on_a_resource_that_is_not_made_yet_is_unknown_in_a_preview(engine):
    asked = []

    def keys():
        key = ConsumptionKey("ci")
        for before in (key, [key]):
            options = pulumi.InvokeOutputOptions(depends_on=before)
            get_keys_output(opts=options).apply(asked.append)
        return {}

    exported(engine, keys, "preview")
    assert asked == []
    exported(engine, keys)
    assert len(asked) == 2


FAILURES = {
    "get_instrument: GET /instruments/by-symbol/no-such was refused: 404": (
        lambda: get_instrument("no-such")
    ),
    "get_market: GET /instruments/by-symbol/no-such was refused: 404": (
        lambda: get_market_output("no-such")
    ),
    "get_account: GET /users/self was refused: 40": (
        lambda: get_account(
            opts=pulumi.InvokeOptions(provider=Provider("wrong", access_token="grid_at_planted"))
        )
    ),
    "get_account: provider: must be a pulumi_thegrid.Provider": (
        lambda: get_account(
            opts=pulumi.InvokeOptions(provider=pulumi.ProviderResource("pulumi-python", "it", {}))
        )
    ),
}


@pytest.mark.parametrize("told", FAILURES)
def test_a_failure_is_one_line_and_shows_no_token(engine, told):
    with pytest.raises(pulumi.RunError) as failure:
        exported(engine, lambda: {"it": FAILURES[told]()})
    line = str(failure.value)
    assert told in line
    assert "\n" not in line
    assert "planted" not in line


def test_without_a_login_it_is_said_how_to_get_one(engine, monkeypatch):
    monkeypatch.delenv("THEGRID_ACCESS_TOKEN", raising=False)
    del engine.config["thegrid:accessToken"]
    with pytest.raises(pulumi.RunError, match=r"get_account: access_token: not set.*thegrid login"):
        exported(engine, lambda: {"it": get_account()})


def test_the_plain_form_says_what_to_do_where_the_provider_is_not_known_yet(engine):
    def program():
        key = ConsumptionKey("ci")
        theirs = Provider("theirs", access_token=key.key)
        return {"it": get_account(opts=pulumi.InvokeOptions(provider=theirs))}

    with pytest.raises(
        pulumi.RunError, match="not known yet: ask by the form that ends in _output"
    ):
        exported(engine, program, "preview")


def test_results_are_frozen_and_documented():
    kinds = {it for name, it in vars(pulumi_thegrid).items() if name.endswith("Result")}
    assert KeysResult in kinds
    for kind in kinds:
        assert kind.__dataclass_params__.frozen
        for field in dataclasses.fields(kind):
            assert f"        {field.name}: " in kind.__doc__, (kind, field.name)
