"""An API server whose policies change or refuse what the operator writes."""

from __future__ import annotations

import pytest
from tests.crash.people import NAMESPACE, encoded
from tests.crash.scenarios import EMERGENCY, ROTATE
from tests.crash.state import entries
from tests.operator.worlds import Policy, declare, worlds_end

from thegrid_operator.manifests import companion_name

HOUR = 3600
TARGET = "app-grid"


def told(world):
    item = world.api.find("consumptionkeys", NAMESPACE, "app")
    conditions = (item.get("status") or {}).get("conditions", ())
    return {it["type"]: (it["status"], it["reason"], it["message"]) for it in conditions}


def warnings(world, reason):
    return [it["message"] for it in world.api.items("events") if it["reason"] == reason]


def rotation_in(world):
    item = world.api.find("consumptionkeys", NAMESPACE, "app")
    return item["status"]["rotation"]


def works(world):
    return world.market.accepts(entries(world.api.find("secrets", NAMESPACE, TARGET))[KEY])


KEY = "OPENAI_API_KEY"
LABELLED = {"metadata": {"labels": {"app.kubernetes.io/managed-by": "platform"}}}
NOTED = {"metadata": {"annotations": {"thegrid.ai/record": "no record"}}}
MANGLED = {"data": {KEY: encoded("sealed")}}


@pytest.mark.parametrize("request_for", [ROTATE, EMERGENCY])
def test_a_policy_that_changes_a_label_of_ours_holds_up_no_rotation(request_for):
    def story(world, people):
        for secret in (TARGET, companion_name("app")):
            Policy(world, secret, changes=LABELLED)
        declare(people)
        yield 60
        people.annotate("app", request_for, "now")
        yield 60

    world = worlds_end(story)

    assert told(world)["Ready"][:2] == ("True", "UpToDate")
    assert rotation_in(world) == 2
    assert works(world)
    (warning,) = warnings(world, "TargetAltered")
    assert "label app.kubernetes.io/managed-by" in warning
    assert not warnings(world, "TargetRestored")


def test_such_a_policy_is_tried_now_and_then_and_no_oftener():
    writes = []

    def story(world, people):
        policy = Policy(world, TARGET, changes=LABELLED)
        declare(people)
        yield 60
        before = world.writes
        yield HOUR
        writes.append(world.writes - before)
        policy.lift()
        yield 700

    world = worlds_end(story)

    assert writes[0] <= 10
    labels = world.api.find("secrets", NAMESPACE, TARGET)["metadata"]["labels"]
    assert labels["app.kubernetes.io/managed-by"] == "thegrid-operator"


@pytest.mark.parametrize("changes", [MANGLED, NOTED])
def test_a_policy_that_changes_what_workloads_or_we_read_is_told_and_is_not_fought(changes):
    def story(world, people):
        policy = Policy(world, TARGET, changes=changes)
        declare(people)
        yield HOUR
        assert world.writes < 4 * HOUR / 30
        assert told(world)["Stalled"][:2] == ("True", "TargetAltered")
        assert told(world)["Ready"][0] == "False"
        assert "sealed" not in told(world)["Ready"][2]
        policy.lift()
        yield 60

    world = worlds_end(story)

    assert told(world)["Ready"][:2] == ("True", "UpToDate")
    assert works(world)


@pytest.mark.parametrize(("secret", "keys"), [(TARGET, 1), (companion_name("app"), 0)])
def test_a_quota_that_leaves_no_room_for_a_secret_is_told_and_costs_no_second_key(secret, keys):
    def story(world, people):
        policy = Policy(world, secret)
        declare(people)
        yield 3 * HOUR
        status, reason, message = told(world)["Stalled"]
        assert (status, reason) == ("True", "KubernetesRefused")
        assert "403" in message
        assert "quota" in message
        assert told(world)["Ready"][0] == "False"
        for _ in range(3):
            world._restart_all()
            yield 400
        assert len(world.market.rows()) == keys
        policy.lift()
        yield 400

    world = worlds_end(story)

    assert told(world)["Ready"][:2] == ("True", "UpToDate")
    assert works(world)
    assert len(world.market.rows()) == 1
