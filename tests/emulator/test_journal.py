import base64
import pickle

import pytest


@pytest.mark.plain_words
def test_requests_are_entered_in_order_with_who_asked(admin, emulator, platform, chat, http):
    key = platform.create_key()
    redirect = chat.ask(key["key"])
    chat.follow(redirect)
    http.get(f"{emulator.trading}/me", headers={"authorization": "Bearer wrong"})

    entries = admin("GET", "/journal").json()["data"]
    assert [entry["sequence"] for entry in entries] == [1, 2, 3, 4]
    seen = [
        (entry["surface"], entry["method"], entry["path"], entry["status"]) for entry in entries
    ]
    assert seen == [
        ("platform", "POST", "/api/v1/api-keys", 201),
        ("consumption", "POST", "/v1/chat/completions", 307),
        ("gateway", "POST", "/v1/chat/completions", 200),
        ("trading", "GET", "/v1/me", 401),
    ]
    user_id = emulator.account.user_id
    assert [entry["user_id"] for entry in entries] == [user_id, user_id, user_id, None]
    assert [entry["api_key_id"] for entry in entries] == [None, key["id"], key["id"], None]
    assert entries[1]["request_id"] == redirect.headers["x-request-id"]
    assert entries == emulator.journal()


def test_times_are_the_markets(emulator, platform):
    platform("GET", "/api-keys")
    emulator.advance(24 * 3600)
    platform("GET", "/api-keys")
    first, second = emulator.journal()
    assert first["time"][:10] < second["time"][:10]


def test_no_credential_is_remembered(emulator, platform, chat, signer, device_login):
    key = platform.create_key()
    redirect = chat.ask(key["key"], messages=[{"role": "user", "content": "private words"}])
    chat.follow(redirect)
    signed = signer.headers(int(emulator.now().timestamp()), "GET", "/v1/me")
    assert platform.http.get(f"{emulator.trading}/me", headers=signed).status_code == 200
    device_login.begin()
    refreshed = device_login.refresh(emulator.account.refresh_token).json()

    secrets = [
        key["key"],
        redirect.headers["location"].rpartition("token=")[2],
        "private words",
        signed["x-thegrid-signature"],
        emulator.account.access_token,
        emulator.account.refresh_token,
        refreshed["access_token"],
        refreshed["refresh_token"],
        device_login.started["device_code"],
    ]
    shown = repr(emulator) + repr(emulator.account) + repr(emulator.journal())
    remembered = pickle.dumps(emulator._venue) + shown.encode()
    assert key["id"].encode() in remembered
    for secret in secrets:
        assert secret.encode() not in remembered
        assert base64.b64encode(secret.encode()) not in remembered
