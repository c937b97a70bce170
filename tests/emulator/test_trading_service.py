from tests.emulation import PLAIN_WORDS, emulated, generous

UUID = "00000000-0000-4000-8000-000000000001"


def test_limits_of_orders_are_those_of_the_rules(http):
    with emulated(rules=generous(orders_per_second=9), **PLAIN_WORDS) as emulator:
        headers = {"authorization": f"Bearer {emulator.account.access_token}"}
        url = f"{emulator.trading}/account/limits"
        answer = http.get(url, headers=headers, params={"market_id": UUID}).json()
    assert answer["data"] == {
        "market_id": f"market-{UUID}",
        "order_rate_limits": {
            "scope": "user_market",
            "max_orders_per_second": 9,
            "max_orders_per_minute": 540,
            "burst_capacity": 9,
            "window_seconds": 1,
        },
        "response_headers": {
            "limit": "x-ratelimit-limit",
            "remaining": "x-ratelimit-remaining",
            "retry_after": "retry-after",
        },
    }


def test_limits_are_those_of_a_market_that_is_named(trader):
    assert trader("GET", "/account/limits").status_code == 422
    assert trader("GET", "/account/limits", params={"market_id": "x"}).status_code == 404


def diagnoses(trader, platform):
    return [caller("GET", "/diagnostics").json()["data"] for caller in (trader, platform)]


def test_a_fit_account_is_diagnosed_as_such_on_both_hosts(trader, platform_of, emulator):
    for service, found in zip(
        ("trading", "platform"), diagnoses(trader, platform_of(trader.access_token)), strict=True
    ):
        assert (found["service"], found["status"]) == (service, "ok")
        assert {check["status"] for check in found["checks"]} == {"ok"}
        assert found["summary"] == {"fail": 0, "warn": 0, "ok": len(found["checks"])}
        assert found["server_time"].endswith("Z")


def test_what_keeps_an_account_from_trading_is_named_with_a_remedy(trader_of, platform_of):
    for members, check, status in (
        ({"mode": "easy"}, "account_mode", "warn"),
        ({"verified": False}, "email", "fail"),
        ({"accepted_terms": False}, "legal_terms", "fail"),
    ):
        trader = trader_of(**members)
        for found in diagnoses(trader, platform_of(trader.access_token)):
            assert found["status"] == status
            (amiss,) = (it for it in found["checks"] if it["status"] != "ok")
            assert amiss["name"] == check
            assert amiss["next_action"]


def test_candles_are_not_offered(trader):
    assert trader("GET", "/price-histories").status_code == 404
