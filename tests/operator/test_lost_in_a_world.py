"""What is lost while a key is in use: the Secret that workloads read, or the resource itself."""

from __future__ import annotations

import copy

import httpx
from tests.crash.people import NAMESPACE
from tests.crash.scenarios import Scenario
from tests.crash.world import World

from thegrid_operator.cache import Name
from thegrid_operator.sights import Sight

TARGET = "app-grid"
HOUR = 3600


class Refusing(World):
    """A world whose market can come to accept no key."""

    refuses = False

    def ask_market(self, request):
        if self.refuses and request.url.path.endswith("/models"):
            return httpx.Response(401, json={"error": {"code": "invalid_api_key"}})
        return super().ask_market(request)


def play(story, kind=World):
    kind(Scenario("lost", story)).play()


def rotated(people, **declared):
    people.log_in()
    people.declare_account()
    people.declare_key(**declared)
    yield 30.0
    people.annotate("app", "thegrid.ai/rotate", "now")
    yield 3.0 * HOUR


def events(world):
    return [it["reason"] for it in world.api.items("events")]


def test_a_key_in_use_outlives_its_secret_though_the_market_refuses_it_for_a_while():
    def story(world, people):
        yield from rotated(people, rotateAfter="1d", overlap="1h")
        (in_use,) = (row.key_id for row in world.market.live())
        people.delete_secret(TARGET)
        world.refuses = True
        yield 700.0
        assert in_use in [row.key_id for row in world.market.live()]
        world.refuses = False
        yield 2.0 * HOUR

    play(story, Refusing)


def test_a_secret_that_is_deleted_again_and_again_holds_up_no_rotation():
    def story(world, people):
        yield from rotated(people, rotateAfter="6h", overlap="1m")
        for _ in range(24):
            people.delete_secret(TARGET)
            yield 610.0
        status = world.api.find("consumptionkeys", NAMESPACE, "app")["status"]
        assert status["rotation"] == 3
        assert "TargetContested" in events(world)

    play(story)


def test_no_key_is_made_for_a_resource_that_a_late_watch_tells_of_after_its_end():
    def story(world, people):
        yield from rotated(people, rotateAfter="1d", overlap="1m")
        people.annotate("app", "thegrid.ai/rotate", "again")
        told = copy.deepcopy(world.api.find("consumptionkeys", NAMESPACE, "app"))
        people.delete("app")
        yield 5.0
        assert not people.exists("consumptionkeys", "app")

        (cache,) = world.replicas[0].operator.keys._caches.values()
        name = Name("ConsumptionKey", NAMESPACE, "app")
        cache.recent.note(name, told)
        cache._see(name, Sight.of(told))
        yield 5.0
        cache._drop(name)
        yield 5.0
        assert world.market.live() == []
        assert {it["metadata"]["name"] for it in world.api.items("secrets")}.isdisjoint(
            {TARGET, "app-thegrid-rotation"}
        )

    play(story)
