"""The command line in this process, against an emulator whose clock both sides follow."""

import json
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from tests.emulation import emulated, settle
from typer.testing import CliRunner

from thegrid.cli.application import run
from thegrid.client import Client, Endpoints
from thegrid.client.access import PROFILE_VARIABLE, SIGNING_KEY_VARIABLES, VENDOR_VARIABLES
from thegrid.client.credentials import ENVIRONMENT
from thegrid.client.profile_store import ProfileStore
from thegrid.client.profiles import login_fields
from thegrid.core.model import TokenPair
from thegrid.core.secret import Secret
from thegrid_emulator import Clock as MarketClock

FOREIGN = (
    *ENVIRONMENT.values(),
    *VENDOR_VARIABLES.values(),
    *SIGNING_KEY_VARIABLES,
    PROFILE_VARIABLE,
    "THEGRID_DEBUG",
)


@dataclass(frozen=True)
class Ran:
    """What came of a command."""

    code: int
    out: str
    err: str

    @property
    def document(self):
        return json.loads(self.out)

    @property
    def error(self):
        return json.loads(self.err)["error"]


@pytest.fixture
def clock_file(tmp_path):
    return tmp_path / "clock"


@pytest.fixture
def emulator(clock_file):
    with emulated(clock=MarketClock(clock_file)) as running:
        yield running


@pytest.fixture
def endpoints(emulator):
    return Endpoints(
        platform=emulator.platform,
        trading=emulator.trading,
        consumption=emulator.consumption,
        messages=emulator.messages,
    )


@pytest.fixture
def store(tmp_path):
    return ProfileStore(tmp_path / "home" / "credentials.json")


@pytest.fixture
def environ(store, clock_file):
    """The variables of the user, without those of whoever runs the tests."""
    return dict.fromkeys(FOREIGN) | {
        "GRID_CREDENTIALS_FILE": str(store.path),
        "THEGRID_TEST_CLOCK": str(clock_file),
    }


@pytest.fixture
def market_variables(endpoints):
    """Where the emulator is, as variables."""
    surfaces = ("platform", "trading", "consumption", "messages")
    return {f"THEGRID_{it.upper()}_URL": getattr(endpoints, it) for it in surfaces}


@pytest.fixture
def thegrid(environ, request):
    """Runs a command line; variables are added by name. Before it, what has changed shows."""
    has_market = "emulator" in request.fixturenames

    def invoke(*arguments, **variables):
        if has_market:
            settle(request.getfixturevalue("emulator"))
        with CliRunner(env=environ | variables).isolation() as (out, err, _):
            code = run(list(arguments))
            sys.stdout.flush()
            sys.stderr.flush()
            return Ran(int(code), out.getvalue().decode(), err.getvalue().decode())

    return invoke


@pytest.fixture
def saved(store, endpoints, emulator):
    """Writes a login of the seeded account into a profile."""

    def save(name="default", account=None, **changes):
        account = account or emulator.account
        ends = emulator.now() + timedelta(hours=1)
        scopes = ("account:read", "trade:read", "keys:manage")
        pair = TokenPair(Secret(account.access_token), Secret(account.refresh_token), ends, scopes)
        fields = login_fields(endpoints, pair, "grid-cli-public")
        with store.locked():
            store.write(store.read().changed(name, fields | changes))

    return save


@pytest.fixture
def market(emulator, endpoints):
    """A client of the seeded account beside the command line."""
    with Client(endpoints, Secret(emulator.account.access_token)) as client:
        yield client


@pytest.fixture
def person(emulator):
    """A person who decides on the next device login, in a time that passes quickly after it."""

    @contextmanager
    def deciding(decide):
        over = threading.Event()

        def act():
            while not over.wait(0.05):
                if waiting := emulator.pending_device_logins():
                    decide(waiting[0]["user_code"])
                    break
            while not over.wait(0.05):  # time passes, so that nobody waits for an interval
                emulator.advance(5)

        thread = threading.Thread(target=act)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    return deciding


@pytest.fixture
def approval(emulator, person):
    """A person who approves the next device login as the seeded account."""
    return lambda: person(lambda code: emulator.approve_device(code, emulator.account.user_id))
