"""Requests are held back while the market's limit is known to be spent, and only then."""

import threading
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from tests.emulation import emulated, generous

from thegrid.client import Client, Endpoints, Inference, RateLimited, SigningKey
from thegrid.client._budget import Budget, Budgets, Window, learn, spend, wait_for
from thegrid.core.secret import Secret
from thegrid_emulator import Clock as MarketClock

NOW = 1767225600.0
DATE = "Thu, 01 Jan 2026 00:00:00 GMT"


def told(left, reset, **more):
    return {"x-ratelimit-remaining": str(left), "x-ratelimit-reset": str(reset)} | more


WAITS = {
    "nothing is known": (None, 0),
    "a request is left": (Window(1, NOW + 9), 0),
    "none is left": (Window(0, NOW + 9), 9),
    "fewer than none are left": (Window(-3, NOW + 9), 9),
    "the window is over": (Window(0, NOW), 0),
    "the window was over long ago": (Window(0, NOW - 9), 0),
}


@pytest.mark.parametrize("sentence", WAITS)
def test_the_wait_when(sentence):
    window, seconds = WAITS[sentence]
    assert wait_for(window, NOW) == seconds


LESSONS = {
    "a timestamp": (None, told(5, int(NOW) + 9), Window(5, NOW + 9)),
    "plain seconds": (None, told(5, 9), Window(5, NOW + 9)),
    "a timestamp by the market's own clock": (
        None,
        told(5, int(NOW) + 3609, date="Thu, 01 Jan 2026 01:00:00 GMT"),
        Window(5, NOW + 9),
    ),
    "no limit at all": (Window(5, NOW + 9), {}, Window(5, NOW + 9)),
    "half of it": (None, {"x-ratelimit-remaining": "5"}, None),
    "no numbers": (None, told("many", "soon"), None),
    "a number without end": (None, told("inf", 9), None),
    "a window that is over": (None, told(0, int(NOW) - 9), None),
    "a quota for the day": (None, told(0, int(NOW) + 86400), None),
    "an answer that was overtaken": (Window(3, NOW + 9), told(5, 9), Window(3, NOW + 9)),
    "an answer that counts others too": (Window(3, NOW + 9), told(1, 9), Window(1, NOW + 9)),
    "the next window": (Window(0, NOW + 1), told(99, 61), Window(99, NOW + 61)),
}


@pytest.mark.parametrize("sentence", LESSONS)
def test_what_is_learnt_from(sentence):
    before, headers, after = LESSONS[sentence]
    assert learn(before, headers, NOW) == after


def test_a_date_that_is_none_is_passed_over():
    assert learn(None, told(5, int(NOW) + 9, date="soon"), NOW) == Window(5, NOW + 9)
    assert learn(None, told(5, int(NOW) + 9, date=DATE), NOW + 2) == Window(5, NOW + 11)


def test_a_window_is_spent_until_it_is_over():
    assert spend(Window(2, NOW + 9), NOW) == Window(1, NOW + 9)
    assert spend(Window(2, NOW + 9), NOW + 9) is None
    assert spend(None, NOW) is None


def test_threads_together_take_no_more_than_is_left():
    budget = Budget()
    budget.learn(told(20, 60), NOW)
    taken, barrier = [], threading.Barrier(8)

    def take():
        barrier.wait()
        taken.extend(budget.take(NOW) for _ in range(10))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken.count(0.0) == 20
    assert set(taken) == {0.0, 60.0}


def test_a_budget_belongs_to_a_credential_on_a_surface():
    budgets = Budgets()
    mine = budgets.of("https://a", "token", NOW)
    assert budgets.of("https://a", "token", NOW) is mine
    assert budgets.of("https://b", "token", NOW) is not mine
    assert budgets.of("https://a", "other", NOW) is not mine


def test_credentials_are_not_kept():
    budgets = Budgets()
    budgets.of("https://a", "planted-4f9c2a", NOW)
    assert "planted" not in repr(vars(budgets))


def test_budgets_that_are_over_are_forgotten_in_time():
    budgets = Budgets()
    lasting = budgets.of("https://a", "lasting", NOW)
    lasting.learn(told(1, 600), NOW)
    for number in range(3000):
        budgets.of("https://a", str(number), NOW)
    assert len(vars(budgets)["_budgets"]) <= 1025
    assert budgets.of("https://a", "lasting", NOW) is lasting


class Market:
    """A market that says how much is left, and counts what reaches it."""

    def __init__(self, clock, left, seconds):
        self.clock, self.left = clock, left
        self.resets_at = clock.now().timestamp() + seconds
        self.requests = 0

    def __call__(self, request):
        now = self.clock.now().timestamp()
        if now >= self.resets_at:
            self.left, self.resets_at = 100, now + 60
        self.requests += 1
        self.left -= 1
        status = 200 if self.left >= 0 else 429
        headers = told(max(self.left, 0), int(self.resets_at))
        return httpx.Response(status, json={"data": [], "id": "1"}, headers=headers)


@pytest.fixture
def moving(stopped_at):
    """A clock that moves only when somebody sleeps, and the sleeps."""
    clock = stopped_at(datetime.fromtimestamp(NOW, UTC))
    sleeps = []

    def sleep(seconds):
        sleeps.append(seconds)
        clock.time += timedelta(seconds=seconds)

    return clock, sleep, sleeps


@pytest.fixture
def asking(moving, opened):
    """Makes inference, of a key, at a market that has so much left for so many seconds."""
    clock, sleep, _ = moving

    def make(key, market):
        return opened(
            Inference(
                Endpoints(),
                Secret(key),
                transport=httpx.MockTransport(market),
                clock=clock,
                sleep=sleep,
            )
        )

    return make


def test_what_the_market_would_refuse_waits_and_is_not_sent(asking, moving):
    clock, _, sleeps = moving
    market = Market(clock, left=2, seconds=20)
    inference = asking("waits", market)
    for _ in range(3):
        inference.models()
    assert (sleeps, market.requests) == ([20.0], 3)


def test_a_call_of_a_model_waits_as_well(asking, moving):
    clock, _, sleeps = moving
    market = Market(clock, left=1, seconds=20)
    inference = asking("calls", market)
    inference.models()
    inference.chat_completion("text-prime", [])
    assert (sleeps, market.requests) == ([20.0], 2)


def test_a_long_wait_is_told_instead_and_nothing_is_sent(asking, moving):
    clock, _, sleeps = moving
    market = Market(clock, left=1, seconds=31)
    inference = asking("long", market)
    inference.models()
    with pytest.raises(RateLimited, match="used up the market's limit; nothing was sent") as caught:
        inference.models()
    assert caught.value.retry_after == 31.0
    assert (sleeps, market.requests) == ([], 1)


def test_clients_of_one_credential_share_what_they_learn(asking, moving):
    clock, _, sleeps = moving
    market = Market(clock, left=1, seconds=20)
    asking("shared", market).models()
    asking("unshared", lambda _: httpx.Response(200, json={"data": []})).models()
    assert sleeps == []
    asking("shared", market).models()
    assert sleeps == [20.0]


def test_a_limit_that_others_used_up_holds_everybody_back(asking, moving):
    """A 429 tells it as well; the request that got it is repeated when the market says."""
    clock, _, sleeps = moving
    market = Market(clock, left=0, seconds=7)
    asking("others", market).models()
    assert sleeps == [7.0]
    assert market.requests == 2


def test_what_needs_no_login_is_not_counted(market_answering):
    spent = told(0, 60)
    client = market_answering(
        lambda request: httpx.Response(200, json={"data": {"status": "ok"}}, headers=spent)
    )
    assert client.health() == client.health()


@pytest.mark.parametrize("login", [SigningKey.generate(), Secret("a-token-of-its-own")])
def test_every_kind_of_login_has_a_budget(login, moving, opened):
    clock, _, _ = moving
    market = Market(clock, left=1, seconds=31)
    network = httpx.MockTransport(market)
    client = opened(Client(Endpoints(), login, transport=network, clock=clock))
    client.orders().all()
    with pytest.raises(RateLimited):
        client.orders().all()
    assert market.requests == 1


@pytest.mark.parametrize("left", [1, 0])
def test_who_has_no_patience_is_told_of_a_short_wait_too(left, moving, opened):
    """Whether the limit is known to be spent, or a refusal tells it."""
    clock, _, _ = moving
    market = Market(clock, left=left, seconds=3)
    network = httpx.MockTransport(market)
    login = Secret(f"a-token-in-a-hurry-{left}")
    client = opened(Client(Endpoints(), login, transport=network, clock=clock, patience=2))
    if left:
        client.orders().all()
    with pytest.raises(RateLimited) as caught:
        client.orders().all()
    assert (caught.value.retry_after, market.requests) == (3.0, 1)


def test_a_strict_limit_is_kept_without_a_single_refusal(opened):
    with emulated(rules=generous(inference_requests_per_minute=5), clock=MarketClock()) as strict:
        strict.advance((105 - strict.now().second) % 60)  # a quarter of a minute before the next
        endpoints = Endpoints(strict.platform, strict.trading, strict.consumption, strict.messages)
        key = Secret("not-a-key")
        inference = opened(Inference(endpoints, key, clock=strict.clock, sleep=strict.advance))
        for _ in range(10):
            assert not inference.accepts_key()
        with pytest.raises(RateLimited):  # the next minute is longer away than is waited
            inference.accepts_key()
        assert [it["status"] for it in strict.journal()] == [401] * 10
