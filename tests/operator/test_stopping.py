"""A stop ends nothing halfway: what would be lost for good is written down first."""

from __future__ import annotations

import os
import signal

import pytest
from tests.operator.admission import refusing

pytestmark = pytest.mark.engines

STOPS_WITHIN_SECONDS = 25


def refreshes(cluster):
    return [it for it in cluster.market.journal() if it["path"].endswith("/oauth/token")]


def test_a_login_that_was_just_refreshed_is_stored_before_the_operator_ends(
    cluster, start, eventually
):
    stopped = start()
    with refusing(cluster, "thegrid.ai/tokens"):
        cluster.log_in()
        cluster.declare_account()
        eventually(lambda: refreshes(cluster), "the refresh token to be spent")
        os.kill(stopped.pid, signal.SIGTERM)
        assert stopped.exit_code is None
        assert cluster.get("secret", "team-thegrid-tokens") is None

    assert stopped.wait(timeout_seconds=STOPS_WITHIN_SECONDS) == 0
    assert "accessToken" in cluster.secret("team-thegrid-tokens")
    assert cluster.condition("gridaccount", "team").get("reason") != "LoginLost"
    assert '"reason": "Stopped"' in stopped.log.read_text()

    start()
    cluster.wait_for_reason("gridaccount", "team", "LoggedIn")
    assert len(refreshes(cluster)) == 1, "the next one goes on with what was stored"
