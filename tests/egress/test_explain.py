"""What NetworkPolicies say about one connection, one rule of Kubernetes at a time."""

from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.egress.requests import CHAT, request

from thegrid_operator.egress import BACKENDS, Cluster, Port
from thegrid_operator.egress.explain import explain, matches

LABELS = {"app": "chat", "tier": "front"}
HERE = ip_address("8.8.8.8")


def policy(name="a", selector=None, types=("Egress",), **spec):
    kinds = {} if types is None else {"policyTypes": list(types)}
    return {"metadata": {"name": name}, "spec": {"podSelector": selector or {}, **kinds, **spec}}


def to(*peers, **rule):
    return {"egress": [{"to": list(peers), **rule}]}


def block(cidr, *exceptions):
    return {"ipBlock": {"cidr": cidr, **({"except": list(exceptions)} if exceptions else {})}}


DNS_PODS = {"namespaceSelector": {}, "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}
ANY = block("0.0.0.0/0")

ALLOWED = {
    "no policy at all": ([], True),
    "a policy for other pods": (
        [policy(selector={"matchLabels": {"app": "web"}}, egress=[])],
        True,
    ),
    "a policy about ingress": ([policy(types=["Ingress"], egress=[])], True),
    "a policy that does not say and has no rules": ([policy(types=None)], True),
    "a policy that does not say and has rules": ([policy(types=None, **to(DNS_PODS))], False),
    "a policy without rules": ([policy(egress=[])], False),
    "a policy whose rules are missing": ([policy()], False),
    "an empty rule": ([policy(egress=[{}])], True),
    "ports without peers open every destination": (
        [policy(egress=[{"ports": [{"port": 443}]}])],
        True,
    ),
    "a block around it": ([policy(**to(block("8.8.8.0/24")))], True),
    "a block beside it": ([policy(**to(block("8.8.9.0/24")))], False),
    "a block of the other family": ([policy(**to(block("::/0")))], False),
    "a block with bits to the right": ([policy(**to(block("8.8.8.1/24")))], True),
    "an exception": ([policy(**to(block("8.8.8.0/24", "8.8.8.8/32")))], False),
    "an exception beside it": ([policy(**to(block("8.8.8.0/24", "8.8.8.9/32")))], True),
    "another peer without the exception": (
        [policy(**to(block("8.8.8.0/24", "8.8.8.8/32"), ANY))],
        True,
    ),
    "pods alone": ([policy(**to(DNS_PODS))], False),
    "another port": ([policy(**to(ANY, ports=[{"protocol": "TCP", "port": 80}]))], False),
    "another protocol": ([policy(**to(ANY, ports=[{"protocol": "UDP", "port": 443}]))], False),
    "TCP where nothing is said": ([policy(**to(ANY, ports=[{"port": 443}]))], True),
    "every port of a protocol": ([policy(**to(ANY, ports=[{"protocol": "TCP"}]))], True),
    "a range around it": ([policy(**to(ANY, ports=[{"port": 440, "endPort": 443}]))], True),
    "a range below it": ([policy(**to(ANY, ports=[{"port": 440, "endPort": 442}]))], False),
    "a port by name": ([policy(**to(ANY, ports=[{"port": "https"}]))], False),
    "one policy that closes and one that opens": (
        [policy(egress=[]), policy("b", **to(ANY))],
        True,
    ),
    "one that opens, for other pods": (
        [policy(egress=[]), policy("b", {"matchLabels": {"app": "web"}}, **to(ANY))],
        False,
    ),
}


@pytest.mark.parametrize("sentence", ALLOWED)
def test_a_pod_and(sentence):
    policies, allowed = ALLOWED[sentence]
    assert explain(policies, LABELS, HERE, Port(443)).allowed is allowed


def test_it_names_the_policy_and_the_rule():
    rules = [*to(DNS_PODS)["egress"], *to(block("8.8.8.8/32"))["egress"]]
    told = explain([policy("b", egress=rules), policy("a", egress=[])], LABELS, HERE, Port(443))
    assert (told.policy, told.rule) == ("b", 1)
    assert told.message == "NetworkPolicy b opens 8.8.8.8 on TCP 443 with its rule 1"


def test_it_names_what_is_missing():
    told = explain([policy("b", egress=[]), policy("a", egress=[])], LABELS, HERE, Port(443))
    assert told.message == (
        "none of a, b opens 8.8.8.8 on TCP 443; what is missing is a rule with "
        "ipBlock 8.8.8.8/32, TCP 443"
    )


SELECTORS = {
    "nothing": (None, True),
    "the empty one": ({}, True),
    "labels that it has": ({"matchLabels": LABELS}, True),
    "a label with another value": ({"matchLabels": {"app": "web"}}, False),
    "a value in a list": ([("app", "In", ["web", "chat"])], True),
    "a value in no list": ([("app", "In", ["web"])], False),
    "a missing label in a list": ([("zone", "In", ["a"])], False),
    "a value not in a list": ([("app", "NotIn", ["web"])], True),
    "a missing label not in a list": ([("zone", "NotIn", ["a"])], True),
    "a label that exists": ([("app", "Exists", [])], True),
    "a label that does not": ([("zone", "Exists", [])], False),
    "a label that must not exist": ([("app", "DoesNotExist", [])], False),
    "a missing one that must not exist": ([("zone", "DoesNotExist", [])], True),
    "all of several": ([("app", "Exists", []), ("zone", "Exists", [])], False),
}


@pytest.mark.parametrize("sentence", SELECTORS)
def test_a_selector_of(sentence):
    selector, chosen = SELECTORS[sentence]
    if isinstance(selector, list):
        parts = ("key", "operator", "values")
        selector = {"matchExpressions": [dict(zip(parts, it, strict=True)) for it in selector]}
    assert matches(selector, LABELS) is chosen


ADDRESSES = [f"8.8.8.{number}" for number in range(4)] + ["2606:4700::1"]


@settings(deadline=None)
@given(
    opened=st.sets(st.sampled_from(ADDRESSES), min_size=1),
    address=st.sampled_from(ADDRESSES),
    port=st.integers(441, 446),
    labels=st.sampled_from([LABELS, {"app": "web"}]),
)
def test_it_agrees_with_what_was_asked_of_the_renderer(opened, address, port, labels):
    asked = request(pods=CHAT, addresses=opened, ports=(Port(443, 445),))
    objects = BACKENDS["Core"](asked, Cluster()).objects
    meant = labels["app"] != "chat" or (address in opened and 443 <= port <= 445)
    assert explain(objects, labels, ip_address(address), Port(port)).allowed is meant
