"""A stop ends nothing halfway: what would be lost for good is written down first."""

from __future__ import annotations

import os
import signal

import pytest
from tests.operator.admission import refusing

pytestmark = pytest.mark.engines

STOPS_WITHIN_SECONDS = 25


def refreshes(cluster):
    """Return the refreshes that were answered."""
    calls = cluster.market.journal()
    return [it for it in calls if it["path"].endswith("/oauth/token") and it["status"]]


def test_a_login_that_was_just_refreshed_is_stored_before_the_operator_ends(
    cluster, start, eventually
):
    stopped, tokens = start(), "team-thegrid-tokens"
    cluster.market.order_fault("POST", "/oauth/token", hold_seconds=6, times=1)
    cluster.log_in()
    cluster.declare_account()
    eventually(lambda: cluster.get("secret", tokens), "a place for what the login gives")
    with refusing(cluster, "thegrid.ai/tokens"):
        eventually(lambda: refreshes(cluster), "the refresh token to be spent")
        os.kill(stopped.pid, signal.SIGTERM)
        assert stopped.exit_code is None
        assert "accessToken" not in cluster.secret(tokens)

    assert stopped.wait(timeout_seconds=STOPS_WITHIN_SECONDS) == 0
    assert "accessToken" in cluster.secret(tokens)
    assert cluster.condition("gridaccount", "team").get("reason") != "LoginLost"
    assert '"reason": "Stopped"' in stopped.log.read_text()

    start()
    cluster.wait_for_reason("gridaccount", "team", "LoggedIn")
    assert len(refreshes(cluster)) == 1, "the next one goes on with what was stored"
