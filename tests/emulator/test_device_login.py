import pytest

SCOPE = "account:read keys:manage"


@pytest.mark.plain_words
def test_a_login_says_where_to_approve_it_how_long_it_lasts_and_how_often_to_ask(device_login):
    started = device_login.begin()
    assert len(started["user_code"]) == 9
    assert started["user_code"][4] == "-"
    assert started["verification_uri_complete"] == (
        f"{started['verification_uri']}?user_code={started['user_code']}"
    )
    assert (started["expires_in"], started["interval"]) == (900, 5)


def test_an_approved_login_gives_tokens_of_the_approving_user_for_the_scopes_asked(
    emulator, device_login, platform_of
):
    user = emulator.create_account()
    started = device_login.begin(scope=SCOPE)
    assert device_login.poll().json()["error"] == "authorization_pending"

    emulator.approve_device(started["user_code"].lower(), user.user_id)
    device_login.wait()
    tokens = device_login.poll().json()

    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 3600
    assert tokens["scope"] == SCOPE
    self = platform_of(tokens["access_token"])("GET", "/users/self").json()["data"]
    assert self["id"] == user.user_id


def test_a_denied_login_ends_in_access_denied(emulator, device_login):
    emulator.deny_device(device_login.begin()["user_code"])
    answer = device_login.poll()
    assert (answer.status_code, answer.json()["error"]) == (400, "access_denied")


def test_a_login_expires_and_can_no_longer_be_approved(emulator, device_login):
    started = device_login.begin()
    device_login.wait(started["expires_in"])
    assert device_login.poll().json()["error"] == "expired_token"
    assert emulator.pending_device_logins() == []


def test_polling_too_fast_slows_the_client_down_for_good(emulator, device_login):
    started = device_login.begin()
    assert device_login.poll().json()["error"] == "authorization_pending"
    assert device_login.poll().json()["error"] == "slow_down"
    emulator.approve_device(started["user_code"], emulator.account.user_id)
    device_login.wait(6)  # longer than the first interval, shorter than the new one of 10 s
    assert device_login.poll().json()["error"] == "slow_down"
    device_login.wait(15)
    assert device_login.poll().status_code == 200


def test_a_device_code_is_good_for_one_pair_of_tokens(emulator, device_login):
    started = device_login.begin()
    emulator.approve_device(started["user_code"], emulator.account.user_id)
    assert device_login.poll().status_code == 200
    device_login.wait()
    assert device_login.poll().json()["error"] == "invalid_grant"


def test_a_device_code_belongs_to_the_client_that_asked_for_it(emulator, device_login):
    started = device_login.begin()
    emulator.approve_device(started["user_code"], emulator.account.user_id)
    other = device_login.poll(client_id="grid-cli-dev-public-client")
    assert other.json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"client_id": "nobody", "scope": "keys:manage"}, 400, "invalid_client"),
        ({"client_id": "grid-cli-public", "scope": "everything"}, 400, "invalid_scope"),
        ({"client_id": "grid-cli-public"}, 400, "invalid_scope"),
    ],
)
def test_a_login_without_a_known_client_and_known_scopes_is_refused(
    http, device_login, body, status, error
):
    answer = http.post(f"{device_login.base}/device/code", json=body)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_form_bodies_work_as_well_as_json(http, emulator, device_login):
    fields = {"client_id": "grid-cli-public", "scope": "keys:manage"}
    started = http.post(f"{device_login.base}/device/code", data=fields).json()
    emulator.approve_device(started["user_code"], emulator.account.user_id)
    fields = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "client_id": "grid-cli-public",
        "device_code": started["device_code"],
    }
    answer = http.post(f"{device_login.base}/token", data=fields)
    assert answer.status_code == 200
    assert answer.json()["access_token"].startswith("grid_at_")
