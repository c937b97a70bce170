"""Templates that are edited while pods run with what they told."""

from __future__ import annotations

import json

import pytest
from tests.crash.people import NAMESPACE
from tests.crash.scenarios import ROTATE
from tests.operator.worlds import declare, worlds_end

from thegrid_operator.record import RECORD

ENTRIES = {"OPENAI_API_KEY": "$(KEY)", "TOKEN": "$(KEY)"}
AFTER_ANY_OVERLAP = 1000


def told(world):
    target = world.api.find("secrets", NAMESPACE, "app-grid")
    return json.loads(target["metadata"]["annotations"][RECORD]).get("told")


def held_and_live(world):
    return world.rollouts.held(), {row.key_id for row in world.market.live()}


@pytest.mark.parametrize("at_once", [True, False])
def test_a_pod_that_read_the_key_from_an_entry_which_tells_none_by_now_is_waited_for(at_once):
    """The edit comes with a rotation, or ahead of it."""

    def story(world, people):
        world.watchman.after_a_write = lambda: world.watchman.see_changes(by_hand=False)
        declare(people, target={"name": "app-grid", "entries": ENTRIES})
        yield 60
        world.rollouts.deploy("one", "app-grid")
        people.edit_spec("consumptionkeys", "app", target={"entries": {"OPENAI_API_KEY": "gone"}})
        if not at_once:
            yield 60
        people.annotate("app", ROTATE, "now")
        yield AFTER_ANY_OVERLAP
        held, live = held_and_live(world)
        assert held <= live
        assert people.reads("consumptionkeys", "app") == "WaitingForPods"
        people.restart("one")
        yield AFTER_ANY_OVERLAP

    world = worlds_end(story)

    assert world.people.reads("consumptionkeys", "app") == "UpToDate"
    assert len(world.market.live()) == 1
    assert told(world) == {"OPENAI_API_KEY": 1}


def test_an_entry_that_tells_the_key_again_is_like_any_other():
    def story(world, people):
        world.watchman.after_a_write = lambda: world.watchman.see_changes(by_hand=False)
        declare(people, target={"name": "app-grid", "entries": ENTRIES})
        yield 60
        for template in ("gone", "$(KEY)"):
            change = {"entries": {"OPENAI_API_KEY": template}}
            people.edit_spec("consumptionkeys", "app", target=change)
            yield 60

    assert told(worlds_end(story)) is None
