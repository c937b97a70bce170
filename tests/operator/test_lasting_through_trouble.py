"""Deletion, suspension, refused writes and meddling: login, keys and their owners survive."""

from __future__ import annotations

import itertools
import json

import pytest
from tests.operator.admission import refusing

pytestmark = pytest.mark.engines

CALM = {"rotateAfter": "1h", "overlap": "30m"}


def declare(cluster, **spec):
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key(**(CALM | spec))
    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")


def all_keys(cluster):
    return cluster.market.api_keys(cluster.market.account.user_id)


def test_a_suspended_account_rests_and_goes_on_when_it_is_woken(cluster, operator, eventually):
    declare(cluster)
    cluster.declare_account(suspend=True)
    cluster.wait_for_reason("gridaccount", "team", "Suspended")
    waiting = cluster.wait_for_reason("consumptionkey", "app", "AccountNotReady")
    assert "suspend" in waiting["message"]
    assert waiting["status"] == "True", "the Secret still holds a key that works"

    cluster.declare_account()

    cluster.wait_for_reason("gridaccount", "team", "LoggedIn")
    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")


def test_every_change_of_an_account_is_acknowledged(cluster, operator, eventually):
    declare(cluster)
    cluster.declare_account(suspend=False)
    generation = cluster.get("gridaccount", "team")["metadata"]["generation"]
    assert generation == 2

    eventually(
        lambda: cluster.get("gridaccount", "team")["status"]["observedGeneration"] == 2,
        "the account's second generation to be observed",
    )


def test_a_key_says_that_its_account_cannot_reach_the_market(cluster, operator):
    cluster.log_in()
    nowhere = {"platform": "http://127.0.0.1:9", "trading": "http://127.0.0.1:9/v1"}
    nowhere |= {"consumption": "http://127.0.0.1:9/v1", "messages": "http://127.0.0.1:9/v1"}
    cluster.declare_account(endpoints=nowhere)
    cluster.declare_key()

    condition = cluster.wait_for_reason("consumptionkey", "app", "AccountNotReady")
    assert "cannot be reached" in condition["message"]


def test_a_namespace_that_was_deleted_while_nobody_ran_leaves_no_key_alive(
    cluster, start, eventually
):
    first = start()
    declare(cluster)
    first.stop()
    cluster.plane.kubectl("delete", "namespace", cluster.namespace, "--wait=false")
    eventually(
        lambda: "deletionTimestamp" in cluster.get("gridaccount", "team")["metadata"],
        "the account to be told to go",
    )

    start()

    eventually(lambda: cluster.live_keys() == [], "the key to be revoked", cluster.live_keys)
    cluster.plane.kubectl("wait", "--for=delete", f"namespace/{cluster.namespace}", "--timeout=30s")
    cluster.plane.kubectl("create", "namespace", cluster.namespace)


def test_an_account_that_is_in_use_waits_for_its_keys(cluster, operator):
    declare(cluster)
    namespace = f"--namespace={cluster.namespace}"
    cluster.plane.kubectl("delete", "gridaccount", "team", namespace, "--wait=false")

    condition = cluster.wait_for_reason("gridaccount", "team", "InUse")
    assert f"{cluster.namespace}/app" in condition["message"]
    cluster.plane.kubectl("delete", "consumptionkey", "app", namespace, "--timeout=20s")
    cluster.plane.kubectl("wait", "--for=delete", "gridaccount/team", namespace, "--timeout=20s")
    assert cluster.live_keys() == []


def test_a_deleted_resource_takes_a_key_with_it_that_the_listing_lacks(cluster, operator):
    declare(cluster)
    cluster.market.order_fault("GET", "/api-keys", status=200, body={"data": []}, times=1)

    namespace = f"--namespace={cluster.namespace}"
    cluster.plane.kubectl("delete", "consumptionkey", "app", namespace, "--timeout=20s")

    assert cluster.live_keys() == []


@pytest.mark.parametrize("end", ["rotation", "deletion", "deletion before the listing shows it"])
def test_who_edits_our_record_cannot_have_the_key_of_another_revoked(
    cluster, operator, eventually, end
):
    declare(cluster, overlap="1s")
    cluster.declare_key("victim", **CALM)
    cluster.wait_for_reason("consumptionkey", "victim", "UpToDate")
    victim = cluster.get("consumptionkey", "victim")["status"]["keyId"]
    companion = cluster.get("secret", "app-thegrid-rotation")
    record = json.loads(companion["metadata"]["annotations"]["thegrid.ai/record"])
    record["previous"] = record["current"] | {"id": victim}
    text = json.dumps(record)
    cluster.annotate("secret", "app-thegrid-rotation", f"thegrid.ai/record={text}")

    if end == "rotation":
        cluster.annotate("consumptionkey", "app", "thegrid.ai/rotate=now")
        eventually(
            lambda: cluster.get("consumptionkey", "app")["status"]["rotation"] == 2,
            "a second rotation",
        )
        eventually(lambda: len(cluster.live_keys()) == 2, "the first key to go")
    else:
        if "listing" in end:
            cluster.market.order_fault("GET", "/api-keys", status=200, body={"data": []}, times=1)
        namespace = f"--namespace={cluster.namespace}"
        cluster.plane.kubectl("delete", "consumptionkey", "app", namespace, "--timeout=20s")

    assert [key["is_active"] for key in all_keys(cluster) if key["id"] == victim] == [True]


OUR_SECRETS = ("app-grid", "app-thegrid-rotation")
RECORD = "thegrid.ai/record"
GARBAGE = '{"current": "nonsense"}'


def test_garbage_in_our_annotations_costs_at_most_a_rotation(cluster, operator, eventually, call):
    declare(cluster, overlap="1s")
    for name in OUR_SECRETS:
        cluster.annotate("secret", name, f"{RECORD}={GARBAGE}")
    cluster.annotate("secret", "team-thegrid-tokens", "thegrid.ai/expires-at=soon")
    cluster.annotate("gridaccount", "team", "example.com/look=now")
    cluster.annotate("consumptionkey", "app", "example.com/look=now")

    def records():
        secrets = (cluster.get("secret", name) for name in OUR_SECRETS)
        return [secret["metadata"]["annotations"][RECORD] for secret in secrets]

    eventually(lambda: GARBAGE not in records(), "our records to be written anew", records)
    # An operator that looked between the two has read the one in the other: no rotation at all.
    assert cluster.get("consumptionkey", "app")["status"]["rotation"] in {1, 2}
    assert call(cluster.secret("app-grid"))
    looks = itertools.count()

    def only_one_lives():
        # A late listing did not show the first key, so the operator has to look once more.
        cluster.annotate("consumptionkey", "app", f"example.com/look={next(looks)}")
        return len(cluster.live_keys()) == 1

    eventually(only_one_lives, "the first key to go", cluster.live_keys)
    assert call(cluster.secret("app-grid"))
    assert cluster.condition("gridaccount", "team")["reason"] == "LoggedIn"
    assert "Bug" not in operator.log.read_text()


def test_a_refreshed_login_is_stored_although_the_api_server_refuses_for_a_while(
    cluster, operator, eventually
):
    cluster.market.order_fault("POST", "/oauth/token", hold_seconds=6, times=1)
    cluster.log_in()
    cluster.declare_account()
    eventually(
        lambda: cluster.get("secret", "team-thegrid-tokens"), "a place for what the login gives"
    )
    with refusing(cluster, "thegrid.ai/tokens"):
        cluster.wait_for_reason("gridaccount", "team", "KubernetesRefused")

    cluster.annotate("gridaccount", "team", "example.com/look=now")
    cluster.wait_for_reason("gridaccount", "team", "LoggedIn")


def test_a_new_key_is_stored_although_the_api_server_refuses_for_a_while(
    cluster, operator, eventually, call
):
    declare(cluster)
    with refusing(cluster, "thegrid.ai/rotation"):
        cluster.annotate("consumptionkey", "app", "thegrid.ai/rotate=now")
        eventually(lambda: len(cluster.live_keys()) == 2, "the market to have made a key")

    eventually(
        lambda: cluster.get("consumptionkey", "app")["status"]["rotation"] == 2, "the rotation"
    )
    assert len(all_keys(cluster)) == 2
    assert call(cluster.secret("app-grid"))
