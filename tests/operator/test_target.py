"""The Secret that workloads read is what the resource asks for, and an edit makes no key."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.engines

CALM = {"rotateAfter": "1h", "overlap": "30m"}
OURS = {"OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY"}


def declare(cluster, **target):
    cluster.declare_key(target={"name": "app-grid", **target}, **CALM)


def ready(cluster, **target):
    cluster.log_in()
    cluster.declare_account()
    declare(cluster, **target)
    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")


def metadata(cluster):
    return cluster.get("secret", "app-grid")["metadata"]


def observed(cluster, eventually):
    generation = cluster.get("consumptionkey", "app")["metadata"]["generation"]
    eventually(
        lambda: cluster.get("consumptionkey", "app")["status"]["observedGeneration"] == generation,
        "the edit to be acknowledged",
    )


def test_entries_labels_and_annotations_are_as_asked(cluster, operator, call):
    entries = {"token": "$(KEY)", "header": "Bearer $(KEY)", "id": "$(KEY_ID)", "price": "5$$"}
    ready(cluster, entries=entries, labels={"team": "a"}, annotations={"example.com/x": "note"})

    secret = cluster.secret("app-grid")
    key_id = cluster.get("consumptionkey", "app")["status"]["keyId"]
    assert secret.keys() == entries.keys()
    assert secret["header"] == f"Bearer {secret['token']}"
    assert (secret["id"], secret["price"]) == (key_id, "5$")
    assert metadata(cluster)["labels"]["team"] == "a"
    assert metadata(cluster)["annotations"]["example.com/x"] == "note"
    assert call({"OPENAI_API_KEY": secret["token"], "OPENAI_BASE_URL": cluster.market.consumption})


def test_an_edit_rewrites_the_target_once_and_makes_no_key(cluster, operator, eventually):
    ready(cluster, labels={"team": "a"}, annotations={"example.com/x": "note"})
    key = cluster.secret("app-grid")["OPENAI_API_KEY"]
    others = ("--type=merge", '--patch={"stringData":{"theirs":"precious"}}')
    namespace = f"--namespace={cluster.namespace}"
    cluster.plane.kubectl("patch", "secret", "app-grid", *others, namespace)
    cluster.annotate("secret", "app-grid", "example.com/theirs=kept")
    companion = cluster.get("secret", "app-thegrid-rotation")["metadata"]["resourceVersion"]

    declare(cluster, entries={"token": "$(KEY)"}, labels={"tier": "b"})
    observed(cluster, eventually)

    assert cluster.secret("app-grid") == {"token": key, "theirs": "precious"}
    assert metadata(cluster)["labels"].keys() == {"tier", "app.kubernetes.io/managed-by"}
    assert metadata(cluster)["annotations"]["example.com/theirs"] == "kept"
    assert "example.com/x" not in metadata(cluster)["annotations"]
    assert len(cluster.market.api_keys(cluster.market.account.user_id)) == 1
    after = cluster.get("secret", "app-thegrid-rotation")["metadata"]["resourceVersion"]
    assert after == companion
    events = cluster.plane.kubectl("get", "events", namespace, "--output=json")
    assert events.count('"reason": "TargetUpdated"') == 1
    assert '"reason": "TargetRestored"' not in events


def test_a_lost_companion_costs_no_key_although_the_entry_was_renamed(
    cluster, operator, eventually
):
    ready(cluster, entries={"token": "$(KEY)"})
    key = cluster.secret("app-grid")
    namespace = f"--namespace={cluster.namespace}"

    cluster.plane.kubectl("delete", "secret", "app-thegrid-rotation", namespace)
    cluster.annotate("consumptionkey", "app", "example.com/look=now")

    eventually(lambda: cluster.secret("app-thegrid-rotation"), "the companion to come back")
    assert cluster.secret("app-thegrid-rotation") == {"current": key["token"]}
    assert cluster.secret("app-grid") == key
    assert len(cluster.market.api_keys(cluster.market.account.user_id)) == 1


def test_what_is_put_into_the_companion_by_hand_never_reaches_workloads(
    cluster, operator, eventually
):
    ready(cluster)
    key = cluster.secret("app-grid")["OPENAI_API_KEY"]
    edit = ("--type=merge", '--patch={"stringData":{"current":"edited by hand"}}')
    namespace = f"--namespace={cluster.namespace}"
    cluster.plane.kubectl("patch", "secret", "app-thegrid-rotation", *edit, namespace)
    cluster.annotate("consumptionkey", "app", "example.com/look=now")

    eventually(lambda: cluster.secret("app-thegrid-rotation")["current"] == key, "it to be mended")
    assert cluster.secret("app-grid")["OPENAI_API_KEY"] == key
    assert len(cluster.market.api_keys(cluster.market.account.user_id)) == 1


def test_a_second_resource_for_a_secret_is_refused_and_goes_on_when_the_first_is_gone(
    cluster, operator, eventually
):
    ready(cluster)
    first = cluster.secret("app-grid")
    cluster.declare_key("second", target={"name": "app-grid"}, **CALM)

    condition = cluster.wait_for_reason("consumptionkey", "second", "SecretInUse")
    assert f"{cluster.namespace}/app" in condition["message"]
    assert cluster.condition("consumptionkey", "second", "Stalled")["status"] == "True"
    assert cluster.secret("app-grid") == first
    assert len(cluster.market.api_keys(cluster.market.account.user_id)) == 1

    namespace = f"--namespace={cluster.namespace}"
    cluster.plane.kubectl("delete", "consumptionkey", "app", namespace, "--timeout=20s")
    cluster.wait_for_reason("consumptionkey", "second", "UpToDate")
    assert cluster.secret("app-grid").keys() == first.keys()
    assert len(cluster.live_keys()) == 1


def test_a_refused_resource_goes_without_touching_the_secret_of_the_first(cluster, operator):
    ready(cluster)
    first = cluster.secret("app-grid")
    cluster.declare_key("second", target={"name": "app-grid"}, **CALM)
    cluster.wait_for_reason("consumptionkey", "second", "SecretInUse")

    namespace = f"--namespace={cluster.namespace}"
    cluster.plane.kubectl("delete", "consumptionkey", "second", namespace, "--timeout=20s")

    assert cluster.secret("app-grid") == first
    assert len(cluster.live_keys()) == 1


def test_two_that_race_for_a_secret_end_with_one_that_has_it_and_no_key_too_many(
    cluster, operator, eventually, call
):
    cluster.log_in()
    cluster.declare_account()
    cluster.wait_for_reason("gridaccount", "team", "LoggedIn")
    # Longer than two declarations take on a busy machine, so that neither sees the other's claim.
    cluster.market.order_fault("POST", "/api-keys", hold_seconds=8, times=2)
    names = ("first", "second")
    for name in names:
        cluster.declare_key(name, target={"name": "grid"}, rotateAfter="1h", overlap="3s")
    eventually(lambda: len(cluster.live_keys()) == 2, "both to make a key", cluster.live_keys)

    def reasons():
        return {cluster.condition("consumptionkey", name).get("reason"): name for name in names}

    eventually(lambda: reasons().keys() == {"UpToDate", "SecretInUse"}, "one to win", reasons)
    winner, loser = reasons()["UpToDate"], reasons()["SecretInUse"]
    assert winner in cluster.condition("consumptionkey", loser)["message"]
    cluster.annotate("consumptionkey", loser, "example.com/look=now")
    eventually(lambda: len(cluster.live_keys()) == 1, "the loser's key to go", cluster.live_keys)
    assert winner in cluster.live_keys()[0]
    assert call(cluster.secret("grid"))
