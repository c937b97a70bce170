"""The answer to whether a pod may reach a host: its sentences, and when there is none."""

import json
from ipaddress import ip_address
from pathlib import Path

import pytest

from thegrid.core.egress import Answer, Outcome
from thegrid_operator.egress.answer import Facts, as_json, as_text, verdict_on
from thegrid_operator.egress.question import read_destination, read_pod

README = Path(__file__).parents[2] / "operator" / "README.md"
HOST = "api.example.com"
LABELS = {"app": "chat"}
INSIDE = {"namespaceSelector": {}, "podSelector": {}}


def pod(**spec):
    metadata = {"namespace": "team", "name": "chat-1", "labels": LABELS}
    return {"metadata": metadata, "spec": {"containers": [], **spec}}


def policy(*peers, name="lock"):
    rules = [{"to": list(peers), "ports": [{"protocol": "TCP", "port": 443}]}] if peers else []
    spec = {"podSelector": {"matchLabels": LABELS}, "policyTypes": ["Egress"], "egress": rules}
    return {"metadata": {"name": name}, "spec": spec}


def block(address):
    return {"ipBlock": {"cidr": f"{address}/32"}}


def egress(state="Allowed", *, kind="NetworkPolicy", addresses=("8.8.8.1",), **spec):
    entries = [{"address": it} for it in addresses]
    domains = [{"name": HOST, "state": state, "addresses": entries}] if state else []
    objects = [{"apiVersion": "v1", "kind": kind, "name": "supplier-thegrid-egress"}]
    return {
        "metadata": {"name": "supplier"},
        "spec": {"podSelector": {"matchLabels": LABELS}, "mode": "Enforce", **spec},
        "status": {"domains": domains, "objects": objects if kind else []},
    }


def gave(*addresses):
    return Answer(HOST, "9.9.9.9", 4, Outcome.GAVE, tuple(map(ip_address, addresses)), (60,))


FAILED = Answer(HOST, "9.9.9.9", 4, Outcome.FAILED, problem="SERVFAIL")
ABSENT = Answer(HOST, "9.9.9.9", 4, Outcome.ABSENT)
OTHER_PODS = {"podSelector": {"matchLabels": {"app": "web"}}}

TOLD = {
    "no policy": (
        Facts(pod(), [], answers=[gave("8.8.8.1")]),
        True,
        ["team/chat-1 may reach api.example.com on TCP 443.", "no egress policy selects the pod"],
    ),
    "an open address": (
        Facts(pod(), [policy(block("8.8.8.1"))], answers=[gave("8.8.8.1")]),
        True,
        ["NetworkPolicy lock opens 8.8.8.1 on TCP 443 with its rule 0"],
    ),
    "a closed address": (
        Facts(pod(), [policy(block("8.8.8.2"))], answers=[gave("8.8.8.1")]),
        False,
        ["may not reach", "what is missing is a rule with ipBlock 8.8.8.1/32, TCP 443"],
    ),
    "one of two addresses": (
        Facts(pod(), [policy(block("8.8.8.1"))], answers=[gave("8.8.8.2", "8.8.8.1")]),
        False,
        ["may reach api.example.com on TCP 443 at 1 of its 2 addresses only"],
    ),
    "a name that nobody resolves": (
        Facts(pod(), [], answers=[FAILED]),
        None,
        ["cannot be said", "api.example.com was not resolved (9.9.9.9: SERVFAIL)"],
    ),
    "a name that does not exist": (
        Facts(pod(), [], answers=[ABSENT]),
        None,
        ["api.example.com has no address, say the name servers"],
    ),
    "a pod on its node's network": (
        Facts(pod(hostNetwork=True), [policy()], answers=[gave("8.8.8.1")]),
        None,
        ["the pod is on its node's network"],
    ),
    "an address inside, and a rule that selects pods": (
        Facts(pod(), [policy(INSIDE)], answers=[gave("10.0.0.7")]),
        None,
        ["rules that select pods or namespaces may open it"],
    ),
    "an address outside, and a rule that selects pods": (
        Facts(pod(), [policy(INSIDE)], answers=[gave("8.8.8.1")]),
        False,
        ["may not reach"],
    ),
    "an address inside, and no rule that selects pods": (
        Facts(pod(), [policy(block("8.8.8.1"))], answers=[gave("10.0.0.7")]),
        False,
        ["may not reach"],
    ),
    "a SupplierEgress that allows it": (
        Facts(pod(), [policy(block("8.8.8.1"))], [egress()], [gave("8.8.8.1")]),
        True,
        [
            "SupplierEgress supplier allows api.example.com",
            "SupplierEgress supplier made NetworkPolicy supplier-thegrid-egress",
        ],
    ),
    "a SupplierEgress that does not know it": (
        Facts(pod(), [policy()], [egress("")], [gave("8.8.8.1")]),
        False,
        ["does not allow api.example.com: list it under spec.domains to allow it"],
    ),
    "a SupplierEgress that holds it": (
        Facts(pod(), [policy()], [egress("Held")], [gave("8.8.8.1")]),
        False,
        ["holds api.example.com for approval: list it under spec.domains to allow it"],
    ),
    "a SupplierEgress whose name servers answer otherwise": (
        Facts(pod(), [policy(block("8.8.8.1"))], [egress()], [gave("8.8.8.9")]),
        False,
        ["its name servers have not given 8.8.8.9", "(spec.resolvers)"],
    ),
    "a SupplierEgress that only audits": (
        Facts(pod(), [], [egress(kind="", mode="Audit")], [gave("8.8.8.1")]),
        True,
        ["SupplierEgress supplier is in mode Audit and enforces nothing"],
    ),
    "a SupplierEgress that has not begun": (
        Facts(pod(), [], [egress(kind="")], [gave("8.8.8.1")]),
        True,
        ["has made no object yet: see its condition Ready"],
    ),
    "a SupplierEgress that another kind enforces": (
        Facts(pod(), [], [egress(kind="CiliumNetworkPolicy")], [gave("8.8.8.1")]),
        None,
        ["CiliumNetworkPolicy supplier-thegrid-egress decides by name in the network plugin"],
    ),
}


@pytest.mark.parametrize("sentence", TOLD)
def test_it_is_told_with(sentence):
    facts, reachable, sentences = TOLD[sentence]
    verdict = verdict_on(read_destination(HOST), facts)
    text = as_text(verdict)
    assert verdict.reachable is reachable
    assert all(it in text for it in sentences), text


def test_a_supplier_egress_for_other_pods_has_nothing_to_say():
    facts = Facts(pod(), [], [egress(kind="CiliumNetworkPolicy", **OTHER_PODS)], [gave("8.8.8.1")])
    verdict = verdict_on(read_destination(HOST), facts)
    assert (verdict.reachable, verdict.remarks) == (True, ())


def test_the_readme_shows_what_is_told():
    asked = pod()
    asked["metadata"]["name"] = "chat-5d9f7"
    policies = [policy(name="deny-all"), policy(block("203.0.113.8"), name="supplier")]
    to = read_destination("api.thegrid.ai")
    text = as_text(verdict_on(to, Facts(asked, policies, answers=[gave("203.0.113.7")])))
    assert f"```text\n{text}```" in README.read_text()


def test_programs_are_told_the_same():
    facts = Facts(pod(), [policy(block("8.8.8.1"))], [egress()], [gave("8.8.8.1", "8.8.8.2")])
    to = read_destination(HOST)
    told = json.loads(json.dumps(as_json(to, facts, verdict_on(to, facts))))
    assert told["pod"] == {"namespace": "team", "name": "chat-1"}
    assert told["destination"] == {"host": HOST, "port": 443, "protocol": "TCP"}
    assert told["reachable"] is False
    first, second = told["addresses"]
    assert (first["address"], first["policy"], first["rule"]) == ("8.8.8.1", "lock", 0)
    assert (second["address"], second["allowed"]) == ("8.8.8.2", False)


DESTINATIONS = {
    "api.example.com": ("api.example.com", 443),
    "API.Example.com.": ("api.example.com", 443),
    "api.example.com:8443": ("api.example.com", 8443),
    "192.0.2.1": ("192.0.2.1", 443),
    "192.0.2.1:80": ("192.0.2.1", 80),
    "2001:db8::1": ("2001:db8::1", 443),
    "[2001:db8::1]": ("2001:db8::1", 443),
    "[2001:db8::1]:8443": ("2001:db8::1", 8443),
}


@pytest.mark.parametrize("text", DESTINATIONS)
def test_where_to_is_read_from(text):
    to = read_destination(text)
    assert (to.host, to.port.first) == DESTINATIONS[text]
    assert (to.address is None) is to.host.startswith("api")


WRONG = {
    "https://api.example.com": "is not HOST or HOST:PORT, as in api.thegrid.ai:443",
    "api.example.com/v1": "is not a host name",
    "api.example.com:https": "'https' is not a port from 1 to 65535",
    "api.example.com:0": "0 is not from 1 to 65535",
    "api.example.com:65536": "65536 is not from 1 to 65535",
    "api.example.com:": "'' is not a port",
    "*.example.com": "is not a host name",
    "localhost": "one label alone",
    "": "is not a host name",
}


@pytest.mark.parametrize("text", WRONG)
def test_it_refuses_to_go_to(text):
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - its text is looked at
        read_destination(text)
    assert WRONG[text] in str(refusal.value)


@pytest.mark.parametrize("text", ["chat", "team/", "/chat", "team/chat/1", "Team/chat", "a/b c"])
def test_it_refuses_as_a_pod(text):
    with pytest.raises(ValueError, match="is not NAMESPACE/POD, as in team/chat-5d9f7"):
        read_pod(text)
