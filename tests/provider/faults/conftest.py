"""A stack that is made once and copied for each scene, with an account of the scene's own."""

from contextlib import ExitStack, suppress
from decimal import Decimal

import psutil
import pytest
from tests.provider.faults.market_side import SYMBOL
from tests.provider.faults.scene import Scene

from thegrid.client import Client, Endpoints
from thegrid.core.secret import Secret

QUARTER = 90 * 86400
REAP_SECONDS = 5
SURFACES = ("platform", "trading", "consumption", "messages")


@pytest.fixture
def account_of(market):
    """Open an account in a mode, with money and units."""

    def open_account(mode):
        return market.create_account(
            mode=mode, access_token_seconds=QUARTER, usd=Decimal(1000), units={SYMBOL: 20}
        )

    return open_account


@pytest.fixture
def client_of(market):
    """Act for an account by hand."""
    with ExitStack() as clients:
        endpoints = Endpoints(*(getattr(market, it) for it in SURFACES))

        def make(access):
            return clients.enter_context(Client(endpoints, Secret(access.access_token)))

        yield make


@pytest.fixture
def seller(account_of, client_of):
    return client_of(account_of("advanced"))


@pytest.fixture(scope="session")
def prepared(pulumi, shared_market, tmp_path_factory):
    """A stack without resources that knows where the market is; the login comes from outside."""
    folder = tmp_path_factory.mktemp("prepared")
    (folder / "Pulumi.yaml").write_text("name: faults\nruntime: python\n")
    addresses = {f"thegrid:{it}Url": getattr(shared_market, it) for it in SURFACES}
    return pulumi.project(folder, config=addresses)


@pytest.fixture
def scene_of(prepared, pulumi, market, account_of, client_of, seller, environment):
    """Make a scene. Processes that it leaves behind, such as orphaned providers, end with it."""
    scenes = []

    def make(call):
        account, stack = account_of(call.mode), prepared.copied()
        login = {"THEGRID_ACCESS_TOKEN": account.access_token}
        stack.environment = {**stack.environment, **environment, **login}
        scenes.append(Scene(call, stack, pulumi, market, client_of(account), seller))
        return scenes[-1]

    yield make
    for scene in scenes:
        reap(scene.started())
        scene.leave()


def reap(processes):
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    _, alive = psutil.wait_procs(processes, timeout=REAP_SECONDS)
    assert alive == []
