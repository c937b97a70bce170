"""A resource that goes while a key is being made, at a market whose listing is behind."""

from __future__ import annotations

import httpx
import pytest
from tests.crash.faults import Crash
from tests.crash.people import NAMESPACE
from tests.crash.scenarios import EMERGENCY, ROTATE
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
        answer = world.market.answer

        def ends(request):
            if request.method == "POST" and request.url.path.endswith("/api-keys"):
                people.delete_secret(companion_name("app"))
                Policy(world, companion_name("app"))
            return answer(request)

        world.market.answer = ends
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


class DiesWhileMaking:
    """The process dies once a key was made, before it hears of it; the resource is deleted then.

    Args:
        world: Where.
        which: At which key.
    """

    def __init__(self, world, which):
        self._world, self._left, self._answer = world, which, world.market.answer
        world.market.answer = self

    def __call__(self, request):
        told = self._answer(request)
        made = request.method == "POST" and request.url.path.endswith("/api-keys")
        self._left -= made
        if made and self._left == 0:
            self._world.people.delete("app")
            raise Crash
        return told


def ask_for_nothing(_people):
    """The first key is made without being asked for."""


def ask_by(annotation):
    return lambda people: people.annotate("app", annotation, "now")


WAYS = {
    "the first key": (ask_for_nothing, 1),
    "a rotation that was asked for": (ask_by(ROTATE), 2),
    "an emergency": (ask_by(EMERGENCY), 2),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_key_that_died_with_the_process_that_made_it_goes_too(way):
    ask, which = WAYS[way]

    def story(world, people):
        DiesWhileMaking(world, which)
        declare(people)
        yield 90
        if which > 1:
            ask(people)
            yield LAG_SECONDS - 5
            assert not is_gone(world)
            assert people.reads("consumptionkeys", "app") == "MintInDoubt"
            yield 25

    world = worlds_end(story, lag_seconds=LAG_SECONDS)

    assert len(world.market.rows()) == which
    assert is_gone(world)
    assert not world.market.live()


def test_a_rotation_that_is_due_is_reckoned_with_as_it_was_declared():
    def story(world, people):
        DiesWhileMaking(world, 2)
        declare(people, rotateAfter="40m")
        yield 2420
        assert not is_gone(world)
        yield 80

    world = worlds_end(story, lag_seconds=LAG_SECONDS)

    assert is_gone(world)
    assert len(world.market.rows()) == 2
    assert not world.market.live()


def test_who_forces_it_to_go_reads_that_a_key_may_live():
    def story(world, people):
        DiesWhileMaking(world, 1)
        declare(people)
        yield 20
        assert not is_gone(world)
        people.annotate("app", "thegrid.ai/force-delete", "true")
        yield 5

    world = worlds_end(story, lag_seconds=LAG_SECONDS)

    assert is_gone(world)
    (event,) = [it for it in world.api.items("events") if it["reason"] == "KeysLeftAlive"]
    assert event["type"] == "Warning"
    assert "whatever the market lists as apps/app" in event["message"]


def test_what_was_settled_goes_at_once_after_a_restart():
    def story(world, people):
        declare(people)
        yield 90
        world._restart_all()
        yield 1
        people.delete("app")
        yield 1
        assert is_gone(world)

    assert not worlds_end(story, lag_seconds=LAG_SECONDS).market.live()


@pytest.mark.parametrize("stopped", [True, False], ids=["stopped", "died"])
def test_it_is_the_end_of_the_process_before_that_tells_whether_a_key_is_looked_for(stopped):
    def story(world, people):
        declare(people)
        yield 90
        people.annotate("app", ROTATE, "now")
        people.delete("app")
        if stopped:
            world.replicas[0].operator.lease.release()
        world._restart_all()
        yield 2
        assert is_gone(world) is stopped
        yield 60

    world = worlds_end(story, lag_seconds=LAG_SECONDS)

    assert is_gone(world)
    assert not world.market.live()


def test_what_was_bound_by_the_same_process_goes_at_once_settled_or_not():
    """Nobody can have made a key for it before."""

    def story(world, people):
        declare(people)
        people.annotate("app", ROTATE, "never done: an older key lives")
        yield 1
        people.delete("app")
        yield 1
        assert is_gone(world)

    assert not worlds_end(story, lag_seconds=LAG_SECONDS).market.live()
