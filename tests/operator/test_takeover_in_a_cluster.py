"""A Secret and a key that people made by hand are taken over only where a resource says so."""

from __future__ import annotations

import httpx
import pytest

pytestmark = pytest.mark.engines

CALM = {"rotateAfter": "1h", "overlap": "30m"}


@pytest.fixture
def by_hand(cluster):
    """A key that a person made, in a Secret of theirs with something else in it."""
    login = {"authorization": f"Bearer {cluster.market.account.access_token}"}
    address = f"{cluster.market.platform}/api/v1/api-keys"
    body = {"api_key": {"name": "by hand"}}
    key = httpx.post(address, headers=login, json=body).raise_for_status().json()["data"]
    entries = ("--from-literal=password=precious", f"--from-literal=OPENAI_API_KEY={key['key']}")
    namespace = f"--namespace={cluster.namespace}"
    cluster.plane.kubectl("create", "secret", "generic", "app-grid", *entries, namespace)
    return key


def declare(cluster, **spec):
    cluster.log_in()
    cluster.declare_account()
    target = {"name": "app-grid", "creationPolicy": "Adopt"}
    cluster.declare_key(**(CALM | {"target": target} | spec))


def alive(cluster):
    keys = cluster.market.api_keys(cluster.market.account.user_id)
    return {key["id"] for key in keys if key["is_active"]}


def test_a_secret_is_taken_over_and_the_key_in_it_is_never_revoked(
    cluster, operator, eventually, call, by_hand
):
    declare(cluster, overlap="1s")

    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")
    secret = cluster.secret("app-grid")
    assert secret["password"] == "precious"
    assert secret["OPENAI_API_KEY"] != by_hand["key"]
    assert call(secret)
    cluster.annotate("consumptionkey", "app", "thegrid.ai/rotate=now")
    eventually(lambda: len(alive(cluster)) == 3, "a rotation")
    eventually(lambda: len(alive(cluster)) == 2, "our first key to go")
    assert by_hand["id"] in alive(cluster)
    events = cluster.plane.kubectl("get", "events", f"--namespace={cluster.namespace}")
    assert "SecretAdopted" in events

    namespace = f"--namespace={cluster.namespace}"
    cluster.plane.kubectl("delete", "consumptionkey", "app", namespace, "--timeout=20s")
    assert cluster.secret("app-grid") == {"password": "precious"}
    assert alive(cluster) == {by_hand["id"]}
    kept = cluster.get("secret", "app-grid")["metadata"]
    assert not kept.get("annotations")
    assert not kept.get("labels")


def test_a_key_that_is_named_is_taken_over_too_and_revoked_after_the_first_rotation(
    cluster, operator, eventually, call, by_hand
):
    declare(cluster, adoptKeyId=by_hand["id"], overlap="2s")

    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")
    assert cluster.get("consumptionkey", "app")["status"]["keyId"] == by_hand["id"]
    assert cluster.secret("app-grid")["ANTHROPIC_API_KEY"] == by_hand["key"]
    assert alive(cluster) == {by_hand["id"]}, "nothing was made"

    cluster.annotate("consumptionkey", "app", "thegrid.ai/rotate=now")
    eventually(lambda: len(alive(cluster)) == 2, "a rotation")
    eventually(lambda: by_hand["id"] not in alive(cluster), "the key by hand to go")
    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")
    assert cluster.secret("app-grid")["password"] == "precious"
    assert call(cluster.secret("app-grid"))


def test_a_key_that_is_not_in_the_secret_is_not_taken_over(cluster, operator, by_hand):
    foreign = "8514037c-0178-43ba-8f32-bb6843e56f6c"
    declare(cluster, adoptKeyId=foreign)

    condition = cluster.wait_for_reason("consumptionkey", "app", "KeyNotAdopted")
    assert foreign in condition["message"]
    assert cluster.secret("app-grid").keys() == {"password", "OPENAI_API_KEY"}
    assert alive(cluster) == {by_hand["id"]}
