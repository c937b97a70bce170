import pytest


def test_an_account_is_opened_as_described(admin, platform_of):
    opened = admin(
        "POST",
        "/accounts",
        json={
            "email": "ada@example.org",
            "mode": "advanced",
            "verified": False,
            "accepted_terms": False,
            "payment_method": False,
            "scopes": ["account:read"],
            "access_token_seconds": 30,
        },
    )
    assert opened.status_code == 201
    account = opened.json()
    assert account["expires_in"] == 30
    platform = platform_of(account["access_token"])
    profile = platform("GET", "/users/self").json()["data"]
    assert profile["id"] == account["user_id"]
    assert profile["email"] == "ada@example.org"
    assert profile["verification_status"] == "pending"
    assert profile["has_accepted_legal_documents"] is False
    settings = platform("GET", "/self/system-settings").json()["data"]
    assert settings["account_mode"] == "advanced"
    assert platform("GET", "/api-keys").status_code == 403


def test_an_account_needs_no_description(admin, platform_of, device_login):
    first, second = (admin("POST", "/accounts", json={}).json() for _ in range(2))
    assert first["email"] != second["email"]
    assert platform_of(first["access_token"]).create_key()["is_active"]
    assert device_login.refresh(first["refresh_token"]).status_code == 200


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"mode": "hard"}, "mode"),
        ({"verified": "yes"}, "verified"),
        ({"access_token_seconds": 0}, "access_token_seconds"),
        ({"verfied": True}, "verfied"),
    ],
)
def test_a_wrong_description_is_named(admin, members, field):
    answer = admin("POST", "/accounts", json=members)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]["detail"]) == [field]


def test_an_address_opens_one_account(admin):
    body = {"email": "ada@example.org"}
    assert admin("POST", "/accounts", json=body).status_code == 201
    answer = admin("POST", "/accounts", json=body)
    assert answer.json()["errors"]["detail"] == {"email": ["has already been taken"]}


def test_an_unknown_scope_is_refused(admin):
    answer = admin("POST", "/accounts", json={"scopes": ["everything"]})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_a_device_login_is_listed_and_approved(admin, emulator, device_login):
    started = device_login.begin(scope="account:read keys:manage")
    (pending,) = admin("GET", "/device-logins").json()["data"]
    assert pending["user_code"] == started["user_code"]
    assert pending["scopes"] == ["account:read", "keys:manage"]
    assert started["device_code"] not in str(pending)
    body = {"user_code": pending["user_code"], "user_id": emulator.account.user_id}
    assert admin("POST", "/device-logins/approve", json=body).status_code == 204
    assert device_login.poll().status_code == 200
    assert admin("GET", "/device-logins").json()["data"] == []


def test_a_device_login_is_denied(admin, device_login):
    body = {"user_code": device_login.begin()["user_code"]}
    assert admin("POST", "/device-logins/deny", json=body).status_code == 204
    assert device_login.poll().json()["error"] == "access_denied"
    assert admin("POST", "/device-logins/deny", json=body).status_code == 404


def test_a_login_is_approved_for_known_users_only(admin, emulator, device_login):
    body = {"user_code": device_login.begin()["user_code"], "user_id": "user_unknown"}
    assert admin("POST", "/device-logins/approve", json=body).status_code == 404
    assert len(emulator.pending_device_logins()) == 1


def test_the_clock_is_read_and_moved(admin, emulator):
    before = admin("GET", "/clock").json()
    after = admin("POST", "/clock", json={"advance_seconds": 3600.5}).json()
    assert after["offset_seconds"] - before["offset_seconds"] == 3600.5
    assert emulator.clock.offset_seconds == after["offset_seconds"]


@pytest.mark.parametrize("seconds", ["60", None, True, 10**400, 10**13])
def test_the_clock_takes_a_number_only(admin, seconds):
    answer = admin("POST", "/clock", json={"advance_seconds": seconds})
    assert answer.status_code == 422
    assert list(answer.json()["errors"]["detail"]) == ["advance_seconds"]
    assert admin("GET", "/clock").json()["offset_seconds"] == 0


def test_all_keys_of_a_user_are_shown_without_their_secrets(admin, emulator, platform):
    kept, revoked = platform.create_key("kept"), platform.create_key("revoked")
    platform("DELETE", f"/api-keys/{revoked['id']}")
    emulator.create_account()
    answer = admin("GET", "/api-keys", params={"user_id": emulator.account.user_id})
    assert [(key["name"], key["is_active"]) for key in answer.json()["data"]] == [
        ("kept", True),
        ("revoked", False),
    ]
    assert kept["key"] not in answer.text
    assert admin("GET", "/api-keys", params={"user_id": "nobody"}).status_code == 404
