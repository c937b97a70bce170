"""A resource that goes while a key is being made, at a market whose listing is behind."""

from __future__ import annotations

import httpx
from tests.crash.people import NAMESPACE
from tests.operator.worlds import Policy, declare, worlds_end

from thegrid.core.rotation import HeldKey, Record
from thegrid.core.secret import Secret
from thegrid_operator.manifests import Holding, companion, companion_name
from thegrid_operator.resources import FINALIZER, Meta

LAG_SECONDS = 50
RESOURCE = f"/apis/thegrid.ai/v1alpha1/namespaces/{NAMESPACE}/consumptionkeys/app"


def serve_elsewhere(people):
    change = {"allowedNamespaces": ["elsewhere"]}
    people.change_spec("team", change, plural="gridaccounts")


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


def test_a_namespace_that_an_account_serves_no_more_still_ends_its_keys():
    def story(world, people):
        declare(people)
        yield 60
        serve_elsewhere(people)
        yield 60
        assert len(world.market.live()) == 1
        people.delete("app")
        yield 10

    world = worlds_end(story)

    assert is_gone(world)
    assert not world.market.live()


def test_a_namespace_that_an_account_does_not_serve_ends_no_key_of_others():
    """Not even by a companion that claims to have taken it over, with the part that is shown."""
    made = []

    def story(world, people):
        made.append(world.market.make_key("made by hand"))
        ((key_id, secret),) = made
        people.log_in()
        people.declare_account(allowedNamespaces=["elsewhere"])
        yield 60
        people.declare_key(
            "app", target={"name": "x", "creationPolicy": "Adopt"}, adoptKeyId=key_id
        )
        bound = {"metadata": {"finalizers": [FINALIZER]}}
        world.api.request("PATCH", RESOURCE, body=bound)
        meta = Meta.of(world.api.find("consumptionkeys", NAMESPACE, "app"))
        held = HeldKey(key_id, 1, world.clock.now(), None)
        forged = companion(
            meta, Holding(Record(current=held), {key_id: Secret(secret[:12] + "..")})
        )
        world.api.request("POST", f"/api/v1/namespaces/{NAMESPACE}/secrets", body=forged)
        people.delete("app")
        yield 60

    world = worlds_end(story)

    assert is_gone(world)
    assert {row.key_id for row in world.market.live()} == {key_id for key_id, _ in made}
