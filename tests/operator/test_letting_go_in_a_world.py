"""A resource that goes while a key is being made, at a market whose listing is behind."""

from __future__ import annotations

import httpx
from tests.crash.people import NAMESPACE
from tests.operator.worlds import Policy, declare, worlds_end

from thegrid_operator.manifests import companion_name

LAG_SECONDS = 50


def is_gone(world):
    return world.api.find("consumptionkeys", NAMESPACE, "app") is None


def test_a_namespace_that_ends_while_a_key_is_made_leaves_no_key_alive():
    """It takes no new Secret, so the key was never stored, and no listing shows it yet."""

    def story(world, people):
        Policy(world, companion_name("app"))
        declare(people)
        yield 8
        assert len(world.market.live()) == 1
        people.delete("app")
        yield 20

    world = worlds_end(story, lag_seconds=LAG_SECONDS)

    assert is_gone(world)
    assert not world.market.live()


def test_a_key_whose_making_was_not_answered_is_waited_for_and_goes_too():
    def story(world, people):
        answer = world.market.answer

        def cut_off(request):
            told = answer(request)
            if request.method == "POST" and request.url.path.endswith("/api-keys"):
                raise httpx.ReadError("the wire broke", request=request)
            return told

        world.market.answer = cut_off
        declare(people)
        yield 8
        assert len(world.market.live()) == 1
        people.delete("app")
        yield 20
        assert not is_gone(world)
        yield 60

    world = worlds_end(story, lag_seconds=LAG_SECONDS)

    assert is_gone(world)
    assert not world.market.live()
