"""A previous key lives while a pod may hold it: on a real API server, with pods that kwok plays."""

from __future__ import annotations

import openai
import pytest
from tests.operator import workloads

pytestmark = pytest.mark.engines

QUICK = ("--start-margin", "1s", "--volume-delay", "4s")
CALM = {"rotateAfter": "1h", "overlap": "1s"}


def declare(cluster, **spec):
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key(**(CALM | spec))
    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")


def status(cluster):
    return cluster.get("consumptionkey", "app")["status"]


def rotate(cluster, eventually, text="now", number=2):
    cluster.annotate("consumptionkey", "app", f"thegrid.ai/rotate={text}")
    eventually(lambda: status(cluster).get("rotation") == number, f"rotation {number}")


def only_one_lives(cluster, eventually):
    eventually(lambda: len(cluster.live_keys()) == 1, "the previous key to go", cluster.live_keys)
    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")


def adopted(cluster, eventually, word, reason):
    """Wait until the condition says how pods took up the key, and return its message."""

    def look():
        condition = cluster.condition("consumptionkey", "app", "Adopted")
        told = (condition.get("status"), condition.get("reason"))
        return condition["message"] if told == (word, reason) else None

    return eventually(look, f"Adopted to be {word}", lambda: status(cluster))


def test_a_pod_with_the_key_in_its_environment_keeps_it_until_it_is_replaced(
    cluster, start, eventually, call
):
    start(flags=QUICK)
    declare(cluster)
    workloads.run(cluster, workloads.deployment("web"))
    held = cluster.secret("app-grid")
    rotate(cluster, eventually)

    condition = cluster.wait_for_reason("consumptionkey", "app", "WaitingForPods")
    assert condition["status"] == "True", "the Secret holds a key that works"
    assert "pod web-" in condition["message"]
    assert "(env)" in condition["message"]
    assert "restart" in condition["message"]
    looks = cluster.listings()
    eventually(lambda: cluster.listings() >= looks + 3, "three more looks", cluster.listings)
    assert len(cluster.live_keys()) == 2
    assert cluster.condition("consumptionkey", "app", "Adopted")["status"] == "False"
    assert call(held), "the pod still works"
    assert len(workloads.events(cluster, "WaitingForPods")) == 1

    namespace = f"--namespace={cluster.namespace}"
    cluster.plane.kubectl("rollout", "restart", "deployment/web", namespace)

    only_one_lives(cluster, eventually)
    adopted(cluster, eventually, "True", "NobodyHoldsIt")
    with pytest.raises(openai.AuthenticationError):
        call(held)


def test_a_pod_with_the_key_in_a_volume_takes_it_up_by_itself(cluster, start, eventually):
    start(flags=QUICK)
    declare(cluster)
    workloads.run(cluster, workloads.deployment("web", workloads.MOUNT, spec=workloads.VOLUME))
    rotate(cluster, eventually)

    condition = cluster.wait_for_reason("consumptionkey", "app", "WaitingForPods")
    assert "(volume)" in condition["message"]
    assert "no restart" in condition["message"]
    assert len(cluster.live_keys()) == 2

    only_one_lives(cluster, eventually)
    assert workloads.revisions(cluster, "web") == 1, "nobody restarted it"


def test_a_resource_may_give_volumes_more_time_than_the_operator_does(cluster, start, eventually):
    start(flags=QUICK)
    declare(cluster, volumeDelay="1h")
    workloads.run(cluster, workloads.deployment("web", workloads.MOUNT, spec=workloads.VOLUME))
    rotate(cluster, eventually)

    cluster.wait_for_reason("consumptionkey", "app", "WaitingForPods")
    looks = cluster.listings()
    eventually(lambda: cluster.listings() >= looks + 4, "four more looks", cluster.listings)
    assert len(cluster.live_keys()) == 2

    cluster.declare_key(**CALM, volumeDelay="2s")
    only_one_lives(cluster, eventually)


def test_a_key_that_somebody_uses_without_a_pod_lives_until_it_is_quiet(
    cluster, start, eventually, call
):
    start(flags=QUICK)
    declare(cluster, overlap="4s")
    held = cluster.secret("app-grid")
    rotate(cluster, eventually)

    def still_used():
        assert call(held)
        return cluster.condition("consumptionkey", "app")["reason"] == "StillUsed"

    eventually(still_used, "the use to be seen", lambda: cluster.condition("consumptionkey", "app"))
    assert len(cluster.live_keys()) == 2

    only_one_lives(cluster, eventually)


@pytest.mark.parametrize("at_deadline", ["Hold", "Revoke"])
def test_at_the_deadline_the_key_is(cluster, start, eventually, at_deadline):
    start(flags=QUICK)
    declare(cluster, deadline="6s", onDeadline=at_deadline)
    workloads.run(cluster, workloads.deployment("web"))
    rotate(cluster, eventually)
    cluster.wait_for_reason("consumptionkey", "app", "WaitingForPods")

    if at_deadline == "Hold":
        condition = cluster.wait_for_reason("consumptionkey", "app", "DeadlinePassed")
        assert "web-" in condition["message"]
        assert cluster.condition("consumptionkey", "app", "Stalled")["status"] == "True"
        assert len(cluster.live_keys()) == 2
        assert workloads.events(cluster, "DeadlinePassed")
        names = ("delete", "deployment", "web", f"--namespace={cluster.namespace}")
        cluster.plane.kubectl(*names)
        only_one_lives(cluster, eventually)
        assert cluster.condition("consumptionkey", "app", "Stalled")["status"] == "False"
        adopted(cluster, eventually, "True", "NobodyHoldsIt")
    else:
        only_one_lives(cluster, eventually)
        assert "web-" in workloads.events(cluster, "RevokedAtDeadline")[0]
        assert "web-" in adopted(cluster, eventually, "False", "PodsHoldDeadKey")
        assert len(workloads.events(cluster, "PodsHoldDeadKey")) == 1
        namespace = f"--namespace={cluster.namespace}"
        cluster.plane.kubectl("rollout", "restart", "deployment/web", namespace)
        adopted(cluster, eventually, "True", "NobodyHoldsIt")


def test_a_rotation_that_is_asked_for_waits_while_a_pod_holds_the_previous_key(
    cluster, start, eventually
):
    start(flags=QUICK)
    declare(cluster)
    workloads.run(cluster, workloads.deployment("web"))
    rotate(cluster, eventually)
    cluster.wait_for_reason("consumptionkey", "app", "WaitingForPods")
    cluster.annotate("consumptionkey", "app", "thegrid.ai/rotate=again")

    def told():
        message = cluster.condition("consumptionkey", "app")["message"]
        return "the next rotation waits" in message

    eventually(told, "the wait to be told", lambda: cluster.condition("consumptionkey", "app"))
    assert len(cluster.live_keys()) == 2

    names = ("delete", "deployment", "web", f"--namespace={cluster.namespace}")
    cluster.plane.kubectl(*names)
    eventually(lambda: status(cluster).get("rotation") == 3, "the rotation that was asked for")


UNASKED = {
    "the resource says so": ({"adoption": "Time"}, (), "spec.adoption is Time"),
    "the chart says so": ({}, ("--no-observe-pods",), "observePods is false"),
}


@pytest.mark.parametrize("sentence", UNASKED)
def test_time_alone_decides_where(cluster, start, eventually, sentence):
    spec, flags, words = UNASKED[sentence]
    start(flags=[*QUICK, *flags])
    declare(cluster, **spec)
    workloads.run(cluster, workloads.deployment("web"))
    rotate(cluster, eventually)

    only_one_lives(cluster, eventually)
    assert words in adopted(cluster, eventually, "Unknown", "TimeOnly")


def test_without_the_right_to_list_pods_nothing_is_revoked_and_the_value_is_named(
    cluster, chart, start, eventually
):
    chart(observePods=False)
    start(flags=QUICK)
    declare(cluster)
    rotate(cluster, eventually)

    condition = cluster.wait_for_reason("consumptionkey", "app", "PodsNotAllowed")
    assert "observePods" in condition["message"]
    assert len(cluster.live_keys()) == 2

    chart()
    only_one_lives(cluster, eventually)
