"""What a monitoring system is told is true, bounded, named by the rules, and never a secret."""

from __future__ import annotations

import base64
import re

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.crash.scenarios import Scenario
from tests.crash.world import World

from thegrid_operator.cache import Name
from thegrid_operator.health import CannotServe, HealthServer
from thegrid_operator.metrics import MOST_KEYS, Metrics, State
from thegrid_operator.sights import Sight

UNITS = ("seconds", "total", "created", "left", "leader", "depth", "keys")


def told(metrics):
    """Return every sample by its name and labels."""
    families = text_string_to_metric_families(metrics.text().decode())
    return {
        (sample.name.removeprefix("thegrid_operator_"), *sorted(sample.labels.values())): (
            sample.value
        )
        for family in families
        for sample in family.samples
    }


def key(number, ends_at):
    meta = {"namespace": "shop", "name": f"app-{number}", "uid": str(number)}
    status = {"keyId": "k", "expiresAt": ends_at, "nextRotationAt": "2026-03-01T00:00:00Z"}
    sight = Sight.of({"metadata": meta, "spec": {}, "status": status})
    return Name("ConsumptionKey", "shop", f"app-{number}"), sight


def state(**more):
    account = Name("GridAccount", "shop", "team")
    parts = {"leads": True, "depth": 3, "keys": [], "requests_left": [(account, 57)]} | more
    return lambda: State(**parts)


@pytest.fixture
def world():
    """A world in which one key was made, rotated and revoked."""
    world = World(Scenario("one", lambda _world, _people: ()))
    world.people.log_in()
    world.people.declare_account()
    world.people.declare_key("app", rotateAfter="1d", overlap="2m")
    world.replicas = [world._started(0)]
    world.run(10)
    world.people.annotate("app", "thegrid.ai/rotate", "now")
    world.run(300)
    return world


def test_no_secret_is_told_plain_or_encoded(world):
    text = world.replicas[0].operator.metrics.text()

    hidden = [*world.market.secrets, *world.market.tokens]
    assert len(hidden) >= 4
    for secret in hidden:
        assert secret.encode() not in text
        for start in range(3):
            encoded = base64.b64encode(b"x" * start + secret.encode())
            assert encoded[4:-4] not in text


def test_what_was_done_is_counted(world):
    seen = told(world.replicas[0].operator.metrics)

    assert seen["key_mints_total",] == 2
    assert seen["rotations_total",] == 2
    assert seen["key_revocations_total",] == 1
    assert seen["leader",] == seen["keys",] == 1
    assert seen["queue_depth",] == 2
    assert seen["kube_requests_total", "200", "GET"] > 0
    expiry = seen["key_expiry_timestamp_seconds", "app", "apps"]
    assert expiry > seen["key_next_rotation_timestamp_seconds", "app", "apps"] > 0


def test_every_name_follows_the_rules():
    metrics = Metrics()
    metrics.watch(state(keys=[key(1, "2026-03-02T00:00:00Z")]))
    metrics.failed("ConsumptionKey", "MarketProblem")
    metrics.asked_market("GET", 0)
    families = list(text_string_to_metric_families(metrics.text().decode()))

    for family in families:
        assert re.fullmatch(r"thegrid_operator_[a-z_]+", family.name), family.name
        assert family.documentation.endswith("."), family.name
        if family.type == "counter":
            assert all(it.name.endswith(("_total", "_created")) for it in family.samples)
        else:
            assert family.name.endswith(UNITS), family.name
    assert told(metrics)["market_requests_total", "GET", "none"] == 1
    assert told(metrics)["market_requests_left", "shop", "team"] == 57


def test_of_many_keys_those_are_told_that_die_soonest():
    many = [key(number, f"2026-03-{1 + number % 28:02}T00:00:00Z") for number in range(2000)]
    metrics = Metrics()
    metrics.watch(state(keys=many))

    seen = told(metrics)
    ends = [value for name, value in seen.items() if name[0] == "key_expiry_timestamp_seconds"]
    assert seen["keys",] == 2000
    assert sorted(ends) == sorted(sight.ends_at for _, sight in many)[:MOST_KEYS]


def test_other_facts_make_no_new_names():
    metrics = Metrics()
    before = len(told(metrics))
    metrics.fact("SomethingElse")
    assert len(told(metrics)) == before


@pytest.fixture
def served():
    servers = []

    def serve(**answers):
        good = {"metrics": lambda: b"m 1\n", "healthy": lambda: True, "ready": lambda: True}
        servers.append(HealthServer(("127.0.0.1", 0), **(good | answers)))
        address = f"http://127.0.0.1:{servers[-1].port}"
        return lambda path: httpx.get(address + path, trust_env=False)

    yield serve
    for server in servers:
        server.close()


def test_metrics_and_health_are_served(served):
    get = served(ready=lambda: False)

    assert (get("/metrics").text, get("/healthz").status_code) == ("m 1\n", 200)
    assert get("/metrics").headers["content-type"].startswith("text/plain; version=")
    assert get("/readyz").status_code == 503
    assert get("/").status_code == 404


def test_an_address_that_is_taken_is_told_in_one_line():
    pages = {"metrics": bytes, "healthy": bool, "ready": bool}
    first = HealthServer(("127.0.0.1", 0), **pages)
    with pytest.raises(CannotServe, match=r"cannot listen on 127.0.0.1:\d+: Address already"):
        HealthServer(("127.0.0.1", first.port), **pages)
    first.close()
