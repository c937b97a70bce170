"""A deleted key goes with its keys revoked, or tells which it leaves alive; it never hangs."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

pytestmark = pytest.mark.engines

CALM = {"rotateAfter": "1h", "overlap": "30m"}


def declare(cluster, **spec):
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key(**(CALM | spec))
    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")
    return cluster.get("consumptionkey", "app")["status"]["keyId"]


def delete(cluster, *options):
    namespace = f"--namespace={cluster.namespace}"
    cluster.plane.kubectl("delete", "consumptionkey", "app", namespace, *options)


def close_the_account(cluster):
    """Nobody can log in any more."""
    cluster.declare_account(suspend=True)
    cluster.wait_for_reason("gridaccount", "team", "Suspended")


def waiting(cluster, eventually):
    def message():
        found = cluster.condition("consumptionkey", "app").get("message", "")
        return found if "being deleted" in found else None

    return eventually(message, "the resource to tell what it waits for")


def events(cluster):
    namespace = f"--namespace={cluster.namespace}"
    fields = "custom-columns=TYPE:.type,REASON:.reason,NOTE:.message"
    return cluster.plane.kubectl("get", "events", namespace, "--output", fields).splitlines()


def told_left_alive(cluster):
    return [line for line in events(cluster) if "KeysLeftAlive" in line]


def test_it_waits_for_its_account_says_so_and_goes_on_by_itself(cluster, operator, eventually):
    declare(cluster)
    close_the_account(cluster)
    delete(cluster, "--wait=false")

    message = waiting(cluster, eventually)
    assert "GridAccount" in message
    assert "thegrid.ai/force-delete=true" in message
    asked_at = cluster.get("consumptionkey", "app")["metadata"]["deletionTimestamp"]
    released_at = datetime.fromisoformat(asked_at) + timedelta(hours=24)
    assert released_at.strftime("%Y-%m-%dT%H:%M:%SZ") in message
    assert len(cluster.live_keys()) == 1

    cluster.declare_account()
    eventually(lambda: cluster.get("consumptionkey", "app") is None, "the resource to go")
    assert cluster.live_keys() == []
    assert told_left_alive(cluster) == []


def test_it_waits_for_the_market_and_says_so(cluster, operator, eventually):
    declare(cluster)
    cluster.market.order_fault("GET", "/api-keys", status=503, times=40)
    delete(cluster, "--wait=false")

    assert "503" in waiting(cluster, eventually)
    assert cluster.condition("consumptionkey", "app")["reason"] == "MarketRefused"
    cluster.market.clear_faults()
    eventually(lambda: cluster.get("consumptionkey", "app") is None, "the resource to go")
    assert cluster.live_keys() == []


def test_an_annotation_ends_the_wait_with_a_warning_that_names_the_key(
    cluster, operator, eventually
):
    key_id = declare(cluster)
    close_the_account(cluster)
    delete(cluster, "--wait=false")
    waiting(cluster, eventually)

    cluster.annotate("consumptionkey", "app", "thegrid.ai/force-delete=true")

    eventually(lambda: cluster.get("consumptionkey", "app") is None, "the resource to go")
    (line,) = told_left_alive(cluster)
    assert line.startswith("Warning")
    assert key_id in line
    assert "spec.suspend" in line, "why it could not be revoked"
    assert cluster.get("secret", "app-grid") is None
    assert cluster.get("secret", "app-thegrid-rotation") is None
    assert len(cluster.live_keys()) == 1


def test_a_forced_deletion_revokes_all_the_same_where_it_can(cluster, operator):
    declare(cluster)
    cluster.annotate("consumptionkey", "app", "thegrid.ai/force-delete=true")

    delete(cluster, "--timeout=20s")

    assert cluster.live_keys() == []
    assert told_left_alive(cluster) == []


def test_the_deadline_ends_the_wait_too(cluster, start, eventually):
    start(flags=["--deletion-deadline", "3s"])
    key_id = declare(cluster)
    close_the_account(cluster)

    delete(cluster, "--timeout=20s")

    (line,) = told_left_alive(cluster)
    assert line.startswith("Warning")
    assert key_id in line


def test_an_account_that_is_gone_for_good_hangs_nobody(cluster, start, eventually):
    first = start(flags=["--deletion-deadline", "3s"])
    declare(cluster)
    first.stop()
    namespace = f"--namespace={cluster.namespace}"
    cluster.plane.kubectl("delete", "gridaccount", "team", namespace, "--wait=false")
    patch = '--patch={"metadata":{"finalizers":null}}'
    cluster.plane.kubectl("patch", "gridaccount", "team", "--type=merge", patch, namespace)
    start(flags=["--deletion-deadline", "3s"])

    delete(cluster, "--timeout=20s")

    assert "does not exist" in told_left_alive(cluster)[0]


def test_an_orphan_keeps_key_and_secret_and_nothing_that_ties_it_to_us(cluster, operator, call):
    key_id = declare(cluster, deletionPolicy="Orphan")
    before = cluster.secret("app-grid")

    delete(cluster, "--timeout=20s")

    assert cluster.secret("app-grid") == before
    assert call(before)
    kept = cluster.get("secret", "app-grid")["metadata"]
    assert not kept.get("annotations")
    assert not kept.get("labels")
    assert cluster.get("secret", "app-thegrid-rotation") is None
    (line,) = told_left_alive(cluster)
    assert line.startswith("Normal")
    assert key_id in line


def test_a_later_resource_of_the_same_name_takes_the_orphan_over(cluster, operator, call):
    declare(cluster, deletionPolicy="Orphan")
    delete(cluster, "--timeout=20s")

    cluster.declare_key(target={"name": "app-grid", "creationPolicy": "Adopt"}, **CALM)

    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")
    assert call(cluster.secret("app-grid"))
