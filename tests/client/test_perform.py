"""Actions of a plan, carried out at the market."""

from datetime import timedelta
from decimal import Decimal

import pytest

from thegrid.client import InDoubt, Refused, perform
from thegrid.core.model import NewOrder
from thegrid.core.rotation import Mint, Revoke
from thegrid.core.settings import SetAutoBuy, SetAutoReload, SetMode
from thegrid.core.standing_order import Cancel, Change, Place


@pytest.fixture
def action(emulator):
    return Mint("web <owner#1>", 1, emulator.now() + timedelta(days=30), "")


@pytest.fixture
def keys(emulator):
    return lambda: emulator.api_keys(emulator.account.user_id)


def test_a_key_is_made_under_the_name_and_with_the_expiry_of_the_action(client, action, keys):
    minted = perform.mint(client, action)
    assert minted.secret.reveal()
    (made,) = keys()
    assert (made["id"], made["name"]) == (minted.key.id, action.name)
    # An answer may leave out the fraction of a second.
    assert abs(minted.key.expires_at - action.expires_at) < timedelta(seconds=1)


def test_a_mint_whose_answer_is_lost_is_in_doubt_and_names_what_to_look_for(
    client, action, keys, emulator
):
    emulator.order_fault("POST", "/api-keys", drop="after")
    with pytest.raises(InDoubt, match="web <owner#1>"):
        perform.mint(client, action)
    assert [key["name"] for key in keys()] == [action.name]


def test_a_revocation_may_be_repeated(client, action, keys):
    key_id = perform.mint(client, action).key.id
    perform.revoke(client, Revoke(key_id))
    perform.revoke(client, Revoke(key_id))
    assert [key["is_active"] for key in keys()] == [False]


def test_settings_are_written(client):
    perform.write_setting(client, SetAutoReload(None, None, Decimal(20), None))
    perform.write_setting(client, SetMode("advanced"))
    perform.write_setting(client, SetAutoBuy(enabled=False))
    settings = client.settings()
    assert (settings.mode, settings.auto_buy_enabled) == ("advanced", False)
    assert settings.auto_reload_amount_usd == Decimal(20)


def test_an_order_is_placed_changed_and_cancelled(emulator, client_of, later):
    trader = client_of(emulator.create_account(mode="advanced").access_token)
    market_id = trader.market_of("text-prime").id
    new = NewOrder(market_id, "buy", 1, Decimal("0.01"), client_order_id="intent:1")
    order_id = perform.place_order(trader, Place(new, 1)).id
    with pytest.raises(Refused, match=r"(?i)duplicate_client_order_id"):
        perform.place_order(trader, Place(new, 1))
    perform.write_order(trader, Change(order_id, Decimal("0.02"), 2))
    order = trader.order(order_id)
    assert (order.client_order_id, order.price, order.quantity) == ("intent:1", Decimal("0.02"), 2)
    perform.write_order(trader, Cancel(order_id))
    perform.write_order(trader, Cancel(order_id))
    later()
    assert trader.order(order_id).status == "cancelled"
