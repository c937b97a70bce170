"""Named workloads are restarted after a rotation: real rollouts, with pods that kwok plays."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from tests.operator import workloads
from tests.operator.test_pods_adopt import QUICK, adopted, declare, only_one_lives, rotate, status

pytestmark = pytest.mark.engines

BOTH = [{"kind": "Deployment", "name": "first"}, {"kind": "Deployment", "name": "second"}]
FIRST = BOTH[:1]
SECOND = timedelta(seconds=1)


def now():
    return datetime.now(UTC)


@pytest.fixture
def may_restart(chart):
    chart(restartWorkloads=True)


def look_again(cluster, eventually, text):
    """Have the operator look, and wait until it has."""
    looks = cluster.listings()
    cluster.annotate("consumptionkey", "app", f"example.com/look={text}")
    eventually(lambda: cluster.listings() > looks, "another look", cluster.listings)


def test_named_workloads_are_restarted_in_their_order_and_then_the_old_key_goes(
    cluster, may_restart, start, eventually
):
    start(flags=QUICK)
    declare(cluster, restart=BOTH)
    workloads.run(cluster, workloads.deployment("first"), workloads.deployment("second"))
    rotate(cluster, eventually)

    only_one_lives(cluster, eventually)
    adopted(cluster, eventually, "True", "NobodyHoldsIt")
    key_id = status(cluster)["keyId"]
    for name in ("first", "second"):
        (stamp,) = workloads.stamps(cluster, name)
        assert stamp.startswith(f"2/{key_id} ")
        assert workloads.revisions(cluster, name) == 2
    told = workloads.events(cluster, "WorkloadRestarted")
    assert len(told) == 2


def test_the_second_is_not_touched_while_the_first_fails(cluster, may_restart, start, eventually):
    start(flags=QUICK)
    declare(cluster, restart=BOTH)
    first = workloads.stuck_when_restarted("first", progressDeadlineSeconds=2)
    workloads.run(cluster, first, workloads.deployment("second"))
    rotate(cluster, eventually)

    condition = cluster.wait_for_reason("consumptionkey", "app", "RestartFailed")
    assert "Deployment first" in condition["message"]
    assert cluster.condition("consumptionkey", "app", "Stalled")["status"] == "True"
    assert workloads.events(cluster, "RestartFailed")
    look_again(cluster, eventually, "failing")
    assert workloads.stamps(cluster, "second") == []
    assert len(cluster.live_keys()) == 2

    workloads.let_go_on(cluster, "first")
    cluster.annotate("consumptionkey", "app", "example.com/look=mended")
    only_one_lives(cluster, eventually)
    assert len(workloads.stamps(cluster, "second")) == 1
    assert workloads.revisions(cluster, "first") == 2


def test_an_operator_that_starts_amid_a_rollout_goes_on_from_what_the_templates_say(
    cluster, may_restart, start, eventually
):
    before = start(flags=QUICK)
    declare(cluster, restart=BOTH)
    first = workloads.stuck_when_restarted("first")
    workloads.run(cluster, first, workloads.deployment("second"))
    rotate(cluster, eventually)
    cluster.wait_for_reason("consumptionkey", "app", "RestartingWorkloads")
    (stamp,) = workloads.stamps(cluster, "first")
    before.stop()

    start(flags=QUICK)
    looks = cluster.listings()
    eventually(lambda: cluster.listings() > looks, "the new replica to look", cluster.listings)
    look_again(cluster, eventually, "after the start")
    assert workloads.stamps(cluster, "first") == [stamp]
    assert workloads.revisions(cluster, "first") == 2
    assert workloads.stamps(cluster, "second") == []

    workloads.let_go_on(cluster, "first")
    cluster.annotate("consumptionkey", "app", "example.com/look=mended")
    only_one_lives(cluster, eventually)
    assert workloads.stamps(cluster, "first") == [stamp]
    assert len(workloads.stamps(cluster, "second")) == 1


def test_a_rollout_of_somebody_else_is_waited_for(cluster, may_restart, start, eventually):
    start(flags=QUICK)
    declare(cluster, restart=FIRST)
    workloads.run(cluster, workloads.stuck_when_restarted("first"))
    namespace = f"--namespace={cluster.namespace}"
    cluster.plane.kubectl("rollout", "restart", "deployment/first", namespace)
    rotate(cluster, eventually)

    condition = cluster.wait_for_reason("consumptionkey", "app", "WaitingForRollout")
    assert "Deployment first" in condition["message"]
    assert workloads.stamps(cluster, "first") == []

    workloads.let_go_on(cluster, "first")
    cluster.annotate("consumptionkey", "app", "example.com/look=ended")
    eventually(lambda: workloads.stamps(cluster, "first"), "the restart")
    only_one_lives(cluster, eventually)


def test_nothing_but_a_rotation_restarts_anything(cluster, may_restart, start, eventually):
    first = start(flags=QUICK)
    declare(cluster)
    workloads.run(cluster, workloads.deployment("first"))
    cluster.declare_key(rotateAfter="1h", overlap="1s", restart=FIRST)
    before = cluster.secret("app-grid")
    namespace = f"--namespace={cluster.namespace}"

    edit = '{"stringData": {"OPENAI_API_KEY": "edited"}}'
    cluster.plane.kubectl("patch", "secret", "app-grid", namespace, f"--patch={edit}")
    look_again(cluster, eventually, "edited")
    eventually(lambda: cluster.secret("app-grid") == before, "the edit to be put right")
    cluster.plane.kubectl("delete", "secret", "app-grid", namespace)
    look_again(cluster, eventually, "deleted")
    eventually(lambda: cluster.secret("app-grid") == before, "the Secret to come back")
    first.stop()
    looks = cluster.listings()
    start(flags=QUICK)
    eventually(lambda: cluster.listings() > looks, "the new replica to look", cluster.listings)

    assert workloads.stamps(cluster, "first") == []
    assert workloads.revisions(cluster, "first") == 1


def test_without_the_right_the_chart_s_value_is_named_and_pods_are_waited_for(
    cluster, start, eventually
):
    start(flags=QUICK)
    declare(cluster, restart=FIRST)
    workloads.run(cluster, workloads.deployment("first"))
    rotate(cluster, eventually)

    condition = cluster.wait_for_reason("consumptionkey", "app", "RestartNotAllowed")
    assert "restartWorkloads" in condition["message"]
    assert condition["status"] == "True", "the Secret holds a key that works"
    assert len(cluster.live_keys()) == 2

    namespace = f"--namespace={cluster.namespace}"
    cluster.plane.kubectl("rollout", "restart", "deployment/first", namespace)
    only_one_lives(cluster, eventually)


def test_who_runs_with_a_key_that_somebody_revoked_is_restarted_too(
    cluster, may_restart, start, eventually
):
    start(flags=QUICK)
    declare(cluster, restart=FIRST)
    workloads.run(cluster, workloads.deployment("first"))

    cluster.revoke_by_hand(status(cluster)["keyId"])
    cluster.annotate("consumptionkey", "app", "example.com/look=now")

    eventually(lambda: workloads.stamps(cluster, "first"), "the restart")
    only_one_lives(cluster, eventually)
    eventually(lambda: "previousKeyId" not in status(cluster), "the dead key to be forgotten")


def test_a_resource_that_is_made_anew_restarts_what_runs_with_the_last_one_s_key(
    cluster, may_restart, start, eventually
):
    start(flags=QUICK)
    declare(cluster)
    workloads.run(cluster, workloads.deployment("first"), workloads.deployment("late"))
    namespace = f"--namespace={cluster.namespace}"
    # A container that starts within the margin is taken for one that has waited for the key.
    eventually(lambda: workloads.youngest_start(cluster) < now() - 4 * SECOND, "pods to run")
    cluster.plane.kubectl("delete", "consumptionkey", "app", namespace)
    cluster.declare_key(rotateAfter="1h", overlap="1s", restart=FIRST)

    eventually(lambda: workloads.stamps(cluster, "first"), "the restart")
    found = re.compile(r"pod late-\S+ \(env\) started before the Secret held key #1")
    eventually(
        lambda: found.match(cluster.condition("consumptionkey", "app", "Adopted")["message"]),
        "the one that is not named to be told alone",
    )
    assert cluster.condition("consumptionkey", "app")["status"] == "True"
    assert workloads.revisions(cluster, "first") == 2
    assert workloads.revisions(cluster, "late") == 1
    assert len(workloads.events(cluster, "PodsHoldOtherKey")) == 1

    cluster.plane.kubectl("rollout", "restart", "deployment/late", namespace)
    adopted(cluster, eventually, "True", "NobodyHoldsIt")


def test_a_workload_that_does_not_exist_is_told_and_stops_nothing(
    cluster, may_restart, start, eventually
):
    start(flags=QUICK)
    missing = {"kind": "StatefulSet", "name": "missing"}
    declare(cluster, restart=[missing, *FIRST], overlap="15s")
    workloads.run(cluster, workloads.deployment("first"))
    rotate(cluster, eventually)

    condition = cluster.wait_for_reason("consumptionkey", "app", "WorkloadNotFound")
    assert "StatefulSet missing" in condition["message"]
    assert len(workloads.stamps(cluster, "first")) == 1
    only_one_lives(cluster, eventually)


def test_in_an_emergency_the_old_key_goes_at_once_and_workloads_are_restarted_all_the_same(
    cluster, may_restart, start, eventually, call
):
    start(flags=QUICK)
    declare(cluster, restart=FIRST, rotateAfter="2h", overlap="1h")
    workloads.run(cluster, workloads.deployment("first"))
    leaked = status(cluster)["keyId"]

    cluster.annotate("consumptionkey", "app", "thegrid.ai/emergency-rotate=leak")

    eventually(lambda: status(cluster)["keyId"] != leaked, "another key")
    assert len(cluster.live_keys()) == 1, "the old one went before the status was written"
    assert call(cluster.secret("app-grid"))
    (stamp,) = eventually(lambda: workloads.stamps(cluster, "first"), "the restart")
    key_id = status(cluster)["keyId"]
    assert stamp.startswith(f"2/{key_id} ")
    assert workloads.revisions(cluster, "first") == 2
    assert workloads.events(cluster, "Emergency")
    eventually(lambda: "previousKeyId" not in status(cluster), "the leaked key to be forgotten")
