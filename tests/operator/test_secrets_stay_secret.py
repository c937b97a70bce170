"""No byte of a secret is anywhere but in the Secrets that hold it."""

from __future__ import annotations

import base64

import pytest

pytestmark = pytest.mark.engines


def test_not_in_status_events_annotations_or_logs(cluster, operator, eventually, call):
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key(rotateAfter="3s", overlap="1s")
    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")
    secrets = {
        cluster.market.account.refresh_token,
        *cluster.secret("team-thegrid-tokens").values(),
    }
    for _ in range(2):
        held = cluster.secret("app-grid")["OPENAI_API_KEY"]
        secrets.add(held)
        eventually(
            lambda held=held: cluster.secret("app-grid")["OPENAI_API_KEY"] != held, "a rotation"
        )

    seen = cluster.everything() + operator.log.read_text()

    assert "KeySwapped" in seen
    for secret in secrets:
        assert len(secret) > 20
        assert secret not in seen
        assert base64.b64encode(secret.encode()).decode() not in seen
