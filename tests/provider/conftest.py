"""Fixtures of the provider's tests: a market of one's own, and stacks on the in-process engine."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import engine_pb2_grpc
from tests.emulation import emulated, settle, trust
from tests.provider.in_process_engine import Engine, LogOfEngine
from tests.provider.leaks import Watch
from tests.provider.provider_servers import ServerStarter

from thegrid.client import Endpoints
from thegrid.client.profile_store import ProfileStore
from thegrid.client.profiles import login_fields
from thegrid.core.model import TokenPair
from thegrid.core.secret import Secret
from thegrid_emulator import Clock
from thegrid_lab.pulumi_project import PulumiProject

QUARTER = 90 * 86400


@pytest.fixture(scope="session")
def clock_file(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("clock") / "offset"


@pytest.fixture(scope="session")
def handed_out() -> list[str]:
    """Every API key and token that the market has handed out so far."""
    return []


@pytest.fixture(scope="session")
def shared_market(clock_file, handed_out):
    with emulated(clock=Clock(clock_file), on_secret=handed_out.append) as market:
        yield market


@pytest.fixture
def market(shared_market, clock_file) -> Iterator[Any]:
    """The emulator, its clock on the system's time and no fault ordered."""
    clock_file.unlink(missing_ok=True)
    shared_market.clear_faults()
    yield shared_market
    shared_market.clear_faults()


@pytest.fixture
def account(market):
    """An account of the test's own: a login longer than any schedule, and a unit to spend."""
    return market.create_account(access_token_seconds=QUARTER, consumption_units={"text-prime": 1})


@pytest.fixture(scope="session")
def starter(tmp_path_factory, shared_market) -> Iterator[ServerStarter]:
    """Starts servers that inherit, by the environment, the trust in the market's certificates."""
    starter = ServerStarter(tmp_path_factory.mktemp("servers"))
    yield starter
    starter.stop()


@pytest.fixture(scope="session")
def engine_log() -> Iterator[tuple[LogOfEngine, str]]:
    log = LogOfEngine()
    server = grpc.server(ThreadPoolExecutor(2))
    engine_pb2_grpc.add_EngineServicer_to_server(log, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield log, f"127.0.0.1:{port}"
    server.stop(None).wait()


@pytest.fixture
def addresses(market) -> dict[str, str]:
    """The stack configuration that leads to the emulator."""
    return {
        "thegrid:platformUrl": market.platform,
        "thegrid:tradingUrl": market.trading,
        "thegrid:consumptionUrl": market.consumption,
        "thegrid:messagesUrl": market.messages,
    }


@pytest.fixture(scope="session")
def pulumi(pulumi, shared_market):
    """The lab's workspace, where every process trusts the market's certificates, if it has any."""
    pulumi.environment.update(trust(shared_market.authority_file))
    return pulumi


@pytest.fixture(autouse=True)
def watch(request, tmp_path_factory):
    """After each test of the real CLI, search all that it left behind for secrets."""
    if "pulumi" not in request.fixturenames:
        yield None
        return
    workspace, handed_out = map(request.getfixturevalue, ("pulumi", "handed_out"))
    watch = Watch(workspace, handed_out, tmp_path_factory.mktemp("records"))
    yield watch
    assert watch.places() == watch.expected


@pytest.fixture
def environment(clock_file) -> dict[str, str]:
    """What the real CLI runs with, so that its processes share the market's clock."""
    return {"THEGRID_TEST_CLOCK": str(clock_file)}


@pytest.fixture
def stack_of(pulumi, addresses, account, environment, tmp_path):
    """Make a stack of a program's text on the real CLI, logged in to the test's account."""

    def make(program: str) -> PulumiProject:
        folder = tmp_path / "program"
        folder.mkdir()
        (folder / "Pulumi.yaml").write_text("name: program\nruntime: python\n")
        (folder / "__main__.py").write_text(program)
        login = {"thegrid:accessToken": account.access_token}
        stack = pulumi.project(folder, config=addresses, secret_config=login)
        stack.environment = {**stack.environment, **environment}
        return stack

    return make


@pytest.fixture
def new_engine(starter, engine_log, environment, shared_market):
    """Make a stack with a configuration of the test's choice."""
    made = []

    def make(config: dict[str, str]) -> Engine:
        engine = Engine(
            starter, *engine_log, config, {**environment}, settle=lambda: settle(shared_market)
        )
        made.append(engine)
        return engine

    yield make
    for engine in made:
        engine.end_servers()


@pytest.fixture
def engine(new_engine, addresses, account) -> Engine:
    """A stack that is logged in to the test's account."""
    return new_engine({**addresses, "thegrid:accessToken": account.access_token})


@pytest.fixture
def no_address():
    """An address at which nobody listens: the port is taken, so that nobody else gets it."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{bound.getsockname()[1]}"


@pytest.fixture
def live_keys(market, account):
    """Return the ids of the account's keys that the market accepts now."""

    def live() -> set[str]:
        now = market.now().isoformat()
        return {
            key["id"]
            for key in market.api_keys(account.user_id)
            if key["is_active"] and (key["expires_at"] is None or key["expires_at"] > now[:19])
        }

    return live


@pytest.fixture
def profiles(tmp_path):
    return ProfileStore(tmp_path / "credentials.json")


@pytest.fixture
def log_in(profiles, market):
    """Writes an account's login into a profile, with so many seconds left of its access token."""

    def save(name, account, *, seconds=3600):
        endpoints = Endpoints(market.platform, market.trading, market.consumption, market.messages)
        ends = market.now() + timedelta(seconds=seconds)
        tokens = Secret(account.access_token), Secret(account.refresh_token)
        fields = login_fields(endpoints, TokenPair(*tokens, ends, ()), "grid-cli-public")
        with profiles.locked():
            profiles.write(profiles.read().changed(name, fields))

    return save
