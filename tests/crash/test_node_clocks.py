"""Whoever was restarted for a new key is seen to hold it, although nodes' clocks are not exact."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.crash.scenarios import CALM, ROTATE, Scenario
from tests.crash.world import World

RESTART = [{"kind": "Deployment", "name": "one"}]

CLOCKS = {
    "right, and tells whole seconds": timedelta(0),
    "behind by nearly the margin": timedelta(seconds=9.9),
}


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_quick_restart_lets_the_older_key_go_where_the_nodes_clock_is(clock):
    def play(world, people):
        people.log_in()
        people.declare_account()
        people.declare_key(**CALM, restart=RESTART)
        yield 10.3
        world.rollouts.takes_seconds = 0.2
        world.rollouts.node_is_behind = CLOCKS[clock]
        world.rollouts.deploy("one", "app-grid")
        yield 60
        people.annotate("app", ROTATE, "now")
        yield 600

    world = World(Scenario("quick-restart", play))
    world.play()

    assert len(world.market.live()) == 1
    assert len(world.rollouts.held()) == 1
