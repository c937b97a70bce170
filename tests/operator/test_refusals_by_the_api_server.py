"""Bad input never gets in: the API server refuses it with one line that names the field."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.engines

KEY = {"accountRef": {"name": "team"}, "target": {"name": "app-grid"}}
ACCOUNT = {"loginSecretRef": {"name": "login"}}

BAD_KEYS = {
    "a duration that is none": ({"rotateAfter": "soon"}, "spec.rotateAfter"),
    "an overlap as long as the interval": ({"rotateAfter": "1h", "overlap": "60m"}, "spec.overlap"),
    "an overlap longer than the interval in days": (
        {"rotateAfter": "47h", "overlap": "2d"},
        "spec.overlap",
    ),
    "an unknown policy": ({"deletionPolicy": "Keep"}, "spec.deletionPolicy"),
    "an unknown field": ({"rotateafter": "1h"}, "spec.rotateafter"),
    "a Secret's name that cannot be": ({"target": {"name": "No Such Name"}}, "spec.target.name"),
    "no account": ({"accountRef": {}}, "spec.accountRef.name"),
}


def lines_naming(field: str, text: str) -> list[str]:
    """One line says it; the API server may add that it left other rules unchecked."""
    return [line for line in text.splitlines() if field in line]


@pytest.mark.parametrize("sentence", BAD_KEYS)
def test_a_consumption_key_is_refused_for(cluster, sentence):
    change, field = BAD_KEYS[sentence]

    refusal = cluster.refused("ConsumptionKey", "app", KEY | change)

    assert len(lines_naming(field, refusal)) == 1, refusal
    assert cluster.get("consumptionkey", "app") is None


BAD_ACCOUNTS = {
    "an address that is none": ({"endpoints": {"platform": "here"}}, "spec.endpoints.platform"),
    "an unknown endpoint": ({"endpoints": {"web": "https://x.thegrid.ai"}}, "spec.endpoints.web"),
    "no login": ({"loginSecretRef": {}}, "spec.loginSecretRef.name"),
}


@pytest.mark.parametrize("sentence", BAD_ACCOUNTS)
def test_an_account_is_refused_for(cluster, sentence):
    change, field = BAD_ACCOUNTS[sentence]

    refusal = cluster.refused("GridAccount", "team", ACCOUNT | change)

    assert len(lines_naming(field, refusal)) == 1, refusal


def test_what_tells_keys_apart_cannot_be_changed_later(cluster):
    cluster.apply("ConsumptionKey", "app", KEY)
    cluster.apply("GridAccount", "team", ACCOUNT)

    assert "accountRef" in cluster.refused(
        "ConsumptionKey", "app", KEY | {"accountRef": {"name": "x"}}
    )
    assert "target.name" in cluster.refused(
        "ConsumptionKey", "app", KEY | {"target": {"name": "x"}}
    )
    moved = {"endpoints": {"platform": "https://elsewhere.thegrid.ai"}}
    assert "endpoints" in cluster.refused("GridAccount", "team", ACCOUNT | moved)


def test_the_documented_defaults_are_filled_in(cluster):
    cluster.apply("ConsumptionKey", "app", KEY)

    spec = cluster.get("consumptionkey", "app")["spec"]
    assert (spec["rotateAfter"], spec["overlap"], spec["deletionPolicy"]) == ("14d", "2d", "Revoke")
