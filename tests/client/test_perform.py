"""Actions of a plan, carried out at the market."""

from datetime import timedelta
from decimal import Decimal

import pytest

from thegrid.client import InDoubt, perform
from thegrid.core.rotation import Mint, Revoke
from thegrid.core.settings import SetAutoBuy, SetAutoReload, SetMode


class StoreIsDown(Exception):
    """What a place to store keys in may raise."""


@pytest.fixture
def action(emulator):
    return Mint("web <owner#1>", 1, emulator.now() + timedelta(days=30), "")


@pytest.fixture
def keys(emulator):
    return lambda: emulator.api_keys(emulator.account.user_id)


def fails(minted):
    raise StoreIsDown


def test_a_minted_key_is_stored_with_its_secret(client, action, keys):
    stored = []
    minted = perform.mint(client, action, stored.append)
    assert stored == [minted]
    assert minted.secret.reveal()
    assert [key["name"] for key in keys()] == [action.name]


def test_a_key_that_could_not_be_stored_does_not_live_on(client, action, keys):
    with pytest.raises(StoreIsDown):
        perform.mint(client, action, fails)
    assert [key["is_active"] for key in keys()] == [False]


def test_a_failed_store_is_told_even_where_the_key_could_not_be_revoked(
    client, action, keys, emulator
):
    emulator.order_fault("DELETE", "/api-keys/{id}", status=500)
    with pytest.raises(StoreIsDown):
        perform.mint(client, action, fails)
    assert [key["is_active"] for key in keys()] == [True]


def test_a_mint_in_doubt_stores_nothing(client, action, emulator):
    emulator.order_fault("POST", "/api-keys", drop="after")
    stored = []
    with pytest.raises(InDoubt):
        perform.mint(client, action, stored.append)
    assert stored == []


def test_a_revocation_may_be_repeated(client, action, keys):
    key_id = perform.mint(client, action, lambda minted: None).key.id
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
