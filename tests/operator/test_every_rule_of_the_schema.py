"""Each rule of our definitions refuses what breaks it, and the refusal names the field.

The rules are read from the definitions, so a new field is tried as well; a new expression without
a row here fails.
"""

from __future__ import annotations

import re

import pytest
import yaml
from tests.operator.schema_fields import broken, named_in, rules_of_definitions

from thegrid_lab.errors import CommandFailed

GOOD = {
    "ConsumptionKey": {"accountRef": {"name": "team"}, "target": {"name": "app-grid"}},
    "GridAccount": {"loginSecretRef": {"name": "login"}},
    "SupplierEgress": {"podSelector": {}},
}
_LABELS = {"key": "app", "operator": "In", "values": ["chat"]}
_PROBE = {"consumptionKeyRef": {"name": "app"}, "model": "text-prime"}
SAMPLES = {
    "spec.discovery.redirectProbe": _PROBE,
    "spec.discovery.trustedSuffixes[]": "a.example.com",
    "spec.podSelector.matchLabels{}": "chat",
    "spec.podSelector.matchExpressions[]": _LABELS,
    "spec.podSelector.matchExpressions[].values[]": "chat",
    "spec.domains[]": "a.example.com",
    "spec.essentialHosts[]": "a.example.com",
    "spec.ports[]": {"port": 443},
    "spec.dns.values[]": "coredns",
    "spec.dns.networks[]": "192.168.0.1/32",
    "spec.admittedNetworks[]": "192.168.0.1/32",
    "spec.resolvers[]": {"address": "192.168.0.1"},
    "spec.restart[]": {"kind": "Deployment", "name": "web"},
    "spec.target.entries{}": "$(KEY)",
    "spec.target.labels{}": "a",
    "spec.target.annotations{}": "a",
    "spec.allowedNamespaces[]": "team-a",
}


def key(**spec):
    return {**GOOD["ConsumptionKey"], **spec}


def target(**fields):
    return key(target={"name": "app-grid", **fields})


def egress(**spec):
    return {**GOOD["SupplierEgress"], **spec}


def chosen(**condition):
    return egress(podSelector={"matchExpressions": [{**_LABELS, **condition}]})


_CHOSEN = "spec.podSelector.matchExpressions[]"
EXPRESSIONS = {
    "overlap must be shorter than rotateAfter": (
        key(rotateAfter="1h", overlap="1h"),
        "spec.overlap",
    ),
    "adoptKeyId needs target.creationPolicy: Adopt": (
        key(adoptKeyId="8514037c-0178-43ba-8f32-bb6843e56f6c"),
        "spec.adoptKeyId",
    ),
    "deadline must be longer than overlap": (key(overlap="1h", deadline="1h"), "spec.deadline"),
    "names that end in -thegrid-rotation or -thegrid-tokens are the operator's own": (
        key(target={"name": "a-thegrid-tokens"}),
        "spec.target.name",
    ),
    "has an unknown placeholder: allowed are $(KEY), $(KEY_ID), $(OPENAI_BASE_URL) "
    "and $(ANTHROPIC_BASE_URL), and $$ for a dollar": (
        target(entries={"K": "$(KEY)", "M": "$(MODEL)"}),
        "spec.target.entries{}",
    ),
    "no entry holds $(KEY)": (target(entries={"K": "v"}), "spec.target.entries"),
    "an entry's name is of letters, digits, '-', '_' and '.', at most 253": (
        target(entries={"a b": "$(KEY)"}),
        "spec.target.entries",
    ),
    "app.kubernetes.io/managed-by and names of thegrid.ai are the operator's own": (
        target(labels={"thegrid.ai/x": "a"}),
        "spec.target.labels",
    ),
    "an entry's name cannot be '.' or begin with '..'": (
        target(entries={"..": "$(KEY)"}),
        "spec.target.entries",
    ),
    "is too long, at most 3650d are allowed": (key(rotateAfter="3651d"), "spec.rotateAfter"),
    "is too long, at most ten years (3650d) are allowed": (egress(grace="3651d"), "spec.grace"),
    "the name of a label is not valid": (target(labels={"a b": "c"}), "spec.target.labels"),
    "the value of a label is not valid": (target(labels={"a": "b c"}), "spec.target.labels"),
    "a label's name is not valid": (
        egress(podSelector={"matchLabels": {"a b": "c"}}),
        "spec.podSelector.matchLabels",
    ),
    "a label's value is not valid": (
        egress(podSelector={"matchLabels": {"a": "b c"}}),
        "spec.podSelector.matchLabels",
    ),
    "is no name of a label": (chosen(key="a b"), f"{_CHOSEN}.key"),
    "is no value of a label": (chosen(values=["a b"]), f"{_CHOSEN}.values[]"),
    "names of thegrid.ai are the operator's own": (
        target(annotations={"thegrid.ai/x": "a"}),
        "spec.target.annotations",
    ),
    "the name of an annotation is not valid": (
        target(annotations={"a b": "c"}),
        "spec.target.annotations",
    ),
    "In and NotIn need values, Exists and DoesNotExist have none": (
        chosen(operator="Exists"),
        f"{_CHOSEN}.values",
    ),
    "endPort must be greater than port": (
        egress(ports=[{"port": 443, "endPort": 443}]),
        "spec.ports[].endPort",
    ),
    "values or networks are needed, or access: Elsewhere": (
        egress(dns={"values": [], "networks": []}),
        "spec.dns",
    ),
    "is no network such as 169.254.20.10/32": (
        egress(dns={"networks": ["169.254.20.10/24"]}),
        "spec.dns.networks[]",
    ),
    "is no network such as 10.20.0.0/16": (
        egress(admittedNetworks=["10.20.0.0"]),
        "spec.admittedNetworks[]",
    ),
    "is no IP address": (
        egress(resolvers=[{"address": "dns.example.com"}]),
        "spec.resolvers[].address",
    ),
    "nothing is allowed; name domains or essentialHosts": (
        egress(domains=[], essentialHosts=[]),
        "spec.domains",
    ),
    "shortestTtl must be above zero": (egress(shortestTtl="0s"), "spec.shortestTtl"),
    "longestTtl must be at least shortestTtl": (
        egress(shortestTtl="2m", longestTtl="1m"),
        "spec.longestTtl",
    ),
    "lookEvery must be at least shortestTtl": (
        egress(shortestTtl="2m", lookEvery="1m"),
        "spec.lookEvery",
    ),
    "interval must be from 10m to 24h": (
        egress(discovery={"redirectProbe": {**_PROBE, "interval": "9m"}}),
        "spec.discovery.redirectProbe.interval",
    ),
}
LATER = {
    "accountRef cannot be changed; make a new ConsumptionKey": key(accountRef={"name": "other"}),
    "target.name cannot be changed; make a new ConsumptionKey": key(target={"name": "other"}),
    "endpoints cannot be changed; make a new GridAccount": {
        **GOOD["GridAccount"],
        "endpoints": {"platform": "https://elsewhere.thegrid.ai"},
    },
}
"""What only a change can break."""


def first_refusals():
    """Return every rule that a new resource can break, with one that does and the field's name."""
    return [
        (rule, *EXPRESSIONS[rule.name])
        if rule.name in EXPRESSIONS
        else (rule, broken(rule, GOOD[rule.kind], SAMPLES), rule.field)
        for rule in rules_of_definitions()
        if rule.name not in LATER and (rule.field, rule.name) != ("spec", "type")
    ]


def resource(kind, name, namespace, spec):
    metadata = {"name": name, "namespace": namespace}
    return {
        "apiVersion": "thegrid.ai/v1alpha1",
        "kind": kind,
        "metadata": metadata,
        "spec": spec,
    }


def test_every_rule_has_something_that_breaks_it():
    assert len(first_refusals()) > 90
    assert {*EXPRESSIONS, *LATER} <= {rule.name for rule in rules_of_definitions()}


@pytest.mark.engines
def test_what_breaks_a_rule_is_refused_by_the_name_of_the_field(cluster):
    rows = first_refusals()
    manifests = [
        resource(rule.kind, f"bad-{number}", cluster.namespace, spec)
        for number, (rule, spec, _) in enumerate(rows)
    ]

    with pytest.raises(CommandFailed) as refused:
        cluster.plane.kubectl("create", "--filename=-", stdin=yaml.safe_dump_all(manifests))

    parts = re.split(r'"(bad-\d+)"', refused.value.stderr)
    told = dict(zip(parts[1::2], parts[2::2], strict=True))
    unnamed = {
        str(rule): told.get(f"bad-{number}", "it was accepted")
        for number, (rule, _, field) in enumerate(rows)
        if not named_in(field, told.get(f"bad-{number}", ""))
    }
    assert unnamed == {}


@pytest.mark.engines
def test_a_change_that_breaks_a_rule_is_refused_by_the_name_of_the_field(cluster):
    cluster.apply("ConsumptionKey", "app", GOOD["ConsumptionKey"])
    cluster.apply("GridAccount", "team", GOOD["GridAccount"])
    rules = [rule for rule in rules_of_definitions() if rule.name in LATER]

    for rule in rules:
        name = "app" if rule.kind == "ConsumptionKey" else "team"
        assert named_in(rule.field, cluster.refused(rule.kind, name, LATER[rule.name]))
    assert len(rules) == len(LATER)
