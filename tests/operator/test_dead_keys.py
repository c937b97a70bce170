"""Pods that run with a key that nobody accepts any more are told of, and restarted where named.

Told by stories in a world: a model of the API server, a market, and pods that read a Secret when
they start.
"""

from __future__ import annotations

import pytest
from tests.crash.scenarios import EMERGENCY, ROTATE
from tests.operator.pod_stories import (
    A_MINUTE,
    AN_HOUR,
    DEAD,
    ONE,
    OTHER,
    declare,
    drop_status,
    end_by_hand,
    run,
)


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


def test_a_restart_that_is_not_allowed_keeps_no_key_that_nobody_holds():
    def play(world, people):
        world.forbidden = "/deployments"
        declare(people, restart=ONE)
        yield A_MINUTE
        world.rollouts.deploy("one", "app-grid")
        yield A_MINUTE
        people.annotate("app", ROTATE, "now")
        yield 10 * A_MINUTE
        assert people.reads("consumptionkeys", "app") == "RestartNotAllowed"
        assert len(world.market.live()) == 2
        people.restart("one")
        yield 10 * A_MINUTE
        assert people.reads("consumptionkeys", "app") == "UpToDate"

    world = run(play)

    assert len(world.market.live()) == 1


def test_where_pods_may_not_be_listed_that_is_told_until_they_may():
    def play(world, people):
        world.forbidden = "/pods"
        declare(people)
        yield A_MINUTE
        assert people.reads("consumptionkeys", "app") == "UpToDate", "nothing is at stake yet"
        world.rollouts.deploy("late", "app-grid")
        yield A_MINUTE
        end_by_hand(world, people)
        yield 10 * A_MINUTE
        assert people.reads("consumptionkeys", "app") == "PodsNotAllowed"
        world.forbidden = ""
        yield 20 * A_MINUTE
        assert people.reads("consumptionkeys", "app") == "UpToDate"
        assert world.adopted() == ("False", DEAD)
        people.restart("late")
        yield 5 * A_MINUTE

    world = run(play)

    assert world.adopted() == ("True", "NobodyHoldsIt")


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
