import base64
from datetime import UTC, datetime

import pytest

from thegrid_emulator.errors import MarketError
from thegrid_emulator.state.signatures import SignedRequest, verify
from thegrid_emulator.state.signing_keys import SigningKeys


@pytest.fixture
def keys(vectors):
    """A market in which the key of the vectors is registered."""
    keys = SigningKeys()
    public_key = vectors["key"]["public_key_base64"]
    keys.register("user_1", label="known", public_key=public_key, now=at(0))
    return keys


def at(unix_seconds):
    return datetime.fromtimestamp(unix_seconds, UTC)


def signed(vector, fingerprint, **changes):
    parts = {
        "method": vector["method"],
        "path": vector["path"].encode(),
        "body": vector["body"].encode(),
        "timestamp": vector["timestamp"],
        "fingerprint": fingerprint,
        "signature": vector["signature"],
    }
    return SignedRequest(**(parts | changes))


def test_there_are_vectors_of_both_kinds(vectors):
    assert len(vectors["accepted"]) == 7
    assert len(vectors["rejected"]) == 3 + 2 * 7


def test_every_genuine_vector_is_accepted(vectors, keys):
    for vector in vectors["accepted"]:
        request = signed(vector, vectors["key"]["fingerprint"])
        assert len(request.message) == vector["message_bytes"]
        key = verify(request, keys.find_active, at(int(vector["timestamp"])))
        assert key.user_id == "user_1"


def test_every_wrong_vector_is_rejected(vectors, keys):
    for vector in vectors["rejected"]:
        request = signed(vector, vectors["key"]["fingerprint"])
        with pytest.raises(MarketError) as refusal:
            verify(request, keys.find_active, at(vector["server_clock"]))
        assert refusal.value.status == 401


@pytest.mark.parametrize("seconds", [-30, 30, 30.9])
def test_a_timestamp_thirty_seconds_off_is_still_in_the_window(vectors, keys, seconds):
    vector = vectors["accepted"][0]
    request = signed(vector, vectors["key"]["fingerprint"])
    verify(request, keys.find_active, at(int(vector["timestamp"]) + seconds))


def test_checks_come_in_the_order_headers_key_window_signature(vectors, keys):
    vector = vectors["accepted"][0]
    now = int(vector["timestamp"])
    wrong = {"fingerprint": "unknown", "timestamp": "1", "signature": "wrong"}
    reasons = []
    for changes in (
        wrong | {"signature": ""},
        wrong,
        wrong | {"fingerprint": vectors["key"]["fingerprint"]},
        {"signature": "wrong"},
    ):
        request = signed(vector, **({"fingerprint": vectors["key"]["fingerprint"]} | changes))
        with pytest.raises(MarketError) as refusal:
            verify(request, keys.find_active, at(now))
        reasons.append(refusal.value.detail)
    assert reasons == [
        "missing_authentication_headers",
        "unknown_fingerprint",
        "timestamp_out_of_range",
        "signature_verification_failed",
    ]


@pytest.mark.parametrize("timestamp", ["1767225600.0", "+1767225600", " 1767225600", "१७६७२२५६००"])
def test_a_timestamp_is_plain_decimal_seconds(vectors, keys, timestamp):
    vector = vectors["accepted"][0]
    request = signed(vector, vectors["key"]["fingerprint"], timestamp=timestamp)
    with pytest.raises(MarketError, match="timestamp_out_of_range"):
        verify(request, keys.find_active, at(1767225600))


@pytest.mark.parametrize("change", ["method", "path", "body"])
def test_whatever_is_signed_cannot_be_changed(vectors, keys, change):
    other = {"method": "PATCH", "path": b"/v1/orders/other", "body": b" "}
    vector = vectors["accepted"][2]
    request = signed(vector, vectors["key"]["fingerprint"], **{change: other[change]})
    with pytest.raises(MarketError, match="signature_verification_failed"):
        verify(request, keys.find_active, at(int(vector["timestamp"])))


def test_a_signature_of_another_length_is_refused(vectors, keys):
    vector = vectors["accepted"][0]
    signature = base64.b64encode(base64.b64decode(vector["signature"]) + b"\0").decode()
    request = signed(vector, vectors["key"]["fingerprint"], signature=signature)
    with pytest.raises(MarketError, match="signature_verification_failed"):
        verify(request, keys.find_active, at(int(vector["timestamp"])))
