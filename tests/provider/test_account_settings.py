"""Account settings: what is declared comes true, what is not stays."""

import pytest

from pulumi_thegrid import AccountSettings
from thegrid.client import Client, Endpoints
from thegrid.core.secret import Secret


def program(**arguments):
    def declare():
        AccountSettings("account", **arguments)

    return declare


@pytest.fixture
def client(market, account):
    endpoints = Endpoints(market.platform, market.trading, market.consumption, market.messages)
    with Client(endpoints, Secret(account.access_token)) as client:
        yield client


def test_declared_settings_are_written_and_the_rest_stays(engine, client):
    engine.up(program(mode="advanced", auto_reload_threshold_usd="10.50"))
    seen = client.settings()
    assert seen.mode == "advanced"
    assert str(seen.auto_reload_threshold_usd) in ("10.5", "10.50")
    assert seen.auto_reload_enabled is False
    outputs = engine.outputs("account")
    assert outputs["auto_reload_threshold_usd"] == "10.5"
    assert outputs["auto_transfer_enabled"] is False
    unchanged = program(mode="advanced", auto_reload_threshold_usd="10.5")
    assert engine.up(unchanged).steps["account"] == "same"


def test_a_change_by_hand_is_found_by_refresh_and_undone_by_up(engine, client):
    engine.up(program(mode="advanced"))
    client.set_account_mode("easy")
    assert engine.up(program(mode="advanced")).steps["account"] == "same"
    assert engine.refresh().steps["account"] == "changed"
    assert engine.up(program(mode="advanced")).steps["account"] == "update"
    assert client.settings().mode == "advanced"


def test_what_is_no_longer_declared_stays_as_it_is(engine, client):
    engine.up(program(mode="advanced", auto_reload_amount_usd="20"))
    engine.up(program(mode="advanced"))
    assert client.settings().auto_reload_amount_usd == 20


def test_limits_on_money_are_written_before_the_mode(engine, market, account):
    engine.up(program(mode="advanced", auto_reload_monthly_limit_usd="100"))
    writes = [
        it["path"].rpartition("/")[2]
        for it in market.journal()
        if it["user_id"] == account.user_id and it["method"] != "GET"
    ]
    assert writes == ["auto_reload", "account-mode"]


def test_deleting_restores_nothing_and_says_so(engine, client):
    engine.up(program(mode="advanced"))
    run = engine.destroy()
    assert client.settings().mode == "advanced"
    assert run.log == [
        "AccountSettings: the account keeps its settings as they are; nothing was restored"
    ]


def test_the_market_s_refusal_is_told_in_one_line(new_engine, addresses, market):
    poor = market.create_account(payment_method=False, access_token_seconds=3600)
    engine = new_engine({**addresses, "thegrid:accessToken": poor.access_token})
    with pytest.raises(RuntimeError) as refusal:
        engine.up(program(auto_reload_enabled=True))
    (line,) = [line for line in str(refusal.value).splitlines() if line.strip()]
    assert "AccountSettings: PATCH /self/system-settings/auto_reload was refused: 4" in line
    assert "(request " in line
