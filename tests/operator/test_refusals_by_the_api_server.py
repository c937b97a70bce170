"""Bad input never gets in: the API server refuses it with one line that names the field."""

from __future__ import annotations

import re

import pytest

from thegrid_operator.templates import check_entries

pytestmark = pytest.mark.engines

KEY = {"accountRef": {"name": "team"}, "target": {"name": "app-grid"}}
ACCOUNT = {"loginSecretRef": {"name": "login"}}


def target(**fields):
    return {"target": {"name": "app-grid", **fields}}


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
    "a Secret's name with an empty part": ({"target": {"name": "app..grid"}}, "spec.target.name"),
    "a namespace that is a path": (
        {"accountRef": {"name": "team", "namespace": "a/../b"}},
        "spec.accountRef.namespace",
    ),
    "an age of more than ten years": ({"rotateAfter": "87601h"}, "spec.rotateAfter"),
    "a delay that has no end": ({"volumeDelay": "999999999d"}, "spec.volumeDelay"),
    "a deadline that has no end": ({"deadline": "3651d"}, "spec.deadline"),
    "an unknown answer to a revoked key": ({"onRevoked": "Ignore"}, "spec.onRevoked"),
    "an unknown creation policy": (target(creationPolicy="Merge"), "spec.target.creationPolicy"),
    "a key to take over that is no id": (
        target(creationPolicy="Adopt") | {"adoptKeyId": "mine"},
        "spec.adoptKeyId",
    ),
    "a key to take over without its Secret": (
        {"adoptKeyId": "8514037c-0178-43ba-8f32-bb6843e56f6c"},
        "spec.adoptKeyId",
    ),
    "the name of a companion": ({"target": {"name": "b-thegrid-rotation"}}, "spec.target.name"),
    "the name of a token Secret": ({"target": {"name": "a-thegrid-tokens"}}, "spec.target.name"),
    "an entry with an unknown placeholder": (
        target(entries={"OPENAI_API_KEY": "$(KEY)", "MODEL": "$(MODEL)"}),
        "spec.target.entries[MODEL]",
    ),
    "a placeholder that does not end": (
        target(entries={"OPENAI_API_KEY": "$(KEY)", "MODEL": "$(KEY"}),
        "spec.target.entries[MODEL]",
    ),
    "entries without the key": (target(entries={"MODEL": "$$(KEY)"}), "spec.target.entries"),
    "no entries at all": (target(entries={}), "spec.target.entries"),
    "an entry whose name leads out of a volume": (
        target(entries={"..token": "$(KEY)"}),
        "spec.target.entries",
    ),
    "an entry whose name cannot be": (target(entries={"a b": "$(KEY)"}), "spec.target.entries"),
    "a label of ours": (
        target(labels={"app.kubernetes.io/managed-by": "me"}),
        "spec.target.labels",
    ),
    "a label whose value cannot be": (target(labels={"team": "a b"}), "spec.target.labels"),
    "a label whose name cannot be": (target(labels={"a b": "team"}), "spec.target.labels"),
    "an annotation of ours": (
        target(annotations={"thegrid.ai/owner-uid": "u"}),
        "spec.target.annotations",
    ),
    "an annotation below our domain": (
        target(annotations={"x.thegrid.ai/y": "u"}),
        "spec.target.annotations",
    ),
    "an annotation whose name cannot be": (
        target(annotations={"/": "u"}),
        "spec.target.annotations",
    ),
    "an unknown way of adoption": ({"adoption": "Hope"}, "spec.adoption"),
    "a delay that is none": ({"volumeDelay": "3 minutes"}, "spec.volumeDelay"),
    "a deadline that is none": ({"deadline": "tomorrow"}, "spec.deadline"),
    "a deadline as long as the overlap": ({"overlap": "1d", "deadline": "24h"}, "spec.deadline"),
    "a deadline shorter than the overlap that is the default": (
        {"deadline": "1d"},
        "spec.deadline",
    ),
    "an unknown end at the deadline": ({"onDeadline": "Delete"}, "spec.onDeadline"),
    "a restart of what cannot be restarted": (
        {"restart": [{"kind": "Job", "name": "once"}]},
        "spec.restart[0].kind",
    ),
    "a restart of nothing": ({"restart": [{"kind": "Deployment"}]}, "spec.restart[0].name"),
    "a workload that is named twice": (
        {"restart": [{"kind": "Deployment", "name": "web"}] * 2},
        "spec.restart",
    ),
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


TEMPLATES = {
    "plain": "text",
    "known": "$(KEY)$(KEY_ID)$(OPENAI_BASE_URL)$(ANTHROPIC_BASE_URL)",
    "unknown": "$(MODEL)",
    "lower": "$(key)",
    "open": "$(KEY",
    "empty": "$()",
    "spaced": "$( KEY )",
    "escaped": "$$(MODEL)",
    "thrice": "$$$(MODEL)",
    "four": "$$$$(MODEL)",
    "joined": "$$(KEY)$$(KEY)(",
    "nested": "$($(KEY))",
    "lone": "5$ ($)",
    "lines": "a\n$(MODEL)\nb",
}


def test_the_api_server_refuses_the_same_templates_as_the_operator(cluster):
    ours = set()
    for entry, template in TEMPLATES.items():
        try:
            check_entries({"OPENAI_API_KEY": "$(KEY)", entry: template})
        except ValueError:
            ours.add(entry)

    refusal = cluster.refused(
        "ConsumptionKey", "app", KEY | target(entries={"OPENAI_API_KEY": "$(KEY)"} | TEMPLATES)
    )

    assert set(re.findall(r"spec\.target\.entries\[(\w+)\]", refusal)) == ours
    assert len(ours) >= 7


def test_what_a_target_may_ask_for_is_accepted(cluster):
    entries = {"KEY.txt": "$(KEY)", "url": "$(OPENAI_BASE_URL)/x?$$(KEY)", "price": "5$"}
    annotations = {"replicator.example.com/to": "a, b", "Note": ""}
    change = target(
        entries=entries, labels={"team": "a", "notthegrid.ai/B": ""}, annotations=annotations
    )

    cluster.apply("ConsumptionKey", "app", KEY | change)

    assert cluster.get("consumptionkey", "app")["spec"]["target"]["entries"] == entries


def test_the_documented_defaults_are_filled_in(cluster):
    cluster.apply("ConsumptionKey", "app", KEY)

    spec = cluster.get("consumptionkey", "app")["spec"]
    assert (spec["rotateAfter"], spec["overlap"], spec["deletionPolicy"]) == ("14d", "2d", "Revoke")
