"""A key's whole life on a real API server, with the rights that the chart gives."""

from __future__ import annotations

import openai
import pytest

pytestmark = pytest.mark.engines

SHORT = {"rotateAfter": "4s", "overlap": "2s"}


def ready(cluster, name: str = "app") -> dict:
    cluster.wait_for_reason("consumptionkey", name, "UpToDate")
    return cluster.get("consumptionkey", name)["status"]


def live_ids(cluster) -> set[str]:
    keys = cluster.market.api_keys(cluster.market.account.user_id)
    return {key["id"] for key in keys if key["is_active"]}


def test_a_declared_key_becomes_a_secret_that_works(cluster, operator, call):
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key()

    status = ready(cluster)

    assert call(cluster.secret("app-grid"))
    assert status["rotation"] == 1
    assert len(cluster.live_keys()) == 1
    assert cluster.condition("consumptionkey", "app", "Tested")["status"] == "True"
    account = cluster.get("gridaccount", "team")["status"]
    assert account["accountId"] == cluster.market.account.user_id


def test_rotation_replaces_the_secret_and_revokes_the_old_key_after_the_overlap(
    cluster, operator, eventually, call
):
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key(**SHORT)
    first_id = ready(cluster)["keyId"]
    first = cluster.secret("app-grid")

    second = eventually(
        lambda: (now := cluster.secret("app-grid")) != first and now, "another key in the Secret"
    )
    assert call(first), "the old key works on during the overlap"
    assert call(second)

    eventually(lambda: first_id not in live_ids(cluster), "the old key to be revoked")
    with pytest.raises(openai.AuthenticationError):
        call(first)
    assert call(cluster.secret("app-grid"))
    assert len(cluster.live_keys()) <= 2


def test_nothing_is_written_while_nothing_is_due_even_after_a_restart(cluster, start, eventually):
    first = start()
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key()
    ready(cluster)
    versions, looks = cluster.versions(), cluster.listings()
    keys = cluster.market.api_keys(cluster.market.account.user_id)

    first.stop()
    start()
    eventually(lambda: cluster.listings() > looks, "the new replica to look", cluster.listings)

    assert cluster.versions() == versions
    assert cluster.market.api_keys(cluster.market.account.user_id) == keys


def test_an_annotation_asks_for_one_rotation(cluster, operator, eventually, call):
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key(rotateAfter="1h", overlap="1s")
    ready(cluster)

    cluster.annotate("consumptionkey", "app", "thegrid.ai/rotate=now")

    eventually(
        lambda: cluster.get("consumptionkey", "app")["status"].get("rotation") == 2,
        "a second rotation",
    )
    eventually(lambda: len(cluster.live_keys()) == 1, "the first key to go", cluster.live_keys)


def test_a_deleted_target_is_written_again_with_the_same_key(cluster, operator, eventually, call):
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key()
    ready(cluster)
    before = cluster.secret("app-grid")

    cluster.plane.kubectl("delete", "secret", "app-grid", f"--namespace={cluster.namespace}")
    cluster.annotate("consumptionkey", "app", "example.com/look=now")

    eventually(lambda: cluster.secret("app-grid") == before, "the Secret to come back")
    assert len(cluster.live_keys()) == 1


def test_deletion_revokes_every_key_and_removes_our_secrets(cluster, operator):
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key()
    ready(cluster)

    namespace = f"--namespace={cluster.namespace}"
    cluster.plane.kubectl("delete", "consumptionkey", "app", namespace, "--timeout=20s")
    assert cluster.live_keys() == []
    assert cluster.get("secret", "app-grid") is None
    assert cluster.get("secret", "app-thegrid-rotation") is None

    cluster.plane.kubectl("delete", "gridaccount", "team", namespace, "--timeout=20s")
    assert cluster.get("secret", "team-thegrid-tokens") is None


def test_a_deleted_namespace_leaves_no_key_alive(cluster, operator, eventually, call):
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key()
    ready(cluster)

    cluster.plane.kubectl("delete", "namespace", cluster.namespace, "--timeout=60s")

    assert cluster.live_keys() == []
    cluster.plane.kubectl("create", "namespace", cluster.namespace)


def test_a_key_that_somebody_revoked_is_replaced(cluster, operator, eventually, call):
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key()
    status = ready(cluster)
    first = cluster.secret("app-grid")

    cluster.revoke_by_hand(status["keyId"])
    cluster.annotate("consumptionkey", "app", "example.com/look=now")

    eventually(lambda: cluster.secret("app-grid") != first, "another key in the Secret")
    assert call(cluster.secret("app-grid"))


def test_on_hold_a_key_that_somebody_revoked_is_replaced_only_when_asked(
    cluster, operator, eventually, call
):
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key(onRevoked="Hold")
    status = ready(cluster)
    first = cluster.secret("app-grid")

    cluster.revoke_by_hand(status["keyId"])
    cluster.annotate("consumptionkey", "app", "example.com/look=now")

    condition = cluster.wait_for_reason("consumptionkey", "app", "KeyRevoked")
    assert condition["status"] == "False"
    assert "thegrid.ai/rotate" in condition["message"]
    assert cluster.condition("consumptionkey", "app", "Stalled")["status"] == "True"
    assert cluster.secret("app-grid") == first
    assert cluster.live_keys() == []

    cluster.annotate("consumptionkey", "app", "thegrid.ai/rotate=now")
    ready(cluster)
    assert call(cluster.secret("app-grid"))
    assert len(cluster.live_keys()) == 1


def test_an_emergency_revokes_at_once_what_was_there_before(cluster, operator, eventually, call):
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key(rotateAfter="2h", overlap="1h")
    ready(cluster)
    cluster.annotate("consumptionkey", "app", "thegrid.ai/rotate=now")
    eventually(lambda: len(cluster.live_keys()) == 2, "an overlap", cluster.live_keys)
    before = cluster.secret("app-grid")

    cluster.annotate("consumptionkey", "app", "thegrid.ai/emergency-rotate=leak")

    eventually(lambda: len(cluster.live_keys()) == 1, "both keys to go", cluster.live_keys)
    after = cluster.secret("app-grid")
    assert after != before
    assert call(after)
    with pytest.raises(openai.AuthenticationError):
        call(before)
    assert ready(cluster)["rotation"] == 3
    events = cluster.plane.kubectl("get", "events", f"--namespace={cluster.namespace}")
    assert "Emergency" in events
    cluster.annotate("consumptionkey", "app", "thegrid.ai/emergency-rotate-")
    looks = cluster.listings()
    cluster.annotate("consumptionkey", "app", "thegrid.ai/rotate-")
    eventually(lambda: cluster.listings() > looks, "another look")
    assert cluster.secret("app-grid") == after, "what is taken back asks for nothing"
