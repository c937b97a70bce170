"""When a request is sent again, after how long, and when it may have happened: the rules."""

import pytest

from thegrid.client._retry import Attempt, may_have_happened, retry_after, wait_before_retry

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


def test_a_wait_beyond_the_caller_s_patience_is_not_slept_through():
    limited = Attempt(1, repeatable=True, status=429, retry_after=3.0)
    assert wait_before_retry(limited, 0.0, longest=3.0) == 3.0
    assert wait_before_retry(limited, 0.0, longest=2.9) is None


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
