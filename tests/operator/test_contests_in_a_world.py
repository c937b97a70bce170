"""A GitOps tool that writes into the Secret of a ConsumptionKey whenever it was put right."""

from __future__ import annotations

import pytest
from tests.crash.people import NAMESPACE, encoded
from tests.crash.scenarios import EMERGENCY, ROTATE
from tests.crash.state import entries
from tests.operator.worlds import declare, worlds_end

from thegrid_operator.manifests import companion_name

HOUR = 3600
TARGET = "app-grid"
KEY = "OPENAI_API_KEY"
QUICK = {"rotateAfter": "1d", "overlap": "10s"}


def told(world, condition="Ready"):
    item = world.api.find("consumptionkeys", NAMESPACE, "app")
    found = item["status"]["conditions"]
    return next((it["status"], it["reason"]) for it in found if it["type"] == condition)


def events(world, reason):
    return [it["message"] for it in world.api.items("events") if it["reason"] == reason]


def rotation_in(world):
    return world.api.find("consumptionkeys", NAMESPACE, "app")["status"]["rotation"]


def works(world):
    return world.market.accepts(entries(world.api.find("secrets", NAMESPACE, TARGET))[KEY])


def live(world):
    return [key.key_id for key in world.market.live()]


def fight(people, seconds, every=20):
    """A tool that looks often, and writes what somebody has put under its eyes."""
    for _ in range(seconds // every):
        people.edit_secret(TARGET, **{KEY: "placeholder"})
        yield every


def replaced(world):
    """What our target is to one who replaces it as a whole, with nothing that says whose it is."""
    secret = world.api.find("secrets", NAMESPACE, TARGET)
    nothing = dict.fromkeys(secret["metadata"].get("annotations", ()))
    data = dict.fromkeys(secret["data"]) | {KEY: encoded("placeholder")}
    return {"metadata": {"name": TARGET, "annotations": nothing}, "data": data}


def test_a_fight_over_an_entry_is_told_once_and_ends_by_itself():
    fought = []

    def story(world, people):
        declare(people, **QUICK)
        yield 60
        before = world.writes
        yield from fight(people, 3 * HOUR)
        fought.append(world.writes - before)
        fought.append((told(world), told(world, "Stalled")))
        yield HOUR

    world = worlds_end(story)

    writes, (ready, stalled) = fought
    assert writes <= 3 * 7 * 2, "the target every eight to ten minutes, and a few words"
    assert ready == ("False", "TargetContested")
    assert stalled == ("True", "TargetContested")
    assert len(events(world, "TargetContested")) == 1
    assert len(events(world, "TargetRestored")) == 2
    assert told(world) == ("True", "UpToDate")
    assert works(world)
    assert len(world.market.rows()) == 1


def test_no_older_key_goes_while_workloads_may_never_have_seen_the_new_one():
    fought = []

    def story(world, people):
        declare(people, **QUICK)
        yield 60
        yield from fight(people, HOUR)
        (first,) = live(world)
        people.annotate("app", ROTATE, "now")
        before = world.writes
        yield from fight(people, HOUR)
        fought.append(world.writes - before)
        fought.append((rotation_in(world), first in live(world), len(world.market.rows())))
        yield HOUR

    world = worlds_end(story)

    writes, found = fought
    assert found == (2, True, 2)
    assert writes <= 25, "it is looked at every minute, and put right every five"
    assert told(world) == ("True", "UpToDate")
    assert len(live(world)) == 1
    assert works(world)


def test_one_who_replaces_a_target_that_is_to_be_adopted_is_told_too():
    fought = []

    def story(world, people):
        declare(people, **QUICK, target={"name": TARGET, "creationPolicy": "Adopt"})
        yield 60
        for _ in range(HOUR // 20):
            people.put_secret_back(replaced(world))
            yield 20
        fought.append(told(world))
        yield HOUR

    world = worlds_end(story)

    assert fought == [("False", "TargetContested")]
    assert len(events(world, "SecretAdopted")) == 1
    assert told(world) == ("True", "UpToDate")
    assert works(world)


def test_an_emergency_is_not_held_up_by_a_fight():
    fought = []

    def story(world, people):
        declare(people, **QUICK)
        yield 60
        yield from fight(people, HOUR)
        leaked = live(world)
        people.annotate("app", EMERGENCY, "leak")
        yield 5
        fought.append((leaked, live(world)))
        yield HOUR

    world = worlds_end(story)

    ((leaked, left),) = fought
    assert not {*leaked} & {*left}
    assert len(left) == 1
    assert works(world)


@pytest.mark.parametrize("request_for", [ROTATE, EMERGENCY])
def test_a_companion_of_long_ago_that_is_put_back_each_time_makes_no_key(request_for):
    name = companion_name("app")

    def story(world, people):
        declare(people, **QUICK)
        yield 60
        people.annotate("app", request_for, "first")
        yield 60
        saved = world.api.find("secrets", NAMESPACE, name)
        people.annotate("app", request_for, "second")
        yield 60
        made = len(world.market.rows())
        for _ in range(HOUR // 60):
            people.put_secret_back(saved)
            yield 60
        assert len(world.market.rows()) == made == 3

    world = worlds_end(story)

    assert told(world) == ("True", "UpToDate")
    assert rotation_in(world) == 3
    assert works(world)


@pytest.mark.parametrize("looks", [1, 2])
def test_a_person_who_tries_something_once_or_twice_is_in_no_fight(looks):
    def story(_world, people):
        declare(people, **QUICK)
        yield 60
        for _ in range(looks):
            people.edit_secret(TARGET, **{KEY: "tried by hand"})
            yield 660

    world = worlds_end(story)

    assert told(world) == ("True", "UpToDate")
    assert len(events(world, "TargetRestored")) == looks
    assert not events(world, "TargetContested")
