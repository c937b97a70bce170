"""Whose account: several in one stack, the wrong one, none at all."""

from pathlib import Path

import pulumi
import pulumi.dynamic
import pytest
from tests.provider.refusals import one_line

import pulumi_thegrid
from pulumi_thegrid import (
    AccountSettings,
    ConsumptionKey,
    Intent,
    Provider,
    StackIdentity,
    StandingOrder,
    TradingKey,
    Transfer,
)

QUARTER = 90 * 86400


def one_key():
    ConsumptionKey("ci")


@pytest.fixture
def account(market):
    return market.create_account(
        mode="advanced", access_token_seconds=QUARTER, units={"text-prime": 5}
    )


@pytest.fixture
def other(market):
    return market.create_account(
        mode="advanced", access_token_seconds=3600, units={"text-prime": 5}
    )


def test_one_stack_manages_two_accounts(engine, market, account, other):
    def program():
        ConsumptionKey("mine")
        theirs = Provider("theirs", access_token=other.access_token)
        ConsumptionKey("theirs-key", opts=pulumi.ResourceOptions(provider=theirs))

    engine.up(program)
    assert engine.outputs("mine")["account_id"] == account.user_id
    assert engine.outputs("theirs-key")["account_id"] == other.user_id
    assert [key["id"] for key in market.api_keys(other.user_id)] == [
        engine.outputs("theirs-key")["key_id"]
    ]
    assert set(engine.up(program).steps.values()) == {"same"}
    assert "thegrid:accessToken" in engine.recorded("theirs").secrets
    assert engine.recorded("theirs").inputs["thegrid:platformUrl"] == market.platform


ORDER = {"instrument": "text-prime", "side": "buy", "price": "0.01", "quantity": 1}
UNITS = {"instrument": "text-prime", "quantity": 1}
WITHOUT_A_CALL = {StackIdentity, Intent}
"""Nothing at a market is theirs: what others do with them is refused."""

KINDS = {
    "ConsumptionKey 'it'": (ConsumptionKey, {}, {"triggers": ["another"]}),
    "TradingKey 'it'": (TradingKey, {}, None),  # another label is another key, made elsewhere
    "StandingOrder 'it'": (StandingOrder, ORDER, {"price": "0.02"}),
    "Transfer 'it'": (Transfer, UNITS, {"quantity": 2}),
    "AccountSettings": (AccountSettings, {"mode": "advanced"}, {"auto_reload_amount_usd": "20"}),
}


@pytest.mark.parametrize("subject", KINDS)
def test_another_account_s_login_is_refused_and_changes_nothing_there(
    engine, market, account, other, subject
):
    kind, arguments, change = KINDS[subject]
    engine.up(lambda: kind("it", **arguments))
    engine.config["thegrid:accessToken"] = other.access_token
    operations = {"refresh": engine.refresh}
    if change:
        operations["up"] = lambda: engine.up(lambda: kind("it", **(arguments | change)))
    if kind not in (AccountSettings, Transfer):  # which end without a call
        operations["destroy"] = engine.destroy
    for name, operation in operations.items():
        with pytest.raises(RuntimeError) as error:
            operation()
        line = one_line(error)
        assert f"{subject}: this login belongs to account {other.user_id}" in line
        assert f"account {account.user_id} is expected" in line
        assert "to move to the other one, declare the resource under another name" in line
        assert ("a login in the state that is out of date" in line) is (name != "up")
    asked = [it["method"] for it in market.journal() if it["user_id"] == other.user_id]
    assert set(asked) == {"GET"}


def test_every_kind_of_resource_is_tried_with_the_wrong_login():
    exported = {getattr(pulumi_thegrid, name) for name in pulumi_thegrid.__all__}
    resources = {
        it for it in exported if isinstance(it, type) and issubclass(it, pulumi.dynamic.Resource)
    }
    assert {kind for kind, _, _ in KINDS.values()} == resources - WITHOUT_A_CALL


def test_a_transfer_whose_intent_the_wrong_login_recorded_is_settled_by_a_trigger(
    engine, market, account, other
):
    def program(**change):
        return lambda: Transfer("it", **(UNITS | change)) and None

    engine.up(program())
    engine.config["thegrid:accessToken"] = other.access_token
    with pytest.raises(RuntimeError, match="login belongs to account"):
        engine.up(program(quantity=2))
    engine.config["thegrid:accessToken"] = account.access_token
    with pytest.raises(RuntimeError) as error:
        engine.up(program(quantity=2))
    assert f"by a login to account {other.user_id}: change triggers" in one_line(error)
    engine.up(program(quantity=2, triggers=["again"]))
    assert engine.outputs("it")["account_id"] == account.user_id
    assert len(market.lots(account.user_id)) == 2
    assert market.lots(other.user_id) == []


@pytest.mark.parametrize("subject", KINDS)
def test_moving_to_another_account_is_another_name_with_its_provider(
    engine, market, account, other, subject
):
    kind, arguments, _ = KINDS[subject]
    engine.up(lambda: kind("it", **arguments))

    def moved():
        theirs = Provider("theirs", access_token=other.access_token)
        kind("there", **arguments, opts=pulumi.ResourceOptions(provider=theirs))

    assert engine.up(moved).steps["it"] == "delete"
    assert engine.outputs("there")["account_id"] == other.user_id
    assert not [key for key in market.api_keys(account.user_id) if key["is_active"]]
    assert set(engine.up(moved).steps.values()) == {"same"}


@pytest.mark.parametrize("subject", KINDS)
def test_a_replacement_with_another_account_s_provider_moves_too(
    engine, market, account, other, subject
):
    kind, arguments, _ = KINDS[subject]
    engine.up(lambda: kind("it", **arguments))

    def moved():
        theirs = Provider("theirs", access_token=other.access_token)
        kind("it", **arguments, opts=pulumi.ResourceOptions(provider=theirs))

    engine.up(moved, replace="it it-transfer")  # whose intent knows its account
    assert engine.outputs("it")["account_id"] == other.user_id
    assert not [key for key in market.api_keys(account.user_id) if key["is_active"]]


def test_a_rejected_login_is_told_in_one_line_with_what_to_do(engine):
    engine.config["thegrid:accessToken"] = "grid_at_wrong"
    with pytest.raises(RuntimeError) as error:
        engine.up(one_key)
    line = one_line(error)
    assert "ConsumptionKey 'ci': GET /users/self was refused: 40" in line
    assert "(request " in line
    assert "pulumi config set --secret thegrid:accessToken" in line
    assert "grid_at_wrong" not in line


def test_without_a_login_a_preview_works_and_up_says_how_to_log_in(engine, monkeypatch):
    monkeypatch.delenv("THEGRID_ACCESS_TOKEN", raising=False)
    del engine.config["thegrid:accessToken"]
    assert engine.preview(one_key).steps["ci"] == "create"
    with pytest.raises(RuntimeError) as error:
        engine.up(one_key)
    assert "access_token: not set; give it to the provider" in one_line(error)


def test_the_environment_serves_where_configuration_is_silent(engine, account):
    engine.environment["THEGRID_ACCESS_TOKEN"] = engine.config.pop("thegrid:accessToken")
    engine.up(one_key)
    assert engine.outputs("ci")["account_id"] == account.user_id


def test_a_refresh_token_is_refused_with_the_reason(engine, account):
    engine.config["thegrid:refreshToken"] = account.refresh_token
    with pytest.raises(RuntimeError) as error:
        engine.up(one_key)
    line = one_line(error)
    assert "refresh_token: not accepted here, because a refresh uses it up" in line
    assert account.refresh_token not in line


def test_an_unreachable_market_is_told_with_its_address(engine):
    engine.config["thegrid:platformUrl"] = "http://127.0.0.1:9"
    with pytest.raises(RuntimeError) as error:
        engine.up(one_key)
    line = one_line(error)
    assert "the market cannot be reached" in line
    assert "http://127.0.0.1:9 (thegrid:platformUrl)" in line


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("thegrid:platformUrl", "http://market.example", "must use https"),
        ("thegrid:rotation", "never", "write clock or hold"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_at_preview(engine, key, value, told):
    engine.config[key] = value
    with pytest.raises(RuntimeError) as error:
        engine.preview(one_key)
    assert told in one_line(error)


def server_shows_tracebacks():
    source = Path(pulumi.dynamic.__file__).with_name("__main__.py").read_text()
    return "format_exc" in source


@pytest.mark.skipif(not server_shows_tracebacks(), reason="this version of Pulumi shows none")
def test_with_the_debug_variable_an_error_keeps_its_traceback(engine):
    engine.config["thegrid:accessToken"] = "grid_at_wrong"
    engine.environment["THEGRID_DEBUG"] = "1"
    with pytest.raises(RuntimeError, match=r"(?s)File .*LoginRejected.*Failed"):
        engine.up(one_key)


def test_many_resources_of_several_kinds_share_one_login_and_one_look_for_each_kind(
    engine, market, account
):
    def program():
        for number in range(8):
            TradingKey(f"key-{number}")
        ConsumptionKey("ci")

    engine.up(program)
    asked = [it["path"] for it in market.journal() if it["user_id"] == account.user_id]
    assert asked.count("/api/v1/users/self") == 1
    assert asked.count("/api/v1/signing-keys") == 1 + 8
