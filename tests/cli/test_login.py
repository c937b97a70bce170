"""Logging in and out."""

import stat

import pytest
import yaml

from thegrid.client import Client, LoginRejected, SigningKey
from thegrid.client.profiles import NO_LOGIN
from thegrid.core.secret import Secret
from thegrid_operator.login import Bootstrap
from thegrid_operator.resources import LOGIN_SECRET_TYPE


def profile(store, name="default"):
    return store.read().profile(name)


def test_a_login_tells_address_and_code_and_writes_a_private_profile(
    thegrid, store, approval, market_variables, emulator, endpoints
):
    with approval():
        ran = thegrid("login", **market_variables)
    assert ran.code == 0
    assert f"{emulator.platform}/device?user_code=" in ran.err
    assert "Check that it shows this code: " in ran.err
    assert "account:read, trade:read, keys:manage" in ran.err
    assert emulator.account.email in ran.out
    assert profile(store).endpoints == endpoints
    assert profile(store).login.scopes == ("account:read", "trade:read", "keys:manage")
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700
    for token in (profile(store).login.access, profile(store).login.refresh):
        assert token.reveal() not in ran.out + ran.err
    assert thegrid("whoami").code == 0


def test_for_scripts_a_login_is_told_without_its_tokens(
    thegrid, approval, market_variables, store, emulator
):
    with approval():
        ran = thegrid("login", "--json", "--scope", "keys:manage", **market_variables)
    assert ran.document.keys() == {
        *("profile", "file", "environment", "user_id", "email", "scopes", "expires_at")
    }
    assert ran.document["scopes"] == ["keys:manage"]
    assert ran.document["email"] is None


def test_a_refused_login_writes_nothing(thegrid, store, person, emulator, market_variables):
    with person(emulator.deny_device):
        ran = thegrid("login", "--json", **market_variables)
    assert ran.code == 1
    assert '"code": "access_denied"' in ran.err
    assert not store.path.exists()


def test_a_code_that_nobody_looks_at_dies(thegrid, store, person, emulator, market_variables):
    with person(lambda _: emulator.advance(900)):
        ran = thegrid("login", **market_variables)
    assert ran.code == 1
    assert "expired_token" in ran.err
    assert not store.path.exists()


def test_a_market_that_cannot_be_reached_is_told_in_one_line(thegrid):
    ran = thegrid("login", THEGRID_PLATFORM_URL="http://127.0.0.1:1")
    assert ran.code == 1
    assert ran.err.startswith("thegrid: POST /oauth/device/code: the market cannot be reached")
    assert ran.err.count("\n") == 1


def test_a_login_that_would_be_replaced_is_asked_about_first(thegrid, saved, store, emulator):
    saved()
    before = store.path.read_text()
    ran = thegrid("login")
    assert ran.code == 2
    assert "add --replace, or name another profile with --profile" in ran.err
    assert store.path.read_text() == before
    assert emulator.pending_device_logins() == []


def test_a_replaced_login_is_revoked_after_the_new_one_is_stored(
    thegrid, saved, store, approval, endpoints, emulator
):
    saved(note="kept")
    with approval():
        assert thegrid("login", "--replace").code == 0
    assert profile(store).fields["note"] == "kept"
    assert profile(store).login.access.reveal() != emulator.account.access_token
    with (
        Client(endpoints, Secret(emulator.account.access_token)) as old,
        pytest.raises(LoginRejected),
    ):
        old.account()
    assert thegrid("whoami").code == 0


def test_a_replaced_login_is_kept_where_that_is_asked(thegrid, saved, approval, market, emulator):
    saved()
    with approval():
        assert thegrid("login", "--replace", "--keep-replaced").code == 0
    assert market.account().user_id == emulator.account.user_id


def test_another_profile_leaves_the_current_one_alone(
    thegrid, saved, approval, market_variables, store
):
    saved()
    before = profile(store).fields
    with approval():
        ran = thegrid("login", "--profile", "second", **market_variables)
    assert profile(store).fields == before
    assert store.read().document["current_profile"] == "default"
    assert "use this one with --profile second or GRID_PROFILE=second" in ran.err
    assert thegrid("whoami", "--profile", "second").code == 0


def test_a_login_stays_at_the_market_of_its_profile(thegrid, saved, approval, store, endpoints):
    saved(**NO_LOGIN)
    with approval():
        assert thegrid("login").code == 0
    assert profile(store).endpoints == endpoints


def test_a_profile_with_keys_is_not_moved_to_another_market(thegrid, saved, emulator):
    saved(signing_key=SigningKey.generate().private_key.reveal())
    ran = thegrid("login", "--replace", "--environment", "staging")
    assert ran.code == 2
    assert "holds keys of another market; log in to another profile" in ran.err


def test_a_manifest_is_what_the_operator_reads(
    thegrid, approval, market_variables, store, endpoints
):
    with approval():
        ran = thegrid("login", "--manifest", "shop/grid-login", **market_variables)
    assert ran.code == 0
    secret = yaml.safe_load(ran.out)
    assert (secret["apiVersion"], secret["kind"]) == ("v1", "Secret")
    assert secret["metadata"] == {"name": "grid-login", "namespace": "shop"}
    assert secret["type"] == LOGIN_SECRET_TYPE
    bootstrap = Bootstrap.of(secret["stringData"])
    assert bootstrap.refresh.reveal().startswith("grid_rt_")
    assert bootstrap.access is None
    assert not store.path.exists()
    assert bootstrap.refresh.reveal() not in ran.err
    assert "belongs to the cluster alone" in ran.err
    assert f"platform: {endpoints.platform}" in ran.err
    assert "account:read, keys:manage\n" in ran.err


def test_a_manifest_for_scripts_is_the_same_as_json(thegrid, approval, market_variables):
    with approval():
        ran = thegrid("login", "--manifest", "shop/grid-login", "--json", **market_variables)
    assert ran.document["type"] == LOGIN_SECRET_TYPE
    assert ran.document["stringData"].keys() == {"refreshToken"}


WRONG_MANIFESTS = [
    (["--manifest", "grid-login"], "is not NAMESPACE/NAME"),
    (["--manifest", "shop/Grid"], "is not NAMESPACE/NAME"),
    (["--manifest", "shop/a/b"], "is not NAMESPACE/NAME"),
    (["--manifest", f"shop/{'a' * 254}"], "is not NAMESPACE/NAME"),
    (["--manifest", "shop/login", "--scope", "account:read"], "needs keys:manage as well"),
    (["--manifest", "shop/login", "--profile", "x"], "--profile: not with --manifest"),
]


@pytest.mark.parametrize(("arguments", "told"), WRONG_MANIFESTS)
def test_a_manifest_that_cannot_be_is_refused_before_anybody_is_asked(
    thegrid, arguments, told, emulator, market_variables
):
    ran = thegrid("login", *arguments, **market_variables)
    assert ran.code == 2
    assert told in ran.err
    assert emulator.pending_device_logins() == []


def test_logging_out_revokes_the_login_and_leaves_the_rest(
    thegrid, saved, store, endpoints, emulator
):
    saved(api_key="kept")
    ran = thegrid("logout", "--json")
    assert ran.document == {"profile": "default", "file": str(store.path), "revoked": True}
    assert profile(store).login is None
    assert profile(store).api_key.reveal() == "kept"
    assert profile(store).endpoints == endpoints
    with (
        Client(endpoints, Secret(emulator.account.access_token)) as old,
        pytest.raises(LoginRejected),
    ):
        old.account()


def test_logging_out_without_the_market_says_that_the_login_may_live_on(
    thegrid, saved, store, emulator
):
    saved()
    emulator.order_fault("POST", "/oauth/revoke", status=400, times=2)
    ran = thegrid("logout")
    assert ran.code == 0
    assert "did not confirm" in ran.err
    assert profile(store).login is None


def test_logging_out_twice_is_told(thegrid, saved):
    saved()
    thegrid("logout")
    ran = thegrid("logout")
    assert ran.code == 2
    assert "holds no login" in ran.err
