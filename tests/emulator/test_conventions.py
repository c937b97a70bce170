from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest

from thegrid_emulator import Clock, Rules, serve

STRICT = Rules(
    platform_requests_per_minute=3, trading_requests_per_minute=3, inference_requests_per_minute=3
)


@pytest.fixture
def strict():
    clock = Clock()
    clock.move_to(datetime(2026, 1, 1, tzinfo=UTC))  # a whole minute lies ahead
    with serve(clock=clock, rules=STRICT) as running:
        yield running


def every_surface(emulator):
    return {
        "platform": f"{emulator.platform}/api/v1",
        "trading": emulator.trading,
        "consumption": emulator.consumption,
        "messages": emulator.messages,
        "gateway": f"{emulator.gateway}/v1",
    }


@pytest.mark.plain_words
def test_an_unknown_path_is_answered_in_the_documented_envelope_everywhere(http, emulator):
    for base in every_surface(emulator).values():
        answer = http.get(f"{base}/nothing")
        assert answer.status_code == 404
        assert answer.json()["errors"] == {"detail": "not_found"}
        assert answer.json().keys() <= {"errors", "type"}


def test_a_trailing_slash_is_another_path_and_never_a_redirect(http, emulator, platform):
    assert http.get(f"{emulator.trading}/health/").status_code == 404
    assert platform("GET", "/api-keys/").status_code == 404
    assert http.get(emulator.trading).status_code == 404


def test_an_encoded_slash_separates_nothing(http, emulator):
    address = emulator.trading.removesuffix("/v1")
    assert http.get(f"{address}/v1/health").status_code == 200
    assert http.get(f"{address}/v1%2Fhealth").status_code == 404
    assert http.get(f"{emulator.consumption}%2fmodels").status_code == 404


@pytest.mark.plain_words
def test_a_wrong_method_is_refused_in_the_documented_envelope(http, emulator):
    answer = http.delete(f"{emulator.trading}/health")
    assert answer.status_code == 405
    assert answer.json() == {"errors": {"detail": "method_not_allowed"}}


@pytest.mark.plain_words
def test_every_answer_carries_the_common_headers(http, emulator):
    seen = set()
    for base in every_surface(emulator).values():
        headers = http.get(f"{base}/nothing").headers
        assert len(headers["x-request-id"]) == 20
        seen.add(headers["x-request-id"])
        limit = int(headers["x-ratelimit-limit"])
        assert int(headers["x-ratelimit-remaining"]) == limit - 1
        seconds_left = int(headers["x-ratelimit-reset"]) - emulator.now().timestamp()
        assert -1 < seconds_left <= 60
    assert len(seen) == 5


def test_the_date_follows_the_markets_clock(http, emulator):
    emulator.advance(10 * 24 * 3600)
    date = parsedate_to_datetime(http.get(f"{emulator.trading}/health").headers["date"])
    assert abs((emulator.now() - date).total_seconds()) < 2


def test_one_request_too_many_is_told_how_long_to_wait(http, strict):
    url = f"{strict.trading}/health"
    allowed = [http.get(url) for _ in range(3)]
    assert [answer.status_code for answer in allowed] == [200, 200, 200]
    assert [answer.headers["x-ratelimit-remaining"] for answer in allowed] == ["2", "1", "0"]
    answer = http.get(url)
    assert answer.status_code == 429
    assert answer.json() == {"errors": {"detail": "rate_limit_exceeded"}}
    wait = int(answer.headers["retry-after"])
    assert answer.headers["x-ratelimit-retry-after"] == str(wait)
    assert 0 < wait <= 60
    strict.advance(wait)
    assert http.get(url).status_code == 200


def test_each_credential_and_each_surface_has_its_own_limit(http, strict):
    def status(base, **headers):
        return http.get(f"{base}/models", headers=headers).status_code

    surfaces = every_surface(strict)
    for _ in range(4):
        last = status(surfaces["consumption"], authorization="Bearer one")
    assert last == 429
    assert status(surfaces["consumption"], authorization="Bearer two") == 401
    assert status(surfaces["consumption"]) == 200
    assert status(surfaces["trading"], authorization="Bearer one") == 404


def test_a_refusal_by_limit_on_the_messages_host_names_itself(http, strict):
    for _ in range(4):
        answer = http.post(f"{strict.messages}/messages", headers={"x-api-key": "one"})
    assert answer.status_code == 429
    assert answer.json()["type"] == "error"


def test_admin_routes_are_not_limited(http, strict):
    statuses = [http.get(f"{strict.platform}/_emulator/clock").status_code for _ in range(5)]
    assert statuses == [200] * 5


@pytest.mark.parametrize(
    ("rule", "value"),
    [("trading_requests_per_minute", 0), ("access_token_seconds", -1), ("device_poll_seconds", -1)],
)
def test_a_rule_that_cannot_be_is_named(rule, value):
    with pytest.raises(ValueError, match=f"{rule}: must be at least"):
        Rules(**{rule: value})
