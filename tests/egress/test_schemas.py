"""Rendered objects fit the schemas of the projects whose kinds they are, without a stray field."""

import jsonschema_rs
import pytest
from tests.egress.requests import CHAT, EVERYTHING, request

from thegrid_operator.egress import BACKENDS, Rendered
from thegrid_operator.egress.capabilities import FEATURES

MANY = request(
    *(f"h{number}.example.com" for number in range(700)),
    pods={**CHAT, "matchExpressions": [{"key": "tier", "operator": "Exists"}]},
)
REQUESTS = {**FEATURES, "700 names and chosen pods": MANY}


def strict(schema):
    """Return a schema in which a field that is not named is an error, as with strict validation."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: each if name == "metadata" else strict(each) for name, each in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        closed.setdefault("additionalProperties", False)
    return closed


@pytest.fixture(scope="module")
def validators(definitions):
    return {
        kind: jsonschema_rs.validator_for(
            strict(definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"])
        )
        for kind, definition in definitions.items()
    }


@pytest.mark.parametrize("feature", REQUESTS)
@pytest.mark.parametrize("backend", sorted(BACKENDS.keys() - {"Core", "OVN"}))
def test_it_fits(backend, feature, validators, definitions):
    rendering = BACKENDS[backend](REQUESTS[feature], EVERYTHING)
    for it in rendering.objects if isinstance(rendering, Rendered) else ():
        if it["kind"] in definitions:
            version = definitions[it["kind"]]["spec"]
            assert it["apiVersion"] == f"{version['group']}/{version['versions'][0]['name']}"
            validators[it["kind"]].validate(it)


def test_a_firewall_fits_and_its_kind_without_wildcards_takes_none(validators):
    takes = validators["EgressFirewall"].is_valid
    for feature, asked in REQUESTS.items():
        rendering = BACKENDS["OVN"](asked, EVERYTHING)
        if isinstance(rendering, Rendered):
            (firewall,) = rendering.objects
            assert takes(firewall) is ("*" not in feature), feature


def test_a_field_that_no_schema_names_is_found(validators):
    (policy,) = BACKENDS["Cilium"](request(), EVERYTHING).objects
    policy["spec"]["egress"][0]["toFqdns"] = []
    assert not validators["CiliumNetworkPolicy"].is_valid(policy)
