"""Connections that drop and providers that are killed, at every effect on a key.

Whatever is lost, the next `up` ends where it should: what the state holds works, at most one live
key of the resource is held by nobody, that one is named, and the `up` after has revoked it.
"""

import threading

import pytest
from tests.emulation import settle

from pulumi_thegrid import ConsumptionKey, TradingKey
from thegrid.client import Client, Endpoints
from thegrid.core.secret import Secret

MANY = 9
HELD_SECONDS = 60
KINDS = {
    "ConsumptionKey": (ConsumptionKey, "/api-keys"),
    "TradingKey": (TradingKey, "/signing-keys"),
}
LOSSES = {
    "the connection drops before it": {"drop": "before"},
    "the connection drops after it": {"drop": "after"},
    "the provider is killed before it": {"delay_seconds": HELD_SECONDS},
    "the provider is killed after it": {"hold_seconds": HELD_SECONDS},
}


class World:
    """A stack with one key, and what the market says of it."""

    def __init__(self, kind, engine, market, client):
        self.kind, self.path = KINDS[kind]
        self.is_for_trading = kind == "TradingKey"
        self.engine, self.market, self.client = engine, market, client

    def up(self, *triggers):
        return self.engine.up(lambda: self.kind("ci", triggers=list(triggers)) and None)

    def outputs(self):
        return self.engine.outputs("ci")

    def live(self):
        settle(self.market)
        listed = (
            self.client.list_trading_keys()
            if self.is_for_trading
            else self.client.list_consumption_keys().keys
        )
        return {key.id for key in listed if key.is_live(self.market.now())}

    def held(self):
        outputs = self.outputs()
        return {outputs[it] for it in ("key_id", "previous_key_id") if outputs.get(it)}

    def lose(self, method, loss, operation):
        """Run an operation, of which one effect is struck by a loss."""
        path = self.path + ("/{id}" if method == "DELETE" else "")
        if "drop" in loss:
            self.market.order_fault(method, path, times=MANY, **loss)
            with pytest.raises(RuntimeError):
                operation()
        else:
            self.market.order_fault(method, path, times=1, **loss)
            self.be_killed(method, operation)
        self.market.clear_faults()

    def be_killed(self, method, operation):
        """Kill the provider once the market has got the request, and its answer is awaited."""
        before = len(self.market.journal())
        failures = []

        def run():
            try:
                operation()
            except RuntimeError as failure:
                failures.append(failure)

        running = threading.Thread(target=run)
        running.start()
        while not any(
            it["method"] == method and self.path in it["path"]
            for it in self.market.journal()[before:]
        ):
            assert running.is_alive(), failures
            running.join(0.01)
        self.engine.end_servers()
        running.join(20)
        assert failures, "the operation has not noticed"

    def come_to_rest(self, *triggers):
        """Run `up` until nothing changes; what is seen after the first is what a loss may cost."""
        self.up(*triggers)
        unheld = self.live() - self.held()
        assert unheld == set(self.outputs()["strays"])
        assert len(unheld) <= 1
        self.up(*triggers)
        assert self.live() == self.held()
        assert self.outputs()["strays"] == []
        assert self.up(*triggers).steps["ci"] == "same"


@pytest.fixture(params=KINDS)
def world(request, engine, market, account):
    endpoints = Endpoints(market.platform, market.trading, market.consumption, market.messages)
    with Client(endpoints, Secret(account.access_token)) as client:
        yield World(request.param, engine, market, client)


@pytest.fixture(params=LOSSES)
def loss(request):
    return LOSSES[request.param]


def test_at_the_first_key(world, loss):
    world.lose("POST", loss, world.up)
    world.come_to_rest()


def test_at_a_rotation(world, loss):
    world.up(1)
    old = world.outputs()["key_id"]
    world.lose("POST", loss, lambda: world.up(2))
    assert world.outputs()["key_id"] == old in world.live()
    world.come_to_rest(2)
    assert world.outputs()["previous_key_id"] == old


def test_at_the_revocation_after_an_overlap(world, loss):
    world.up(1)
    world.up(2)
    world.market.advance(2 * 86400)
    current = world.outputs()["key_id"]
    world.lose("DELETE", loss, lambda: world.up(2))
    world.come_to_rest(2)
    assert world.live() == {current}


def test_at_the_revocation_of_a_stray(world, loss):
    world.lose("POST", {"drop": "after"}, world.up)
    world.up()
    assert len(world.outputs()["strays"]) == 1
    world.lose("DELETE", loss, world.up)
    world.come_to_rest()
    assert world.live() == {world.outputs()["key_id"]}


def test_at_the_end(world, loss):
    world.up(1)
    world.up(2)
    recorded = dict(world.engine.state)
    world.lose("DELETE", loss, world.engine.destroy)
    world.engine.state = recorded
    world.engine.destroy()
    assert world.live() == set()


@pytest.mark.parametrize("kind", ["TradingKey"])
@pytest.mark.parametrize("loss", LOSSES)
def test_at_the_proof_of_a_new_key(kind, loss, engine, market, account):
    endpoints = Endpoints(market.platform, market.trading, market.consumption, market.messages)
    with Client(endpoints, Secret(account.access_token)) as client:
        world = World(kind, engine, market, client)
        world.up(1)
        old = world.outputs()["key_id"]
        world.path = "/me"
        world.lose("GET", LOSSES[loss], lambda: world.up(2))
        assert old in world.live()
        world.come_to_rest(2)
        assert world.outputs()["previous_key_id"] == old
