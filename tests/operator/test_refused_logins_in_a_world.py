"""An API server that takes no Secret with tokens: no login is lost to that, and people are told."""

from __future__ import annotations

import pytest
from tests.crash.people import NAMESPACE
from tests.operator.worlds import Policy, declare, worlds_end

HOUR = 3600
TOKENS = "team-thegrid-tokens"


def told(world, plural, name):
    item = world.api.find(plural, NAMESPACE, name)
    found = (item.get("status") or {}).get("conditions", ())
    return next(((it["status"], it["reason"], it["message"]) for it in found), None)


def works(world):
    ready = told(world, "gridaccounts", "team")[:2] == ("True", "LoggedIn")
    return ready and told(world, "consumptionkeys", "app")[:2] == ("True", "UpToDate")


@pytest.mark.parametrize("restarts", [0, 3])
def test_a_quota_that_leaves_no_room_for_tokens_is_told_and_spends_no_login(restarts):
    seen = []

    def story(world, people):
        policy = Policy(world, TOKENS)
        declare(people)
        yield HOUR
        for _ in range(restarts):
            world._restart_all()
            yield 600
        seen.append(told(world, "gridaccounts", "team"))
        seen.append(told(world, "consumptionkeys", "app"))
        policy.lift()
        yield 700

    world = worlds_end(story)

    account, key = seen
    assert account[:2] == ("False", "KubernetesRefused")
    assert "quota" in account[2]
    assert key[:2] == ("False", "AccountNotReady")
    assert account[2] in key[2]
    assert works(world)


def test_a_login_that_could_not_be_stored_is_tried_again_and_not_lost():
    seen = []

    def story(world, people):
        declare(people)
        yield 60
        policy = Policy(world, TOKENS)
        yield 2 * HOUR
        seen.append(told(world, "gridaccounts", "team"))
        seen.append(told(world, "consumptionkeys", "app"))
        policy.lift()
        yield 700

    world = worlds_end(story)

    account, key = seen
    assert account[:2] == ("False", "KubernetesRefused"), "the market takes the old token no more"
    assert key[:2] == ("True", "AccountNotReady"), "the Secret still holds a key that works"
    assert account[2] in key[2]
    assert works(world)


def test_a_login_that_a_person_has_approved_is_not_lost_and_asked_for_only_once():
    def story(world, people):
        people.declare_account()
        yield 30
        policy = Policy(world, TOKENS)
        world.market.approve(people.read_code("team"))
        yield 700
        assert told(world, "gridaccounts", "team")[1] == "KubernetesRefused"
        policy.lift()
        yield 700

    world = worlds_end(story)

    assert told(world, "gridaccounts", "team")[:2] == ("True", "LoggedIn")
    asked = [it.path for it in world.market.venue.journal.entries if "device" in it.path]
    assert len(asked) == 1
