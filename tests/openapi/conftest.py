"""An emulator, and a caller that knows HTTP and nothing else."""

import httpx
import pytest
from tests.emulation import emulated


@pytest.fixture(scope="session")
def emulator():
    with emulated() as running:
        yield running


@pytest.fixture(scope="session")
def http():
    with httpx.Client(verify=False, trust_env=False) as client:  # noqa: S501 -- loopback only, and certificates take 40 ms to load
        yield client
