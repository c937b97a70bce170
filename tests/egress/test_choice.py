"""Which backend a resource gets, and what a cluster's own definitions tell of it."""

import pytest
from tests.egress.requests import CHAT, request

from thegrid_operator.egress import Cluster
from thegrid_operator.egress.choice import Served, choices, told_by

EVERYTHING = frozenset({"Cilium", "GKE", "EKS", "OVN", "Upstream"})
ONE_LABEL, ANY_DEPTH = request("*.example.com"), request("**.example.com")
BOTH = request("*.example.com", "**.example.net")

CHOICES = {
    "Cilium comes first": ("Auto", request(), EVERYTHING, ["Cilium", "GKE", "EKS", "Core"]),
    "without other kinds there is the core": ("Auto", request(), frozenset(), ["Core"]),
    "what cannot say it is passed over": ("Auto", ANY_DEPTH, EVERYTHING, ["EKS"]),
    "a star for one label is not said by what means more": (
        "Auto",
        ONE_LABEL,
        EVERYTHING,
        ["Cilium", "GKE"],
    ),
    "what reaches beyond the chosen pods is never taken by itself": (
        "Auto",
        request(pods={}),
        frozenset({"OVN", "Upstream"}),
        ["Core"],
    ),
    "who names one gets that one": ("GKE", request(pods=CHAT), EVERYTHING, ["GKE"]),
}
REFUSALS = {
    "no backend has both stars": ("Auto", BOTH, EVERYTHING, "WildcardNotSayable"),
    "a wildcard and only addresses": ("Auto", ONE_LABEL, frozenset(), "WildcardNotSayable"),
    "a kind that is not there": ("Cilium", request(), frozenset({"GKE"}), "BackendNotServed"),
    "who names one gets no other": ("GKE", ANY_DEPTH, EVERYTHING, "WildcardNotSayable"),
    "what nobody has allotted": ("Upstream", request(), EVERYTHING, "NotAllotted"),
}


@pytest.mark.parametrize("sentence", CHOICES)
def test_choice(sentence):
    wanted, asked, backends, expected = CHOICES[sentence]
    found, refusal = choices(wanted, asked, Served(backends))
    assert [it.backend for it in found] == expected
    assert refusal is None


@pytest.mark.parametrize("sentence", REFUSALS)
def test_refusal_of(sentence):
    wanted, asked, backends, reason = REFUSALS[sentence]
    found, refusal = choices(wanted, asked, Served(backends))
    assert not found
    assert refusal.reason == reason


def definition(kind, version, schema):
    spec = {"names": {"kind": kind}, "versions": [{"name": version, "schema": schema}]}
    return {"spec": spec}


def test_names_of_the_upstream_kind_are_those_of_the_version_in_use():
    there = definition("ClusterNetworkPolicy", "v1alpha2", {"properties": {"domainNames": {}}})
    older = definition("ClusterNetworkPolicy", "v1alpha1", {"properties": {"domainNames": {}}})
    assert told_by(Cluster(), [there]).upstream_domain_names
    assert not told_by(Cluster(), [older]).upstream_domain_names
    assert told_by(Cluster(upstream_priority=7), [there]).upstream_priority == 7


@pytest.mark.parametrize(
    ("pattern", "takes"),
    [(r"^(\*\.)?([a-z0-9-]+\.)+[a-z]+$", True), (r"^([a-z0-9-]+\.)+[a-z]+$", False), (None, False)],
)
def test_a_firewall_takes_a_wildcard_if_its_pattern_does(pattern, takes):
    name = {"type": "string"} | ({"pattern": pattern} if pattern else {})
    found = definition("EgressFirewall", "v1", {"properties": {"to": {"dnsName": name}}})
    assert told_by(Cluster(), [found]).ovn_wildcards is takes


def test_the_real_definitions_are_read(definitions):
    cluster = told_by(Cluster(), definitions.values())
    assert cluster.upstream_domain_names
    assert not cluster.ovn_wildcards
