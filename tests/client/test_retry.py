"""What is sent again, and what never is."""

import copy
import socket

import httpx
import pytest

from thegrid.client import Clock, Endpoints, InDoubt, RateLimited, Refused, Unreachable
from thegrid.client._auth import BearerAuth, FixedToken
from thegrid.client._call import call
from thegrid.client._http import Sender
from thegrid.core.secret import Secret


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

    now = 1767225600

    class Clock2026(Clock):
        def now(self):
            return super().now().fromtimestamp(now, tz=super().now().tzinfo)

    reset = {"x-ratelimit-reset": str(now + 9)}
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


def test_what_cannot_be_repeated_must_say_what_to_look_for():
    with pytest.raises(ValueError, match="what to look for"):
        call("POST", Endpoints().platform, "/api-keys")
