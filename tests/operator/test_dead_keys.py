"""Pods that run with a key that nobody accepts any more are told of, and restarted where named.

Told by stories in a world: a model of the API server, a market, and pods that read a Secret when
they start.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.crash.api_server import Where
from tests.crash.people import NAMESPACE
from tests.crash.scenarios import CALM, EMERGENCY, ROTATE, Scenario
from tests.crash.world import World

DEAD, OTHER = "PodsHoldDeadKey", "PodsHoldOtherKey"
ONE = [{"kind": "Deployment", "name": "one"}]
A_MINUTE, AN_HOUR = 60, 3600


class Asked(World):
    """A world that counts how often pods are listed."""

    def __init__(self, play):
        self.lists_of_pods = 0
        super().__init__(Scenario("dead-keys", play))

    def ask_api_server(self, method, path, **request):
        self.lists_of_pods += path.partition("?")[0].endswith("/pods")
        return super().ask_api_server(method, path, **request)

    def adopted(self):
        """Return what the condition says, as a status and a reason."""
        status = self.api.find("consumptionkeys", NAMESPACE, "app")["status"]
        found = [it for it in status["conditions"] if it["type"] == "Adopted"]
        return (found[0]["status"], found[0]["reason"]) if found else None

    def message(self):
        """Return what the condition says in words."""
        status = self.api.find("consumptionkeys", NAMESPACE, "app")["status"]
        return next(it["message"] for it in status["conditions"] if it["type"] == "Adopted")

    def warnings(self):
        """Return the reasons of the warnings about pods, as often as they were given."""
        events = [it for it in self.api.items("events") if it["reason"] in (DEAD, OTHER)]
        return [it["reason"] for it in events for _ in range(it.get("count") or 1)]

    def template(self, name):
        """Return the annotations of a pod template."""
        template = self.api.find("deployments", NAMESPACE, name)["spec"]["template"]
        return template["metadata"].get("annotations") or {}

    def all_pods_work(self):
        """Tell whether the market accepts what every pod runs with."""
        live = {row.key_id for row in self.market.live()}
        return self.rollouts.held() <= live


def run(play):
    world = Asked(play)
    world.play()
    return world


def declare(people, **spec):
    people.log_in()
    people.declare_account()
    people.declare_key(**(CALM | spec))


def end_by_hand(_world, people):
    people.revoke_what_is_in("app-grid")
    people.touch("consumptionkeys", "app", "example.com/look", "now")


def end_in_an_emergency(_world, people):
    people.annotate("app", EMERGENCY, "leaked")


def end_at_the_deadline(_world, people):
    people.annotate("app", ROTATE, "now")


ENDS = {
    "a person has revoked": (end_by_hand, {}),
    "an emergency has ended": (end_in_an_emergency, {}),
    "went at the deadline": (end_at_the_deadline, {"deadline": "5m", "onDeadline": "Revoke"}),
}


def without_a_look_at_pods(world):
    """The watchman minds a key that goes under a pod, which a deadline asks for."""
    world.watchman._is_held_by_a_pod = lambda key_id: False


@pytest.mark.parametrize("sentence", ENDS)
def test_pods_are_told_that_run_with_a_key_that(sentence):
    end, spec = ENDS[sentence]

    def play(world, people):
        without_a_look_at_pods(world)
        declare(people, **spec)
        yield A_MINUTE
        world.rollouts.deploy("late", "app-grid")
        yield A_MINUTE
        assert world.all_pods_work()
        end(world, people)
        yield AN_HOUR
        assert world.adopted() == ("False", DEAD)
        assert "pod late-1 (env)" in world.message()
        assert "restart what it belongs to" in world.message()
        assert people.reads("consumptionkeys", "app") == "UpToDate"
        assert world.warnings() == [DEAD]
        people.restart("late")
        yield 5 * A_MINUTE
        assert world.adopted() == ("True", "NobodyHoldsIt")
        world.lists_of_pods = 0
        yield AN_HOUR
        assert world.lists_of_pods == 0, "nothing is left to be asked"

    world = run(play)

    assert world.all_pods_work()
    assert world.warnings() == [DEAD]


@pytest.mark.parametrize("sentence", ENDS)
def test_what_is_named_is_restarted_after_a_key_that(sentence):
    end, spec = ENDS[sentence]

    def play(world, people):
        without_a_look_at_pods(world)
        declare(people, restart=ONE, **spec)
        yield A_MINUTE
        world.rollouts.deploy("one", "app-grid")
        yield A_MINUTE
        end(world, people)
        yield AN_HOUR

    world = run(play)

    assert world.all_pods_work()
    assert world.adopted() == ("True", "NobodyHoldsIt")


def test_pods_with_a_dead_key_are_told_of_while_the_overlap_of_a_later_rotation_lasts():
    def play(world, people):
        declare(people, rotateAfter="3d", overlap="1h")
        yield A_MINUTE
        world.rollouts.deploy("late", "app-grid")
        yield A_MINUTE
        end_by_hand(world, people)
        yield A_MINUTE
        world.rollouts.deploy("new", "app-grid")
        yield A_MINUTE
        people.annotate("app", ROTATE, "now")
        yield 5 * A_MINUTE
        assert world.adopted() == ("False", DEAD)
        assert "pod late-1 (env)" in world.message(), "the other one has the previous key"
        people.restart("late")
        yield 5 * A_MINUTE
        assert world.adopted() is None, "the overlap lasts"
        world.lists_of_pods = 0
        yield 10 * A_MINUTE
        assert world.lists_of_pods == 0
        yield AN_HOUR
        assert world.adopted() == ("False", "WaitingForPods")
        people.restart("new")
        yield AN_HOUR

    world = run(play)

    assert world.all_pods_work()
    assert world.warnings() == [DEAD, DEAD], "once for each key that they have missed"


def test_a_dead_key_of_which_both_secrets_are_lost_is_told_of_too():
    def play(world, people):
        declare(people, restart=ONE)
        yield A_MINUTE
        world.rollouts.deploy("one", "app-grid")
        world.rollouts.deploy("late", "app-grid")
        yield A_MINUTE
        people.revoke_what_is_in("app-grid")
        people.delete_secret("app-thegrid-rotation")
        people.delete_secret("app-grid")
        people.touch("consumptionkeys", "app", "example.com/look", "now")
        yield 5 * A_MINUTE
        assert world.template("one")
        assert world.adopted() == ("False", OTHER)
        assert "pod late-2 (env)" in world.message()
        people.restart("late")
        yield 5 * A_MINUTE

    world = run(play)

    assert world.all_pods_work()
    assert world.adopted() == ("True", "NobodyHoldsIt")


def anew(world, people, **spec):
    """Delete the resource and declare it again, once it is gone."""
    people.delete("app", for_good=False)
    yield A_MINUTE
    assert not people.exists("consumptionkeys", "app")
    people.declare_key(**(CALM | spec))
    yield A_MINUTE


def test_a_resource_that_is_made_anew_restarts_what_it_names_and_tells_of_the_rest():
    def play(world, people):
        declare(people)
        yield A_MINUTE
        world.rollouts.deploy("one", "app-grid")
        world.rollouts.deploy("late", "app-grid")
        yield A_MINUTE
        yield from anew(world, people, restart=ONE)
        yield 5 * A_MINUTE
        assert world.template("one"), "it is named"
        assert not world.template("late"), "it is not"
        assert world.adopted() == ("False", OTHER)
        assert "late" in world.message()
        assert "one-" not in world.message()
        assert world.warnings() == [OTHER]
        people.restart("late")
        yield 5 * A_MINUTE

    world = run(play)

    assert world.all_pods_work()
    assert world.adopted() == ("True", "NobodyHoldsIt")
    assert world.warnings() == [OTHER]


def test_a_workload_whose_pods_hold_the_first_key_is_left_alone_beside_one_that_does_not():
    def play(world, people):
        declare(people)
        yield A_MINUTE
        world.rollouts.deploy("late", "app-grid")
        yield A_MINUTE
        people.delete("app", for_good=False)
        yield A_MINUTE
        people.declare_key(**CALM, restart=[*ONE, {"kind": "Deployment", "name": "late"}])
        yield 1
        world.rollouts.deploy("one", "app-grid")
        yield 5 * A_MINUTE

    world = run(play)

    assert world.template("late")
    assert not world.template("one")
    assert world.all_pods_work()


def test_a_first_key_restarts_nothing_that_has_waited_for_it_and_pods_are_asked_once():
    def play(world, people):
        declare(people, restart=ONE)
        yield 1
        world.rollouts.deploy("one", "app-grid")
        yield AN_HOUR

    world = run(play)

    assert world.template("one") == {}
    assert world.adopted() is None
    assert world.warnings() == []
    assert world.lists_of_pods == 1, "neither looks nor a restart of the operator ask again"


def test_nor_does_a_node_whose_clock_is_behind_by_nearly_the_margin():
    def play(world, people):
        world.rollouts.node_is_behind = timedelta(seconds=9.9)
        declare(people, restart=ONE)
        yield 0.5
        world.rollouts.deploy("one", "app-grid")
        drop_status(world)
        people.touch("consumptionkeys", "app", "example.com/look", "now")
        yield AN_HOUR

    world = run(play)

    assert world.template("one") == {}


def test_a_status_that_was_lost_costs_a_list_of_pods_and_nothing_else():
    def play(world, people):
        declare(people, restart=ONE)
        yield A_MINUTE
        world.rollouts.deploy("one", "app-grid")
        yield A_MINUTE
        people.annotate("app", ROTATE, "now")
        yield 10 * A_MINUTE
        world.stamped = world.template("one")
        world.lists_of_pods = 0
        drop_status(world)
        people.touch("consumptionkeys", "app", "example.com/look", "now")
        yield AN_HOUR
        assert world.lists_of_pods == 1

    world = run(play)

    assert world.stamped
    assert world.template("one") == world.stamped
    assert world.warnings() == []


def test_who_wants_time_alone_to_decide_is_told_nothing():
    def play(world, people):
        declare(people, adoption="Time")
        yield A_MINUTE
        world.rollouts.deploy("late", "app-grid")
        yield A_MINUTE
        end_by_hand(world, people)
        yield AN_HOUR

    world = run(play)

    assert world.lists_of_pods == 0
    assert world.adopted() is None
    assert world.warnings() == []


def test_a_key_that_a_person_kept_and_that_is_taken_over_is_held_by_nobody_in_vain():
    def play(world, people):
        key_id, secret = world.market.make_key("made by hand")
        people.keep_secret("app-grid", OPENAI_API_KEY=secret)
        world.rollouts.deploy("late", "app-grid")
        yield A_MINUTE
        target = {"name": "app-grid", "creationPolicy": "Adopt"}
        declare(people, target=target, adoptKeyId=key_id)
        yield AN_HOUR

    world = run(play)

    assert world.adopted() is None
    assert world.warnings() == []


def drop_status(world):
    """Lose a status, as a restored backup does."""
    world.api.write_status(Where("consumptionkeys", NAMESPACE, "app"), {})
