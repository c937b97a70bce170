"""When something is missing, the resource says what and what to do; nothing is minted or lost."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.engines


def test_a_missing_login_secret_is_named(cluster, operator):
    cluster.declare_account()
    cluster.declare_key()

    condition = cluster.wait_for_reason("gridaccount", "team", "LoginSecretMissing")
    assert condition["status"] == "False"
    assert f"{cluster.namespace}/login" in condition["message"]
    assert "thegrid.ai/login" in condition["message"]
    waiting = cluster.wait_for_reason("consumptionkey", "app", "AccountNotReady")
    assert "login Secret" in waiting["message"]
    assert cluster.live_keys() == []


def test_the_account_goes_on_by_itself_once_the_login_is_there(cluster, operator):
    cluster.declare_account()
    cluster.declare_key()
    cluster.wait_for_reason("gridaccount", "team", "LoginSecretMissing")

    cluster.log_in()
    cluster.annotate("gridaccount", "team", "example.com/look=now")

    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")


def test_a_login_that_the_market_does_not_accept_is_told(cluster, operator):
    cluster.log_in(accessToken="grid_at_wrong")
    cluster.declare_account()

    condition = cluster.wait_for_reason("gridaccount", "team", "LoginRejected")
    assert "log in" in condition["message"]
    assert "grid_at_wrong" not in condition["message"]
    assert cluster.condition("gridaccount", "team", "Stalled")["status"] == "True"


def test_a_spent_refresh_token_is_told(cluster, operator):
    cluster.log_in(refreshToken="grid_rt_spent")
    cluster.declare_account()

    condition = cluster.wait_for_reason("gridaccount", "team", "LoginLost")
    assert "log in" in condition["message"]


def test_a_secret_of_another_type_is_never_read(cluster, operator):
    entries = {"refreshToken": cluster.market.account.refresh_token}
    cluster.plane.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "login", "namespace": cluster.namespace},
            "stringData": entries,
        }
    )
    cluster.declare_account()

    condition = cluster.wait_for_reason("gridaccount", "team", "LoginSecretRefused")
    assert "thegrid.ai/login" in condition["message"]
    assert "delete the Secret and make it anew" in condition["message"]


def test_an_account_that_does_not_exist_may_be_one_of_another_namespace(cluster, operator):
    cluster.declare_key()

    condition = cluster.wait_for_reason("consumptionkey", "app", "AccountNotReady")
    assert f"GridAccount {cluster.namespace}/team does not exist" in condition["message"]
    assert "its namespace in spec.accountRef" in condition["message"]


def test_a_host_that_the_operator_was_not_told_to_trust_is_refused(cluster, start):
    start(allowed_hosts=["thegrid.ai"])
    cluster.log_in()
    cluster.declare_account()

    condition = cluster.wait_for_reason("gridaccount", "team", "HostNotAllowed")
    assert "127.0.0.1" in condition["message"]
    assert "--allowed-hosts" in condition["message"]


def test_a_market_that_fails_leaves_the_secret_and_ready_as_they_were(
    cluster, operator, eventually
):
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key()
    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")
    before = cluster.secret("app-grid")
    cluster.market.order_fault("GET", "/api-keys", status=503, times=30)
    cluster.annotate("consumptionkey", "app", "thegrid.ai/rotate=now")

    condition = cluster.wait_for_reason("consumptionkey", "app", "MarketRefused")
    assert condition["status"] == "True", "the Secret still holds a key that works"
    assert cluster.condition("consumptionkey", "app", "Reconciling")["status"] == "True"
    assert cluster.secret("app-grid") == before

    cluster.market.clear_faults()
    eventually(lambda: cluster.secret("app-grid") != before, "the rotation to go on by itself")


def test_an_unreachable_market_is_told_and_nothing_is_lost(cluster, operator):
    cluster.log_in()
    nowhere = {"platform": "http://127.0.0.1:9", "trading": "http://127.0.0.1:9/v1"}
    nowhere |= {"consumption": "http://127.0.0.1:9/v1", "messages": "http://127.0.0.1:9/v1"}
    cluster.declare_account(endpoints=nowhere)

    condition = cluster.wait_for_reason("gridaccount", "team", "MarketUnreachable")
    assert "cannot be reached" in condition["message"]
    assert cluster.secret("login") == {"refreshToken": cluster.market.account.refresh_token}


def test_a_secret_that_is_not_ours_is_never_overwritten(cluster, operator):
    cluster.log_in()
    cluster.declare_account()
    namespace = f"--namespace={cluster.namespace}"
    precious = "--from-literal=password=precious"
    cluster.plane.kubectl("create", "secret", "generic", "app-grid", precious, namespace)
    cluster.declare_key()

    condition = cluster.wait_for_reason("consumptionkey", "app", "SecretNotOurs")
    assert "app-grid" in condition["message"]
    assert cluster.secret("app-grid") == {"password": "precious"}
    assert cluster.live_keys() == []


def test_another_namespace_must_be_allowed_by_the_account(cluster, operator):
    cluster.log_in()
    cluster.declare_account(allowedNamespaces=["elsewhere"])
    cluster.wait_for_reason("gridaccount", "team", "LoggedIn")
    cluster.declare_key()

    condition = cluster.wait_for_reason("consumptionkey", "app", "NamespaceNotAllowed")
    assert cluster.namespace in condition["message"]
    assert cluster.live_keys() == []


def test_a_new_key_that_the_market_rejects_never_reaches_the_secret(cluster, operator, eventually):
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key(rotateAfter="1h", overlap="1s")
    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")
    before = cluster.secret("app-grid")
    cluster.market.order_fault("GET", "/models", status=401, times=1)

    cluster.annotate("consumptionkey", "app", "thegrid.ai/rotate=now")

    eventually(
        lambda: cluster.get("consumptionkey", "app")["status"].get("rotation") == 3,
        "a third key after the second was rejected",
        lambda: cluster.get("consumptionkey", "app")["status"],
    )
    assert cluster.secret("app-grid") != before
    eventually(lambda: len(cluster.live_keys()) == 1, "one key to be left", cluster.live_keys)


def test_what_one_replica_was_told_to_leave_alone_is_left_alone(cluster, operator):
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key(suspend=True)

    cluster.wait_for_reason("consumptionkey", "app", "Suspended")
    assert cluster.live_keys() == []
