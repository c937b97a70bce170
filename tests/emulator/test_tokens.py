import pytest


@pytest.mark.plain_words
def test_the_scopes_a_client_may_ask_for_are_public(http, emulator):
    url = f"{emulator.platform}/v1/oauth/scopes"
    scopes = http.get(url, params={"client_id": "grid-cli-public"}).json()["data"]
    assert [entry["scope"] for entry in scopes] == [
        "account:read",
        "account:write",
        "trade:read",
        "trade:write",
        "supply:read",
        "supply:write",
        "keys:manage",
    ]
    assert http.get(url, params={"client_id": "nobody"}).status_code == 404


def test_a_refresh_gives_a_new_pair_and_kills_the_old_refresh_token(
    emulator, device_login, platform_of
):
    old = emulator.account
    new = device_login.refresh(old.refresh_token).json()
    assert new["refresh_token"] != old.refresh_token
    assert platform_of(new["access_token"])("GET", "/users/self").status_code == 200

    again = device_login.refresh(old.refresh_token)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert device_login.refresh(new["refresh_token"]).status_code == 200


def test_a_refreshed_pair_keeps_the_scopes_and_the_lifetime_of_its_grant(emulator, device_login):
    account = emulator.create_account(scopes=["keys:manage"], access_token_seconds=7)
    refreshed = device_login.refresh(account.refresh_token).json()
    assert (refreshed["scope"], refreshed["expires_in"]) == ("keys:manage", 7)


def test_a_refresh_token_belongs_to_its_client(emulator, device_login):
    answer = device_login.refresh(
        emulator.account.refresh_token, client_id="grid-cli-dev-public-client"
    )
    assert answer.json()["error"] == "invalid_grant"
    assert device_login.refresh(emulator.account.refresh_token).status_code == 200


@pytest.mark.plain_words
def test_an_access_token_lives_one_hour(emulator, platform):
    emulator.advance(3590)
    assert platform("GET", "/users/self").status_code == 200
    emulator.advance(11)
    answer = platform("GET", "/users/self")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


def test_a_refresh_token_lives_thirty_days(emulator, device_login):
    emulator.advance(30 * 24 * 3600 + 1)
    assert device_login.refresh(emulator.account.refresh_token).json()["error"] == "invalid_grant"


@pytest.mark.plain_words
def test_a_revoked_access_token_is_dead_while_its_refresh_token_lives(
    emulator, http, device_login, platform
):
    url = f"{device_login.base}/revoke"
    assert http.post(url, json={"token": emulator.account.access_token}).status_code == 200
    assert platform("GET", "/users/self").status_code == 401
    assert device_login.refresh(emulator.account.refresh_token).status_code == 200


@pytest.mark.plain_words
def test_a_revoked_refresh_token_takes_its_access_tokens_with_it(
    emulator, http, device_login, platform
):
    http.post(f"{device_login.base}/revoke", json={"token": emulator.account.refresh_token})
    assert device_login.refresh(emulator.account.refresh_token).status_code == 400
    assert platform("GET", "/users/self").status_code == 401


def test_revoking_an_unknown_token_is_no_error(http, device_login):
    assert http.post(f"{device_login.base}/revoke", json={"token": "nothing"}).status_code == 200


@pytest.mark.plain_words
@pytest.mark.parametrize(
    ("members", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"refresh_token": ""}, 400, "invalid_request"),
        ({"refresh_token": "grid_rt_unknown"}, 400, "invalid_grant"),
    ],
)
def test_a_wrong_token_request_is_refused_in_the_shape_of_rfc_6749(
    emulator, device_login, members, status, error
):
    answer = device_login.refresh(emulator.account.refresh_token, **members)
    assert answer.status_code == status
    assert answer.json().keys() == {"error", "error_description"}
    assert answer.json()["error"] == error


@pytest.mark.plain_words
@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("GET", "/api-keys", "keys:manage"),
        ("POST", "/api-keys", "keys:manage"),
        ("GET", "/api-keys/some", "keys:manage"),
        ("PUT", "/api-keys/some", "keys:manage"),
        ("DELETE", "/api-keys/some", "keys:manage"),
        ("GET", "/signing-keys", "keys:manage"),
        ("POST", "/signing-keys", "keys:manage"),
        ("DELETE", "/signing-keys/some", "keys:manage"),
        ("GET", "/self/system-settings", "account:read"),
        ("POST", "/self/system-settings/account-mode", "account:write"),
        ("PATCH", "/self/system-settings/auto-buy", "account:write"),
        ("PATCH", "/self/system-settings/auto_reload", "account:write"),
        ("GET", "/users/self", "account:read"),
    ],
)
def test_every_platform_route_needs_its_scope(emulator, platform_of, method, path, needed):
    scopes = {"account:read", "account:write", "keys:manage"}
    without = emulator.create_account(scopes=scopes - {needed})
    only = emulator.create_account(scopes=[needed])
    answer = platform_of(without.access_token)(method, path, json={})
    assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")
    assert platform_of(only.access_token)(method, path, json={}).status_code not in (401, 403)
    assert platform_of("grid_at_unknown")(method, path, json={}).status_code == 401
    assert platform_of(None)(method, path, json={}).json()["error"] == "invalid_token"
