"""The venue of the contract: an emulator, or a real account that is only read."""

import httpx
import pytest
from tests.contract.account import chosen_account
from tests.contract.book import read
from tests.contract.venues import EmulatedVenue, RealVenue
from tests.emulation import emulated, generous, variant


@pytest.fixture(scope="session")
def http():
    with httpx.Client(verify=False, trust_env=False) as client:  # noqa: S501 -- loopback only, and certificates take 40 ms to load
        yield client


@pytest.fixture(scope="session")
def emulator():
    with emulated() as running:
        yield running


@pytest.fixture(scope="session")
def callers():
    return read("callers.json")["callers"]


@pytest.fixture(scope="session")
def emulated_venue(emulator, http, callers):
    """An emulator in which nobody meets a limit."""
    return EmulatedVenue(emulator, http, callers, lag_seconds=variant().get("lag_seconds", 0))


@pytest.fixture(scope="session")
def venue(request):
    """Where the cases run."""
    account = chosen_account()
    if account is None:
        yield request.getfixturevalue("emulated_venue")
    else:
        with RealVenue(*account, inner=httpx.HTTPTransport()) as real:
            yield real


@pytest.fixture(scope="session")
def limited_venue(http, callers):
    """An emulator in which everybody has one request a minute on each host."""
    rules = generous(
        platform_requests_per_minute=1,
        trading_requests_per_minute=1,
        inference_requests_per_minute=1,
    )
    with emulated(rules=rules) as running:
        yield EmulatedVenue(running, http, callers)
