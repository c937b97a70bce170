from datetime import UTC, datetime, timedelta

import pytest
from tests.emulation import generous

from thegrid_emulator import Clock, Rules, serve
from thegrid_emulator.limits import tightest
from thegrid_emulator.state.daily_calls import DailyCalls
from thegrid_emulator.state.order_rates import OrderRates
from thegrid_emulator.state.rate_limits import Allowance

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def later(seconds):
    return NOON + timedelta(seconds=seconds)


def test_a_burst_of_orders_is_allowed_and_the_next_one_told_to_wait_a_second():
    rates = OrderRates(Rules(orders_per_second=7))
    burst = [rates.count("user", "market", NOON) for _ in range(7)]
    assert [it.remaining for it in burst] == [6, 5, 4, 3, 2, 1, 0]
    assert {it.retry_after for it in burst} == {None}
    refused = rates.count("user", "market", NOON)
    assert (refused.limit, refused.remaining, refused.retry_after) == (7, 0, 1)
    assert refused.resets_at == NOON.timestamp() + 1


def test_orders_may_go_on_at_the_long_run_rate_for_ever():
    rates = OrderRates(Rules(orders_per_second=4))
    paced = [rates.count("user", "market", later(number / 4)) for number in range(100)]
    assert {it.retry_after for it in paced} == {None}
    hasty = [rates.count("user", "market", later(100 + number / 8)) for number in range(100)]
    allowed = sum(it.retry_after is None for it in hasty)
    assert allowed == pytest.approx(4 + 100 / 8 * 4, abs=1)


def test_a_refused_order_takes_nothing():
    rates = OrderRates(Rules(orders_per_second=1))
    rates.count("user", "market", NOON)
    for _ in range(50):
        assert rates.count("user", "market", later(0.5)).retry_after == 1
    assert rates.count("user", "market", later(1)).retry_after is None


def test_orders_are_limited_for_each_user_in_each_market():
    rates = OrderRates(Rules(orders_per_second=1))
    for who in (("one", "a"), ("one", "b"), ("two", "a")):
        assert rates.count(*who, NOON).retry_after is None
    assert rates.count("one", "a", NOON).retry_after == 1


def test_a_clock_that_is_moved_back_gives_no_more_orders_and_takes_none():
    rates = OrderRates(Rules(orders_per_second=2))
    rates.count("user", "market", NOON)
    assert rates.count("user", "market", later(-3600)).remaining == 0
    assert rates.count("user", "market", later(-3599)).remaining == 1


def test_the_daily_cap_is_off_by_default_and_ends_at_midnight_of_utc():
    assert DailyCalls(Rules()).count("user", NOON) is None
    calls = DailyCalls(Rules(daily_calls_without_deposit=2))
    assert [calls.count("user", NOON).remaining for _ in range(2)] == [1, 0]
    assert calls.count("user", NOON).retry_after == 12 * 3600
    assert calls.count("other", NOON).retry_after is None
    assert calls.count("user", later(12 * 3600)).remaining == 1


def test_an_answer_shows_the_limit_that_is_closest_to_being_met():
    minute = Allowance(limit=100, remaining=40, resets_at=60, retry_after=None)
    order = Allowance(limit=7, remaining=6, resets_at=1, retry_after=None)
    refused = Allowance(limit=100, remaining=0, resets_at=60, retry_after=60)
    used_up = Allowance(limit=7, remaining=0, resets_at=90, retry_after=None)
    assert tightest([minute, order]) is order
    assert tightest([used_up, refused]) is refused
    assert tightest([used_up, minute]) is used_up


def test_each_surface_tells_the_figure_of_its_rule(http):
    rules = Rules(
        platform_requests_per_minute=11,
        trading_requests_per_minute=12,
        inference_requests_per_minute=13,
    )
    with serve(clock=Clock(), rules=rules) as emulator:
        limits = {
            name: http.head(f"{getattr(emulator, name)}/nothing").headers["x-ratelimit-limit"]
            for name in ("platform", "trading", "consumption", "messages", "gateway")
        }
    assert limits == {
        "platform": "11",
        "trading": "12",
        "consumption": "13",
        "messages": "13",
        "gateway": "13",
    }


def test_the_default_figures_are_the_strict_ones():
    rules = Rules()
    assert rules.platform_requests_per_minute == rules.trading_requests_per_minute == 100
    assert rules.inference_requests_per_minute == 60
    assert rules.orders_per_second == 7


@pytest.mark.parametrize("switched_on", [True, False])
def test_a_refresh_token_that_comes_twice_ends_the_login_if_that_is_the_rule(http, switched_on):
    rules = generous(revoke_on_refresh_reuse=switched_on)
    with serve(clock=Clock(), rules=rules) as emulator:

        def refresh(token):
            body = {"grant_type": "refresh_token", "client_id": "grid-cli-public"}
            url = f"{emulator.platform}/v1/oauth/token"
            return http.post(url, json=body | {"refresh_token": token})

        first = emulator.account.refresh_token
        second = refresh(first).json()
        assert refresh(first).json()["error"] == "invalid_grant"
        bearer = {"authorization": f"Bearer {second['access_token']}"}
        status = http.get(f"{emulator.platform}/v1/users/self", headers=bearer).status_code
        assert status == (401 if switched_on else 200)
        assert refresh(second["refresh_token"]).status_code == (400 if switched_on else 200)


def test_the_third_order_write_of_a_burst_of_two_is_refused_in_this_market_alone(http):
    with serve(clock=Clock(), rules=generous(orders_per_second=2)) as emulator:
        owner = emulator.create_account(mode="advanced")
        headers = {"authorization": f"Bearer {owner.access_token}"}

        def place(number):
            order = {
                "market_id": f"market-00000000-0000-4000-8000-00000000000{number}",
                "side": "buy",
                "type": "limit",
                "quantity": 1,
                "price": "0.01",
            }
            return http.post(f"{emulator.trading}/orders", json=order, headers=headers)

        placed = place(1).json()["data"]["order_id"]
        last = http.delete(f"{emulator.trading}/orders/{placed}", headers=headers)
        assert (last.status_code, last.headers["x-ratelimit-remaining"]) == (204, "0")
        refused = place(1)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
        assert refused.headers["x-ratelimit-limit"] == "2"
        assert place(2).status_code == 201
        emulator.advance(1)
        assert place(1).status_code == 201


def test_a_refresh_token_may_stay_good_and_is_then_not_said_again(http):
    rules = generous(refresh_keeps_its_token=True)
    with serve(clock=Clock(), rules=rules) as emulator:
        kept = emulator.account.refresh_token
        body = {"grant_type": "refresh_token", "client_id": "grid-cli-public"}
        url = f"{emulator.platform}/v1/oauth/token"
        answers = [http.post(url, json=body | {"refresh_token": kept}).json() for _ in range(2)]
        assert all("refresh_token" not in answer for answer in answers)
        for answer in answers:
            bearer = {"authorization": f"Bearer {answer['access_token']}"}
            profile = http.get(f"{emulator.platform}/v1/users/self", headers=bearer)
            assert profile.status_code == 200
