"""Account settings: what is declared comes true, what is not stays."""

from decimal import Decimal

import pytest
from tests.emulation import settle
from tests.provider.refusals import one_line

from pulumi_thegrid import AccountSettings, ConsumptionKey
from thegrid.client import Client, Endpoints
from thegrid.core.model import NewOrder
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
    line = one_line(refusal)
    assert "AccountSettings: PATCH /self/system-settings/auto_reload was refused: 4" in line
    assert "(request " in line


@pytest.fixture
def resting(client, market):
    """Places an order that stays open: nobody sells that cheap."""

    def place(name):
        book = client.market_of("text-prime")
        order = NewOrder(book.id, "buy", 1, Decimal("0.01"), client_order_id=name)
        placed = client.place_order(order)
        settle(market)
        return placed.id

    return place


def writes(market, account):
    return [
        it["path"].rpartition("/")[2]
        for it in market.journal()
        if it["user_id"] == account.user_id
        and it["method"] != "GET"
        and "system-settings" in it["path"]
    ]


def test_easy_is_refused_while_orders_are_open_and_nothing_is_written(
    engine, client, market, account, resting
):
    engine.up(program(mode="advanced"))
    first, second = resting("nightly"), resting("weekly")
    before = writes(market, account)
    with pytest.raises(RuntimeError) as refusal:
        engine.up(program(mode="easy", auto_reload_monthly_limit_usd="100"))
    line = one_line(refusal)
    assert "AccountSettings: mode: easy is refused while orders are open" in line
    assert f"{first} (nightly)" in line
    assert f"{second} (weekly)" in line
    assert writes(market, account) == before
    for order_id in (first, second):
        client.cancel_order(order_id)
    settle(market)
    engine.up(program(mode="easy", auto_reload_monthly_limit_usd="100"))
    assert client.settings().mode == "easy"


def test_easy_is_refused_on_creation_too(engine, client, resting):
    client.set_account_mode("advanced")
    order_id = resting("nightly")
    with pytest.raises(RuntimeError, match=order_id):
        engine.up(program(mode="easy"))
    assert client.settings().mode == "advanced"


def test_easy_is_refused_where_not_all_orders_can_be_seen(engine, client, market):
    engine.up(program(mode="advanced"))
    more = {"data": [], "paging": {"has_more": True, "next_cursor": None, "prev_cursor": None}}
    market.order_fault("GET", "/orders", status=200, body=more, times=9)
    with pytest.raises(RuntimeError, match=r"AccountSettings: .*broke off"):
        engine.up(program(mode="easy"))
    assert client.settings().mode == "advanced"


def test_a_setting_that_is_known_later_only_may_be_another_one(engine, client):
    def from_a_new_key():
        number = ConsumptionKey("ci").key_number
        program(auto_reload_amount_usd=number.apply(lambda _: "20"))()

    engine.up(program(auto_reload_amount_usd="20"))
    assert engine.preview(from_a_new_key).steps["account"] == "update"
    engine.up(from_a_new_key)
    assert engine.preview(from_a_new_key).steps["account"] == "same"
    assert client.settings().auto_reload_amount_usd == 20


def test_an_order_is_no_trouble_where_the_mode_stays(engine, client, resting):
    engine.up(program(mode="advanced"))
    resting("nightly")
    engine.up(program(mode="advanced", auto_reload_amount_usd="20"))
    assert client.settings().auto_reload_amount_usd == 20


WRITES = {
    "auto_reload": ("PATCH", {"auto_reload_monthly_limit_usd": "100"}),
    "auto-buy": ("PATCH", {"mode": "advanced", "auto_buy_enabled": False}),
    "account-mode": ("POST", {"mode": "advanced", "auto_reload_monthly_limit_usd": "100"}),
}


BOUGHT_BY_HAND = {
    "data": {
        "account_mode": "advanced",
        "auto_transfer_enabled": False,
        "auto_buy_enabled": True,
        "auto_reload_enabled": False,
    }
}


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("write", WRITES)
def test_a_lost_answer_is_made_up_for(engine, client, market, account, write, moment):
    method, arguments = WRITES[write]
    if write == "auto-buy":  # which only somebody's hand makes differ from what the mode brings
        client.set_account_mode("advanced")
        market.order_fault("GET", "/self/system-settings", status=200, body=BOUGHT_BY_HAND)
    market.order_fault(method, f"/self/system-settings/{write}", drop=moment)
    engine.up(program(**arguments))
    assert write in writes(market, account)
    seen = client.settings()
    for name, value in arguments.items():
        assert getattr(seen, name) == (Decimal(value) if name.endswith("usd") else value)
    assert engine.up(program(**arguments)).steps["account"] == "same"
    assert engine.refresh().steps["account"] == "same"


def test_a_run_that_was_cut_short_is_carried_on_by_the_next_one(engine, client, market):
    engine.up(program(mode="easy"))
    wanted = program(mode="advanced", auto_reload_monthly_limit_usd="100")
    market.order_fault("POST", "/self/system-settings/account-mode", drop="before", times=2)
    with pytest.raises(RuntimeError) as failure:
        engine.up(wanted)
    line = one_line(failure)
    assert "POST /self/system-settings/account-mode: the connection broke" in line
    assert "run `pulumi up` again" in line
    assert client.settings().auto_reload_monthly_limit_usd == 100
    assert engine.up(wanted).steps["account"] == "update"
    assert client.settings().mode == "advanced"


def test_settings_that_other_settings_rule_out_are_refused_at_preview(engine):
    for arguments, told in IMPOSSIBLE:
        with pytest.raises(RuntimeError, match=told):
            engine.preview(program(**arguments))


IMPOSSIBLE = [
    ({"mode": "hard"}, "property mode .*'hard' is not a mode"),
    ({"mode": "easy", "auto_buy_enabled": False}, "property auto_buy_enabled .*mode easy dictates"),
    ({"auto_reload_amount_usd": "0"}, "property auto_reload_amount_usd .*above zero"),
    (
        {"auto_reload_amount_usd": "20", "auto_reload_monthly_limit_usd": "19.99"},
        "property auto_reload_monthly_limit_usd .*at least one reload",
    ),
]
