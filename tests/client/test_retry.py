"""What is sent again, after how long, and what never is."""

import copy
import socket

import httpx
import pytest

from thegrid.client import (
    Clock,
    Endpoints,
    InDoubt,
    Inference,
    InferenceRetries,
    RateLimited,
    Refused,
    Unreachable,
)
from thegrid.client._auth import BearerAuth, FixedToken
from thegrid.client._call import call
from thegrid.client._http import Sender
from thegrid.client._retry import Attempt, may_have_happened, retry_after, wait_before_retry
from thegrid.core.secret import Secret
from thegrid_emulator import Clock as MarketClock
from thegrid_emulator import serve

NOW = 1767225600.0
REPEAT = {"number": 1, "repeatable": True}
ONCE = {"number": 1, "repeatable": False}

WAITS = {
    "no answer to what may be repeated": (Attempt(**REPEAT), 0.2),
    "no answer to what may not": (Attempt(**ONCE), None),
    "what certainly never left, even if it may not be repeated": (
        Attempt(**ONCE, never_sent=True),
        0.2,
    ),
    "a certificate that is not trusted, which stays so": (
        Attempt(**REPEAT, never_sent=True, distrusted=True),
        None,
    ),
    "the second failure waits twice as long": (Attempt(2, repeatable=True), 0.4),
    "the third is the last": (Attempt(3, repeatable=True), None),
    "408": (Attempt(**REPEAT, status=408), 0.2),
    "429": (Attempt(**REPEAT, status=429), 0.2),
    "502": (Attempt(**REPEAT, status=502), 0.2),
    "503": (Attempt(**REPEAT, status=503), 0.2),
    "504": (Attempt(**REPEAT, status=504), 0.2),
    "500, which marks a bug": (Attempt(**REPEAT, status=500), None),
    "400": (Attempt(**REPEAT, status=400), None),
    "401": (Attempt(**REPEAT, status=401), None),
    "404": (Attempt(**REPEAT, status=404), None),
    "409": (Attempt(**REPEAT, status=409), None),
    "422": (Attempt(**REPEAT, status=422), None),
    "503 to what may not be repeated": (Attempt(**ONCE, status=503), None),
    "408 to what may not be repeated": (Attempt(**ONCE, status=408), None),
    "429 to what may not be repeated, since nothing was done": (Attempt(**ONCE, status=429), 0.2),
    "a wait that was asked for": (Attempt(**REPEAT, status=429, retry_after=7.0), 7.0),
    "no wait at all": (Attempt(**REPEAT, status=429, retry_after=0.0), 0.0),
    "the longest wait that is slept through": (
        Attempt(**REPEAT, status=429, retry_after=30.0),
        30.0,
    ),
    "a longer one is told instead": (Attempt(**REPEAT, status=429, retry_after=30.1), None),
    "a transfer that lost the race for its account, whatever the status": (
        Attempt(**ONCE, status=500, code="account_already_exists"),
        0.2,
    ),
    "a wait does not make a bug repeatable": (
        Attempt(**REPEAT, status=500, retry_after=1.0),
        None,
    ),
}


@pytest.mark.parametrize("sentence", WAITS)
def test_wait_before_retry(sentence):
    attempt, expected = WAITS[sentence]
    assert wait_before_retry(attempt, 0.0) == expected


def test_waits_are_spread_by_at_most_a_quarter():
    assert wait_before_retry(Attempt(**REPEAT), 1.0) == pytest.approx(0.25)


HEADERS = {
    "retry-after comes first": (
        {"retry-after": "5", "x-ratelimit-retry-after": "6", "x-ratelimit-reset": "7"},
        5.0,
    ),
    "then x-ratelimit-retry-after": ({"x-ratelimit-retry-after": "6", "x-ratelimit-reset": "7"}, 6),
    "x-ratelimit-reset as a timestamp": ({"x-ratelimit-reset": str(int(NOW) + 12)}, 12),
    "x-ratelimit-reset as seconds": ({"x-ratelimit-reset": "7"}, 7),
    "a reset in the past": ({"x-ratelimit-reset": str(int(NOW) - 12)}, 0),
    "a negative wait": ({"retry-after": "-3"}, 0),
    "a date instead of seconds": ({"retry-after": "Wed, 01 Jan 2026 00:00:00 GMT"}, 60),
    "a date, but another header helps": ({"retry-after": "soon", "x-ratelimit-reset": "7"}, 7),
    "no number": ({"retry-after": "nan"}, 60),
    "no end": ({"retry-after": "inf"}, 60),
    "no header": ({}, 60),
}


@pytest.mark.parametrize("sentence", HEADERS)
def test_retry_after(sentence):
    headers, seconds = HEADERS[sentence]
    assert retry_after(headers, now=NOW) == seconds


@pytest.fixture
def waits():
    return []


@pytest.fixture
def sender(emulator, opened, waits):
    """A sender that notes its waits instead of sleeping."""
    auth = BearerAuth(FixedToken(Secret(emulator.account.access_token)))
    return opened(Sender(Clock(), auth=auth, sleep=waits.append))


@pytest.fixture
def read(emulator):
    return call("GET", f"{emulator.platform}/api/v1", "/api-keys")


@pytest.fixture
def mint(emulator):
    body = {"api_key": {"name": "web <owner#1>"}}
    base = f"{emulator.platform}/api/v1"
    return call("POST", base, "/api-keys", body=body, look_for="the key")


READ, MINT = "GET /api/v1/api-keys", "POST /api/v1/api-keys"


def fault(emulator, method="GET", **what):
    emulator.order_fault(method, "/api-keys", **what)


@pytest.mark.parametrize("what", [{"drop": "before"}, {"drop": "after"}, {"status": 503}])
def test_a_read_that_failed_is_sent_again(what, sender, read, emulator, asked):
    fault(emulator, **what)
    assert sender.send(read).status_code == 200
    assert asked() == [READ] * 2


def test_a_read_is_sent_at_most_three_times(sender, read, emulator, asked, waits):
    fault(emulator, drop="before", times=9)
    with pytest.raises(Unreachable, match="GET /api-keys: the connection broke"):
        sender.send(read)
    assert asked() == [READ] * 3
    assert 0.2 <= waits[0] <= 0.25
    assert 0.4 <= waits[1] <= 0.5


def test_a_revocation_that_lost_its_answer_is_sent_again(emulator, client, later):
    key_id = client.create_consumption_key("web").key.id
    emulator.order_fault("DELETE", "/api-keys/{id}", drop="after")
    client.revoke_consumption_key(key_id)
    later()
    assert not client.find_consumption_key(key_id).is_active


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_revocation_without_any_answer_may_have_happened_and_says_so(moment, emulator, client):
    key_id = client.create_consumption_key("web").key.id
    emulator.order_fault("DELETE", "/api-keys/{id}", drop=moment, times=9)
    with pytest.raises(
        Unreachable, match=r"it may have happened, and doing it again is safe$"
    ) as it:
        client.revoke_consumption_key(key_id)
    assert it.value.may_have_happened
    assert copy.copy(it.value).may_have_happened
    emulator.clear_faults()
    client.revoke_consumption_key(key_id)


def test_a_read_without_any_answer_has_done_nothing(emulator, client):
    emulator.order_fault("GET", "/api-keys", drop="after", times=9)
    with pytest.raises(Unreachable, match=r"before the answer was complete$") as it:
        client.list_consumption_keys()
    assert not it.value.may_have_happened


@pytest.mark.parametrize(("moment", "made"), [("before", 0), ("after", 1)])
def test_a_mint_without_an_answer_is_in_doubt_and_never_sent_twice(
    moment, made, client, emulator, asked
):
    fault(emulator, "POST", drop=moment)
    with pytest.raises(InDoubt, match="it may have happened, so look for a consumption key named"):
        client.create_consumption_key("web")
    assert asked() == [MINT]
    assert len(emulator.api_keys(emulator.account.user_id)) == made


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_mint_that_a_server_failed_on_is_in_doubt_and_never_sent_twice(
    status, sender, mint, emulator, asked
):
    fault(emulator, "POST", status=status, retry_after=1)
    with pytest.raises(InDoubt):
        sender.send(mint)
    assert asked() == [MINT]


def test_a_mint_whose_answer_cannot_be_read_is_in_doubt(client, emulator):
    fault(emulator, "POST", status=201, body={"data": {"id": "1", "key": None}})
    with pytest.raises(InDoubt, match="a consumption key named 'web <owner#1>'") as caught:
        client.create_consumption_key("web <owner#1>")
    assert caught.value.look_for == "a consumption key named 'web <owner#1>'"


def test_a_mint_that_was_limited_is_sent_again_when_the_market_says(
    sender, mint, emulator, asked, waits
):
    fault(emulator, "POST", status=429, retry_after=30)
    assert sender.send(mint).is_success
    assert (asked(), waits) == ([MINT] * 2, [30.0])
    assert len(emulator.api_keys(emulator.account.user_id)) == 1


def test_a_limit_that_lasts_longer_than_the_cap_is_told_at_once(
    sender, read, emulator, asked, waits
):
    fault(emulator, status=429, retry_after=31)
    with pytest.raises(RateLimited) as caught:
        sender.send(read)
    assert caught.value.retry_after == 31.0
    assert (asked(), waits) == ([READ], [])


def test_the_markets_own_limit_is_understood(endpoints, opened, waits):
    """Only the header with a timestamp tells the wait; the clock turns it into seconds."""

    class Clock2026(Clock):
        def now(self):
            return super().now().fromtimestamp(NOW, tz=super().now().tzinfo)

    reset = {"x-ratelimit-reset": str(int(NOW) + 9)}
    limited = [httpx.Response(429, headers=reset), httpx.Response(200, json={})]
    transport = httpx.MockTransport(lambda _: limited.pop(0))
    sender = opened(Sender(Clock2026(), transport=transport, sleep=waits.append))
    sender.send(call("GET", endpoints.trading, "/me"))
    assert waits == [9.0]


def test_a_refusal_is_final(sender, mint, emulator, asked):
    fault(emulator, "POST", status=422)
    with pytest.raises(Refused):
        sender.send(mint)
    assert asked() == [MINT]


@pytest.fixture
def closed_port():
    """A port of this machine where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_a_mint_that_never_left_is_not_in_doubt(closed_port, opened, waits):
    """So the caller may try again at once, and the wait for the listing is spared."""
    base = f"http://127.0.0.1:{closed_port}"
    sender = opened(Sender(Clock(), sleep=waits.append))
    with pytest.raises(Unreachable, match="cannot be reached") as caught:
        sender.send(call("POST", base, "/api-keys", body={}, look_for="the key"))
    assert not isinstance(caught.value, InDoubt)
    assert len(waits) == 2


@pytest.fixture
def distrusted():
    """A market with a certificate of an authority that nobody trusts."""
    with serve(clock=MarketClock(), tls=True) as market:
        yield market


DISTRUST = r"certificate is not trusted .*SSL_CERT_FILE"


@pytest.mark.parametrize(
    "what", [{"method": "GET"}, {"method": "POST", "body": {}, "look_for": "the key"}]
)
def test_a_market_whose_certificate_is_not_trusted_is_told_at_once(distrusted, opened, waits, what):
    sender = opened(Sender(Clock(), sleep=waits.append))
    with pytest.raises(Unreachable, match=DISTRUST):
        sender.send(call(base=distrusted.platform, path="/api-keys", **what))
    assert waits == []


def test_so_it_is_where_inference_is_asked_for(distrusted, opened, waits):
    hosts = ("platform", "trading", "consumption", "messages")
    endpoints = Endpoints(*(getattr(distrusted, host) for host in hosts))
    inference = Inference(endpoints, Secret("key"), retries=AGAIN, sleep=waits.append)
    with pytest.raises(Unreachable, match=DISTRUST):
        opened(inference).chat_completion(*ASK)
    assert waits == []


def test_what_cannot_be_repeated_must_say_what_to_look_for():
    with pytest.raises(ValueError, match="what to look for"):
        call("POST", Endpoints().platform, "/api-keys")


class TwoTokens:
    """A source whose first token is no longer good."""

    def __init__(self, good):
        self.good = Secret(good)
        self.rejected = []

    def token(self):
        return Secret("stale")

    def renewed(self, rejected):
        self.rejected.append(rejected)
        return self.good


def test_a_rejected_token_is_renewed_once_and_the_request_sent_again(client_of, emulator, asked):
    source = TwoTokens(emulator.account.access_token)
    client_of(source).create_consumption_key("web")
    assert source.rejected == [Secret("stale")]
    assert asked() == [MINT] * 2
    assert len(emulator.api_keys(emulator.account.user_id)) == 1


def test_a_renewed_token_that_is_rejected_too_is_the_end(client_of, asked):
    with pytest.raises(Refused):
        client_of(TwoTokens("stale-as-well")).list_consumption_keys()
    assert asked() == [READ] * 2


def test_a_403_with_invalid_token_is_renewed_too(client_of, emulator):
    emulator.order_fault("GET", "/users/self", status=403, body={"error": "invalid_token"})
    source = TwoTokens(emulator.account.access_token)
    assert client_of(source).account().user_id == emulator.account.user_id


def test_a_missing_scope_is_not_renewed(client_of, emulator):
    emulator.order_fault("GET", "/users/self", status=403, body={"error": "insufficient_scope"})
    source = TwoTokens(emulator.account.access_token)
    with pytest.raises(Refused):
        client_of(source).account()
    assert source.rejected == []


DOUBTS = {
    "a failed server": ({"status": 500}, True),
    "a gateway": ({"status": 502}, True),
    "a request that took too long": ({"status": 408}, True),
    "a refusal": ({"status": 422}, False),
    "a limit": ({"status": 429}, False),
    "a code that says that nothing was done": (
        {"status": 500, "code": "account_already_exists"},
        False,
    ),
}


@pytest.mark.parametrize("sentence", DOUBTS)
def test_what_may_not_be_done_twice_is_in_doubt_after(sentence):
    facts, doubt = DOUBTS[sentence]
    assert may_have_happened(Attempt(**ONCE, **facts)) is doubt
    assert not may_have_happened(Attempt(**REPEAT, **facts))


AGAIN = InferenceRetries()
BUYING = InferenceRetries(while_buying=True)

INFERENCE_WAITS = {
    "429": (AGAIN, {"status": 429}, 1.0),
    "500, which is not billed": (AGAIN, {"status": 500}, 1.0),
    "503, while units are bought": (AGAIN, {"status": 503}, 1.0),
    "the second failure": (AGAIN, {"number": 2, "status": 503}, 2.0),
    "the fourth": (AGAIN, {"number": 4, "status": 503}, 8.0),
    "the fifth is the last": (AGAIN, {"number": 5, "status": 503}, None),
    "402, when nobody buys": (AGAIN, {"status": 402}, None),
    "402, while units are bought": (BUYING, {"status": 402}, 1.0),
    "400": (BUYING, {"status": 400}, None),
    "401": (BUYING, {"status": 401}, None),
    "404": (BUYING, {"status": 404}, None),
    "422": (BUYING, {"status": 422}, None),
    "502": (BUYING, {"status": 502}, None),
    "no answer": (BUYING, {}, None),
    "what certainly never left": (AGAIN, {"never_sent": True}, 1.0),
    "a certificate that is not trusted": (AGAIN, {"never_sent": True, "distrusted": True}, None),
    "a wait that was asked for": (AGAIN, {"status": 429, "retry_after": 7.0}, 7.0),
    "a longer one is told instead": (AGAIN, {"status": 429, "retry_after": 31.0}, None),
    "a single attempt": (InferenceRetries(attempts=1), {"status": 503}, None),
}


@pytest.mark.parametrize("sentence", INFERENCE_WAITS)
def test_an_inference_call_waits_after(sentence):
    retries, facts, expected = INFERENCE_WAITS[sentence]
    assert retries.wait(Attempt(**(ONCE | facts)), 0.0) == expected


def test_inference_calls_return_spread_over_a_second():
    assert AGAIN.wait(Attempt(**ONCE, status=503), 0.5) == 1.5


@pytest.mark.parametrize("attempts", [0, -1])
def test_an_inference_call_is_sent_at_least_once(attempts):
    with pytest.raises(ValueError, match=rf"^attempts: {attempts} is below 1$"):
        InferenceRetries(attempts=attempts)


INFERENCE = "POST /v1/chat/completions"
ASK = ("text-prime", [{"role": "user", "content": "hi"}])


@pytest.fixture
def patient(client, endpoints, opened, waits):
    """Inference that sends refused calls again, and notes its waits instead of sleeping."""
    key = client.create_consumption_key("patient").secret
    return opened(Inference(endpoints, key, retries=AGAIN, sleep=waits.append))


def test_an_inference_call_that_was_refused_for_now_is_sent_again(patient, emulator, asked, waits):
    emulator.order_fault("POST", "/chat/completions", status=503, times=2)
    assert patient.chat_completion(*ASK)["choices"]
    assert asked()[:3] == [INFERENCE] * 3
    assert 1 <= waits[0] <= 2 <= waits[1] <= 3


def surfaces(emulator):
    """Where the requests of inference arrived, in order."""
    return [it["surface"] for it in emulator.journal() if "/chat/" in it["path"]]


def test_a_streamed_call_is_sent_again_before_its_first_event(patient, emulator):
    emulator.order_fault("POST", "/chat/completions", status=429, retry_after=3)
    assert list(patient.stream_chat_completion(*ASK))
    assert surfaces(emulator) == ["consumption", "consumption", "gateway"]


def test_an_inference_call_whose_answer_broke_is_not_sent_again(patient, emulator):
    emulator.order_fault("POST", "/chat/completions", surface="gateway", drop="after")
    with pytest.raises(Unreachable):
        patient.chat_completion(*ASK)
    assert surfaces(emulator) == ["consumption", "gateway"]


def test_an_inference_call_that_the_key_may_not_make_is_not_sent_again(patient, emulator, asked):
    emulator.order_fault("POST", "/chat/completions", status=402)
    with pytest.raises(Refused, match="deposit, buy, or let the platform buy"):
        patient.chat_completion(*ASK)
    assert asked() == [INFERENCE]
