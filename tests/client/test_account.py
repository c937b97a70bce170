"""Keys, settings and the catalogue, as the market keeps them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from thegrid.client import (
    Client,
    Inference,
    LoginRejected,
    Misuse,
    Refused,
    SigningKey,
    Unreachable,
    WrongAccount,
)
from thegrid.client.inference import catalogue_checks_keys
from thegrid.core.model import AccountSettings
from thegrid.core.secret import Secret
from thegrid.core.settings import SetAutoReload

DAY = timedelta(days=1)


def test_the_account_of_a_login(client, emulator):
    account = client.account()
    assert (account.user_id, account.email) == (emulator.account.user_id, emulator.account.email)
    trading = client.trading_account()
    assert (trading.user_id, trading.email) == (account.user_id, account.email)
    assert (trading.mode, trading.capabilities) == ("easy", ("trade",))


def test_a_key_is_made_listed_and_revoked(client, emulator, later):
    expires_at = (emulator.now() + DAY).replace(microsecond=123456)
    minted = client.create_consumption_key("web <owner#1>", expires_at)
    assert minted.key.name == "web <owner#1>"
    assert minted.key.expires_at in (expires_at, expires_at.replace(microsecond=0))
    assert minted.secret.reveal().startswith(minted.key.prefix)
    later()
    assert [key.id for key in client.list_consumption_keys().keys] == [minted.key.id]
    assert client.find_consumption_key(minted.key.id) == minted.key

    client.revoke_consumption_key(minted.key.id)
    later()
    (row,) = client.list_consumption_keys().keys
    assert not row.is_active
    assert not row.is_live(emulator.now())


def test_a_key_without_an_expiry_never_expires(client, emulator):
    key = client.create_consumption_key("web").key
    assert key.expires_at is None
    assert key.is_live(emulator.now() + 9999 * DAY)


def test_revoking_twice_or_what_never_was_is_no_error(client):
    key_id = client.create_consumption_key("web").key.id
    client.revoke_consumption_key(key_id)
    client.revoke_consumption_key(key_id)
    client.revoke_consumption_key("00000000-0000-4000-8000-000000000000")
    client.revoke_trading_key("00000000-0000-4000-8000-000000000000")


@pytest.mark.parametrize("key_id", ["", ".", ".."])
def test_an_identifier_that_would_name_another_path_is_refused(client, key_id, asked):
    with pytest.raises(Misuse, match=r"^key_id: "):
        client.revoke_consumption_key(key_id)
    with pytest.raises(Misuse, match=r"^key_id: "):
        client.revoke_trading_key(key_id)
    assert asked() == []


def test_an_identifier_stays_one_segment_of_the_path(client, asked):
    client.revoke_consumption_key("a/../../oauth?b")
    assert asked() != []
    assert all(request.startswith("DELETE /api/v1/api-keys/a") for request in asked())


def test_a_key_that_nobody_made_is_not_found(client):
    assert client.find_consumption_key("00000000-0000-4000-8000-000000000000") is None


def test_a_listing_tells_the_markets_own_time(client, emulator):
    emulator.advance(40 * DAY.total_seconds())
    with pytest.raises(LoginRejected):  # the login did not survive that
        client.list_consumption_keys()
    again = emulator.create_account()
    fresh = Client(client.endpoints, Secret(again.access_token))
    try:
        as_of = fresh.list_consumption_keys().as_of
    finally:
        fresh.close()
    assert abs(as_of - emulator.now()) < timedelta(seconds=3)


DATES = ["Sun, 01 Mar 2026 00:00:00 GMT", "Sun, 01 Mar 2026 00:00:00 -0000", "soon", None]


@pytest.mark.parametrize("date", DATES)
def test_the_time_of_a_listing_is_aware_whatever_the_header_says(date, client_of):
    headers = {"date": date} if date else {}
    answer = httpx.MockTransport(lambda _: httpx.Response(200, json={"data": []}, headers=headers))
    as_of = client_of("token", transport=answer).list_consumption_keys().as_of
    assert as_of.utcoffset() == timedelta(0)


def test_a_trading_key_is_registered_listed_and_revoked(client, later):
    key = SigningKey.generate()
    registered = client.create_trading_key("robot", key.public_key)
    assert registered.fingerprint_prefix == key.fingerprint[:8]
    later()
    assert client.list_trading_keys() == (registered,)
    client.revoke_trading_key(registered.id)
    later()
    assert [row.is_active for row in client.list_trading_keys()] == [False]


def test_an_active_public_key_is_not_registered_twice(client):
    key = SigningKey.generate()
    client.create_trading_key("robot", key.public_key)
    with pytest.raises(Refused, match="public_key") as caught:
        client.create_trading_key("other", key.public_key)
    assert caught.value.status == 422


def test_settings_as_they_begin(client):
    settings = client.settings()
    assert replace(settings, mode_managed_fields=frozenset()) == AccountSettings(
        mode="easy",
        auto_buy_enabled=True,
        auto_transfer_enabled=True,
        auto_reload_enabled=False,
    )
    assert settings.mode_managed_fields in (  # which not every market tells
        {"auto_buy_enabled", "auto_transfer_enabled"},
        frozenset(),
    )


def test_the_mode_brings_its_own_settings_along(client):
    client.set_account_mode("advanced")
    settings = client.settings()
    assert settings.mode == "advanced"
    assert not settings.auto_buy_enabled
    assert not settings.auto_transfer_enabled
    client.set_auto_buy(enabled=False)


def test_what_the_mode_dictates_is_refused_with_the_reason(client):
    with pytest.raises(Refused, match="the account's mode dictates this setting") as caught:
        client.set_auto_buy(enabled=False)
    assert caught.value.code == "mode_managed_setting"


def test_reload_settings_are_written_as_exact_decimals_and_one_by_one(client):
    client.set_auto_reload(SetAutoReload(True, Decimal("5"), Decimal("20.10"), Decimal("1E+2")))  # noqa: FBT003
    client.set_auto_reload(SetAutoReload(None, Decimal("7.50"), None, None))
    settings = client.settings()
    assert settings.auto_reload_enabled
    assert settings.auto_reload_threshold_usd == Decimal("7.50")
    assert settings.auto_reload_amount_usd == Decimal("20.10")
    assert settings.auto_reload_monthly_limit_usd == Decimal(100)


def test_the_older_platform_prefix_works_as_well(endpoints, emulator, opened):
    older = type(endpoints)(
        endpoints.platform, endpoints.trading, endpoints.consumption, endpoints.messages, "/v1"
    )
    token = Secret(emulator.account.access_token)
    assert opened(Client(older, token)).account().user_id == emulator.account.user_id


def test_the_catalogue_names_models(inference):
    models = {model.id: model.display_name for model in inference.models()}
    assert models["text-prime"] == "Text Prime"


def test_a_key_is_accepted_until_it_is_revoked(client, endpoints, opened):
    minted = client.create_consumption_key("web")
    inference = opened(Inference(endpoints, minted.secret))
    assert inference.accepts_key()
    client.revoke_consumption_key(minted.key.id)
    assert not inference.accepts_key()


def test_a_key_is_accepted_until_it_expires(client, endpoints, opened, emulator):
    minted = client.create_consumption_key("web", emulator.now() + DAY)
    inference = opened(Inference(endpoints, minted.secret))
    emulator.advance(DAY.total_seconds() + 1)
    assert not inference.accepts_key()


def test_a_market_that_refuses_wrong_keys_is_told_from_one_that_does_not(endpoints):
    assert catalogue_checks_keys(endpoints)
    public = httpx.MockTransport(lambda _: httpx.Response(200, json={"data": []}))
    assert not catalogue_checks_keys(endpoints, transport=public)


def test_a_missing_scope_says_what_to_do(emulator, client_of):
    reader = client_of(emulator.create_account(scopes=["account:read"]).access_token)
    with pytest.raises(Refused, match="log in again with the scope that this needs") as caught:
        reader.list_consumption_keys()
    assert caught.value.code == "insufficient_scope"


def test_a_wrong_account_names_both():
    error = WrongAccount("user_1", "user_2")
    assert str(error) == (
        "this login belongs to account user_2, but account user_1 is expected: "
        "log in as that account, or declare new resources for the other one"
    )
    assert isinstance(error, Misuse)


LISTINGS = [
    {"data": [{"id": None, "name": "web"}]},
    {"data": [{"name": "web"}]},
    {"data": [{"id": "1", "is_active": "yes"}]},
    {"data": [{"id": "1", "expires_at": "soon"}]},
    {"data": [{"id": "1", "expires_at": 1767225600}]},
    {"data": ["web"]},
    {"data": None},
    {},
]


@pytest.mark.parametrize("body", LISTINGS)
def test_a_listing_that_cannot_be_read_is_no_listing(body, client_of):
    """A key that looked absent would be replaced."""
    broken = httpx.MockTransport(lambda _: httpx.Response(200, json=body))
    with pytest.raises(Unreachable, match="GET /api-keys: the answer"):
        client_of("token", transport=broken).list_consumption_keys()


def test_unknown_fields_are_ignored_and_optional_ones_may_be_missing(client_of):
    rows = [{"id": "1", "future": {"a": 1}}]
    market = httpx.MockTransport(lambda _: httpx.Response(200, json={"data": rows, "paging": {}}))
    (key,) = client_of("token", transport=market).list_consumption_keys().keys
    assert (key.id, key.name, key.is_active, key.expires_at) == ("1", "", True, None)


def test_an_email_may_sit_under_the_user(client_of):
    body = {"data": {"user_id": "user_1", "user": {"email": "a@b.invalid"}}}
    market = httpx.MockTransport(lambda _: httpx.Response(200, json=body))
    assert client_of("token", transport=market).trading_account().email == "a@b.invalid"
