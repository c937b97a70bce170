"""Pods that started before a resource's first key are told of, and those that waited are not.

Told by stories in a world: a model of the API server, a market, and pods that read a Secret when
they start.
"""

from __future__ import annotations

from datetime import timedelta

from tests.crash.scenarios import CALM
from tests.operator.pod_stories import (
    A_MINUTE,
    AN_HOUR,
    ONE,
    OTHER,
    anew,
    declare,
    drop_status,
    run,
)


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
