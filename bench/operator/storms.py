"""What a market is asked that is unwell, or has many accounts: in memory, as `looks`."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import redirect_stderr

import httpx
from bench.figures import Figure
from bench.operator.looks import Busy, idle, settled

KEYS, MINUTE = 500, 60.0
ACCOUNTS, KEYS_OF_ALL = 100, 1_000
YEAR_SECONDS = 365 * 24 * 3600


def figures(part: int) -> Iterator[Figure]:
    """Measure storms and many accounts."""
    with redirect_stderr(io.StringIO()):  # the operator's log
        for status in (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE):
            calls = calls_in_a_storm(status, KEYS // part) / (KEYS // part)
            yield Figure(f"market_calls_in_a_minute_of_{status:d}", calls, "calls")
        shared = idle(with_accounts(ACCOUNTS // part, KEYS_OF_ALL // part), KEYS_OF_ALL // part)
        yield Figure(f"idle_market_calls_per_look_{ACCOUNTS}", shared.market_calls, "calls")
        yield Figure(f"idle_writes_{ACCOUNTS}", shared.writes, "writes")


def calls_in_a_storm(status: int, keys: int) -> int:
    """Count the requests of a minute in which rotations are due and the market refuses all."""
    world = settled(keys)
    world.weather.storm(status, MINUTE)
    before = world.market_calls
    for number in range(keys):
        world.people.annotate(f"app-{number}", "thegrid.ai/rotate", "now")
    world.run(MINUTE)
    return world.market_calls - before


def with_accounts(accounts: int, keys: int) -> Busy:
    """Return a world in which many accounts have a few keys each."""
    world = Busy(access_token_seconds=YEAR_SECONDS)
    world.people.log_in(accessToken=world.market.account.access_token)
    for number in range(accounts):
        world.people.declare_account(f"team-{number}")
    for number in range(keys):
        account = {"name": f"team-{number % accounts}"}
        world.people.declare_key(f"app-{number}", accountRef=account, rotateAfter="30d")
    world.start()
    world.run(MINUTE)
    return world
