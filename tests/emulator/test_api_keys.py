import base64

import pytest

pytestmark = pytest.mark.plain_words


def test_the_secret_is_shown_at_creation_and_never_again(platform):
    created = platform.create_key("billing")
    secret = created["key"]
    assert len(base64.b64decode(secret + "=")) == 32
    assert created["key_prefix"] == secret[:8]

    listed = platform("GET", "/api-keys").json()["data"]
    single = platform("GET", f"/api-keys/{created['id']}").json()["data"]
    assert listed == [single]
    assert single == created | {"key": None}


def test_both_prefixes_serve_the_same_keys(emulator, platform, platform_of):
    created = platform.create_key()
    other = platform_of(emulator.account.access_token, prefix="/v1")
    assert [key["id"] for key in other("GET", "/api-keys").json()["data"]] == [created["id"]]


def test_names_may_repeat(platform):
    assert platform.create_key("same")["id"] != platform.create_key("same")["id"]


def test_deletion_is_soft_and_may_be_repeated(platform):
    key = platform.create_key()
    for _ in range(2):
        answer = platform("DELETE", f"/api-keys/{key['id']}")
        assert (answer.status_code, answer.content) == (204, b"")
    (listed,) = platform("GET", "/api-keys").json()["data"]
    assert listed["is_active"] is False


def test_a_key_can_be_renamed_and_switched_off(emulator, platform):
    key = platform.create_key("old")
    emulator.advance(60)
    path = f"/api-keys/{key['id']}"
    assert platform("PUT", path, json={"api_key": {"name": "new"}}).status_code == 204
    assert platform("PUT", path, json={"api_key": {"is_active": False}}).status_code == 204
    changed = platform("GET", path).json()["data"]
    assert (changed["name"], changed["is_active"]) == ("new", False)
    assert changed["updated_at"] > key["updated_at"]
    assert changed["created_at"] == key["created_at"]


def test_an_expiry_is_kept_in_utc(platform):
    key = platform.create_key(expires_at="2999-01-01T02:00:00+02:00")
    assert key["expires_at"] == "2999-01-01T00:00:00.000000Z"


@pytest.mark.parametrize(
    ("method", "members", "field"),
    [
        ("POST", {}, "name"),
        ("POST", {"name": " "}, "name"),
        ("POST", {"name": 7}, "name"),
        ("POST", {"name": "x", "expires_at": "tomorrow"}, "expires_at"),
        ("POST", {"name": "x", "expires_at": "2999-01-01T00:00:00"}, "expires_at"),
        ("POST", {"name": "x", "expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
        ("PUT", {"name": ""}, "name"),
        ("PUT", {"is_active": "no"}, "is_active"),
        ("PUT", {}, "api_key"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_changes(platform, method, members, field):
    key = platform.create_key("kept")
    path = "/api-keys" if method == "POST" else f"/api-keys/{key['id']}"
    answer = platform(method, path, json={"api_key": members})
    assert answer.status_code == 422
    assert list(answer.json()["errors"]["detail"]) == [field]
    assert platform("GET", "/api-keys").json()["data"] == [key | {"key": None}]


def test_the_wrapper_is_required(platform):
    answer = platform("POST", "/api-keys", json={"name": "x"})
    assert (answer.status_code, list(answer.json()["errors"]["detail"])) == (422, ["api_key"])


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"api_key": NaN}', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_malformed(platform, body):
    assert platform("POST", "/api-keys", content=body).status_code == 400


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_another_users_key_does_not_exist(emulator, platform, platform_of, method):
    key = platform.create_key("mine")
    stranger = platform_of(emulator.create_account().access_token)
    answer = stranger(method, f"/api-keys/{key['id']}", json={"api_key": {"name": "stolen"}})
    assert answer.status_code == 404
    assert stranger("GET", "/api-keys").json()["data"] == []
    assert platform("GET", "/api-keys").json()["data"] == [key | {"key": None}]
