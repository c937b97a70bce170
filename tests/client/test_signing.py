"""Request signing, against the vectors that client and emulator share."""

import json
import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from thegrid.client import Clock, LoginRejected, Misuse, SigningKey
from thegrid.client._auth import SignatureAuth
from thegrid.client.signing_key import decode_base64, fingerprint, parse_public_key

VECTORS = json.loads(
    (Path(__file__).parents[1] / "contract" / "signing_vectors.json").read_text(encoding="utf-8")
)
KEY = VECTORS["key"]
FORMS = ("seed_base64", "seed_base64_unpadded", "secret_base64")
ACCEPTED = {f"{vector['name']} {vector['case']}": vector for vector in VECTORS["accepted"]}
REJECTED = {
    f"{vector['name']} {vector['case']}": vector
    for vector in VECTORS["rejected"]
    if vector["server_clock"] == int(vector["timestamp"])
}


def signed(vector, clock, *, form="seed_base64"):
    """Sign a vector's request as httpx would send it."""
    request = httpx.Request(
        vector["method"],
        f"https://trading.api.thegrid.ai{vector['target']}",
        content=vector["body"].encode(),
    )
    flow = SignatureAuth(SigningKey.parse(KEY[form]), clock).sync_auth_flow(request)
    return next(flow)


@pytest.fixture
def clock_of(stopped_at):
    return lambda vector: stopped_at(datetime.fromtimestamp(int(vector["timestamp"]), UTC))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ACCEPTED)
def test_vector_is_signed_exactly(name, form, clock_of):
    vector = ACCEPTED[name]
    headers = signed(vector, clock_of(vector), form=form).headers
    assert headers["x-thegrid-timestamp"] == vector["timestamp"]
    assert headers["x-thegrid-fingerprint"] == KEY["fingerprint"]
    assert headers["x-thegrid-signature"] == vector["signature"]


@pytest.mark.parametrize("name", REJECTED)
def test_negative_vector_is_not_what_we_sign(name, clock_of):
    vector = REJECTED[name]
    signature = signed(vector, clock_of(vector)).headers["x-thegrid-signature"]
    assert signature != vector["signature"]


def test_there_are_vectors():
    assert len(ACCEPTED) >= 7
    assert len(REJECTED) >= 3


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_private_key_gives_the_same_pair(form):
    key = SigningKey.parse(f"  {KEY[form]}\n")
    assert key == SigningKey.parse(KEY["seed_base64"])
    assert key.public_key == KEY["public_key_base64"]
    assert key.fingerprint == KEY["fingerprint"]
    assert key.private_key.reveal() == KEY["seed_base64"]


def test_base64_may_come_in_the_alphabet_of_addresses():
    url_safe = KEY["secret_base64"].replace("+", "-").replace("/", "_")
    assert SigningKey.parse(url_safe).fingerprint == KEY["fingerprint"]


def test_the_fingerprint_is_the_unpadded_digest():
    assert fingerprint(bytes.fromhex(KEY["public_key_hex"])) == KEY["fingerprint"]


def test_a_generated_key_comes_back_from_its_text():
    key = SigningKey.generate()
    assert SigningKey.parse(key.private_key.reveal()) == key
    assert key != SigningKey.generate()


PLANTED = "cGxhbnRlZC00ZjljMmE="
NO_KEYS = {
    "empty": ("", "0 bytes"),
    "too short": (PLANTED, "14 bytes"),
    "48 bytes": ("A" * 64, "48 bytes"),
    "no base64": (f"{PLANTED}*", "not base64"),
    "a length that base64 never has": ("AAAAA", "not base64"),
    "PEM": (f"-----BEGIN PRIVATE KEY-----\n{PLANTED}\n", "PEM is not supported"),
    "letters beyond ASCII": (f"{PLANTED}é", "not base64"),
}


@pytest.mark.parametrize("sentence", NO_KEYS)
def test_refuses_as_private_key(sentence):
    text, why = NO_KEYS[sentence]
    with pytest.raises(Misuse, match=f"^private_key: .*{why}") as caught:
        SigningKey.parse(text)
    assert PLANTED not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_public_key_has_exactly_32_bytes():
    assert parse_public_key(KEY["public_key_base64"]).hex() == KEY["public_key_hex"]
    with pytest.raises(Misuse, match=r"^public_key: 64 bytes; an Ed25519 public key has 32"):
        parse_public_key(KEY["secret_base64"])


def test_what_is_decoded_is_named():
    with pytest.raises(Misuse, match=r"^the_field: "):
        decode_base64("?", what="the_field")


def test_a_key_pair_does_not_show_its_private_half():
    key = SigningKey.parse(KEY["seed_base64"])
    assert KEY["seed_base64"] not in repr(key)
    assert KEY["seed_hex"] not in repr(key)
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(key)


@pytest.fixture
def registered(client):
    key = SigningKey.generate()
    client.create_trading_key("robot", key.public_key)
    return key


def test_a_registered_key_opens_the_trading_host(registered, client_of, emulator):
    assert client_of(registered).trading_account().user_id == emulator.account.user_id


def test_an_unknown_key_does_not(client_of):
    with pytest.raises(LoginRejected):
        client_of(SigningKey.generate()).trading_account()


def test_a_revoked_key_does_not(registered, client, client_of, emulator, later):
    later()
    signing = client_of(registered, clock=emulator.clock)
    assert signing.trading_account().user_id == emulator.account.user_id
    client.revoke_trading_key(client.list_trading_keys()[0].id)
    with pytest.raises(LoginRejected):
        signing.trading_account()


@pytest.mark.parametrize("seconds", [-31, 31])
def test_a_clock_that_is_31_seconds_off_is_refused(
    seconds, registered, client_of, emulator, stopped_at
):
    wrong = stopped_at(emulator.now() + timedelta(seconds=seconds + (seconds > 0)))
    with pytest.raises(LoginRejected):
        client_of(registered, clock=wrong).trading_account()


def test_a_request_is_signed_anew_when_it_is_sent_again(registered, client_of, emulator):
    """A clock that is set right between two attempts must help the second."""

    class LateClock(Clock):
        looks = 0

        def now(self):
            LateClock.looks += 1
            return super().now() - timedelta(hours=1 if LateClock.looks == 1 else 0)

    emulator.order_fault("GET", "/me", status=503, surface="trading")
    account = client_of(registered, clock=LateClock()).trading_account()
    assert account.user_id == emulator.account.user_id
