from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest


@pytest.fixture
def send_vector(emulator, http, trader, platform_of, vectors):
    """Sends a vector as its own HTTP request, at its own time; its key is a trader's."""
    known = vectors["key"]
    platform = platform_of(trader.access_token)
    body = {"signing_key": {"label": "known", "public_key": known["public_key_base64"]}}
    assert platform("POST", "/signing-keys", json=body).status_code == 201

    def send(vector, server_clock):
        emulator.clock.move_to(datetime.fromtimestamp(server_clock, UTC))
        headers = {
            "x-thegrid-timestamp": vector["timestamp"],
            "x-thegrid-fingerprint": known["fingerprint"],
            "x-thegrid-signature": vector["signature"],
        }
        address = urlsplit(emulator.trading)
        url = f"{address.scheme}://{address.netloc}{vector['target']}"
        return http.request(vector["method"], url, headers=headers, content=vector["body"].encode())

    return send


@pytest.mark.plain_words
def test_every_genuine_vector_is_accepted_over_http(send_vector, vectors):
    answers = {
        vector["name"]: send_vector(vector, int(vector["timestamp"]))
        for vector in vectors["accepted"]
    }
    statuses = {name: answer.status_code for name, answer in answers.items()}
    assert statuses == {
        "V1": 200,  # a list of orders
        "V2": 201,  # an order
        "V3": 404,  # a change of an order that there is not
        "V4": 404,  # a cancel of it
        "V5": 200,  # the account
        "V6": 202,  # a transfer of what V2 bought
        "V7": 422,  # an order without a market
    }


@pytest.mark.plain_words
def test_every_wrong_vector_is_rejected_over_http(send_vector, vectors):
    codes = set()
    for vector in vectors["rejected"]:
        answer = send_vector(vector, vector["server_clock"])
        assert answer.status_code == 401, vector["name"]
        codes.add(answer.json()["errors"]["detail"])
    assert codes == {"timestamp_out_of_range", "signature_verification_failed"}


def test_health_is_open_to_everybody(http, emulator):
    assert http.get(f"{emulator.trading}/health").json()["data"]["status"] == "ok"


def test_the_query_is_not_signed_and_the_path_with_its_prefix_is(http, emulator, signer):
    now = int(emulator.now().timestamp())
    headers = signer.headers(now, "GET", "/v1/me")
    answer = http.get(f"{emulator.trading}/me?extra=1", headers=headers)
    assert answer.json()["data"]["user_id"] == emulator.account.user_id
    headers = signer.headers(now, "GET", "/me")
    assert http.get(f"{emulator.trading}/me", headers=headers).status_code == 401


def test_percent_encoding_is_signed_as_it_was_sent(http, emulator, signer):
    now = int(emulator.now().timestamp())
    url = f"{emulator.trading}/%6de"
    headers = signer.headers(now, "GET", "/v1/%6de")
    assert http.get(url, headers=headers).status_code == 200
    headers = signer.headers(now, "GET", "/v1/me")
    assert http.get(url, headers=headers).status_code == 401


def test_a_body_is_covered_even_where_none_is_expected(http, emulator, signer):
    now = int(emulator.now().timestamp())
    headers = signer.headers(now, "GET", "/v1/me")
    url = f"{emulator.trading}/me"
    assert http.request("GET", url, headers=headers, content=b"{}").status_code == 401


@pytest.mark.plain_words
def test_a_revoked_signing_key_stops_at_once(http, emulator, signer, platform):
    headers = signer.headers(int(emulator.now().timestamp()), "GET", "/v1/me")
    assert http.get(f"{emulator.trading}/me", headers=headers).status_code == 200
    (listed,) = platform("GET", "/signing-keys").json()["data"]
    assert listed["last_used_at"] is not None
    platform("DELETE", f"/signing-keys/{listed['id']}")
    answer = http.get(f"{emulator.trading}/me", headers=headers)
    assert answer.json()["errors"]["detail"] == "unknown_fingerprint"


@pytest.mark.plain_words
def test_a_bearer_is_accepted_instead_of_a_signature(http, emulator):
    account = emulator.create_account(mode="advanced", scopes=["account:read"])
    headers = {"authorization": f"Bearer {account.access_token}"}
    me = http.get(f"{emulator.trading}/me", headers=headers).json()["data"]
    assert (
        me.items()
        >= {
            "user_id": account.user_id,
            "email": account.email,
            "account_mode": "advanced",
            "capabilities": ["trade"],
            "email_verified": True,
            "accepted_terms": True,
        }.items()
    )


@pytest.mark.plain_words
def test_a_bearer_counts_before_a_signature_and_needs_its_scope(http, emulator, signer):
    signature = signer.headers(int(emulator.now().timestamp()), "GET", "/v1/me")
    url = f"{emulator.trading}/me"
    unknown = signature | {"authorization": "Bearer grid_at_unknown"}
    assert http.get(url, headers=unknown).json() == {"errors": {"detail": "invalid_token"}}
    account = emulator.create_account(scopes=["keys:manage"])
    narrow = signature | {"authorization": f"Bearer {account.access_token}"}
    answer = http.get(url, headers=narrow)
    assert answer.status_code == 403
    assert answer.json()["errors"]["detail"] == "insufficient_scope"
