"""`kill -9` at the worst moment: the market made a key, and nobody wrote its secret down."""

from __future__ import annotations

import signal

import pytest

pytestmark = pytest.mark.engines


def test_the_secret_works_afterwards_and_no_key_is_orphaned(cluster, start, eventually, call):
    first = start()
    cluster.log_in()
    cluster.declare_account()
    cluster.wait_for_reason("gridaccount", "team", "LoggedIn")
    cluster.market.order_fault("POST", "/api-keys", hold_seconds=30, times=1)
    cluster.declare_key(rotateAfter="1h", overlap="2s")
    eventually(cluster.live_keys, "the market to have made a key")

    first.signal(signal.SIGKILL)

    assert cluster.secret("app-thegrid-rotation") == {}
    assert cluster.get("secret", "app-grid") is None
    start()
    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")
    assert call(cluster.secret("app-grid"))
    eventually(lambda: len(cluster.live_keys()) == 1, "the lost key to go", cluster.live_keys)
    status = cluster.get("consumptionkey", "app")["status"]
    keys = cluster.market.api_keys(cluster.market.account.user_id)
    assert [key["id"] for key in keys if key["is_active"]] == [status["keyId"]]
