"""A SupplierEgress on a real API server: what is allowed stands in a NetworkPolicy of its own."""

from __future__ import annotations

import json
from ipaddress import ip_address

import pytest
from tests.egress.dns_server import DnsServer
from tests.operator import workloads

from thegrid.core.egress import Allowed, Domain
from thegrid_lab.operator_process import install_operator
from thegrid_operator.egress import BACKENDS, Cluster, Request
from thegrid_operator.egress.declaration import SupplierEgress

pytestmark = pytest.mark.engines

HOSTS = ("api.thegrid.ai", "messages-beta.api.thegrid.ai", "synapse.thegrid.ai")
NAME = "suppliers-thegrid-egress"


@pytest.fixture
def names():
    server = DnsServer()
    for number, host in enumerate(HOSTS, start=1):
        server.zone[host, "A"] = (1, [f"8.8.8.{number}"])
    yield server
    server.close()


@pytest.fixture
def declare(cluster, names, operator):
    """Declare a resource whose looks come every second, beside a running operator."""

    def declare_one(name="suppliers", **spec):
        known = {
            "podSelector": {"matchLabels": {"app": "chat"}},
            "resolvers": [{"address": "127.0.0.1", "port": names.port}],
            "shortestTtl": "1s",
        }
        cluster.apply("SupplierEgress", name, known | spec)

    return declare_one


@pytest.fixture(scope="module")
def allowed(installed):
    """The chart lets the operator write NetworkPolicies."""
    install_operator(installed, {"egress": {"core": True}})
    yield
    install_operator(installed)


@pytest.fixture
def egress(allowed, declare):
    return declare


def blocks(policy):
    rule = (policy or {"spec": {"egress": [{"to": []}]}})["spec"]["egress"][0]
    return [peer["ipBlock"]["cidr"] for peer in rule["to"]]


def versions(cluster):
    found = {}
    for kind, name in (("supplieregress", "suppliers"), ("networkpolicy", NAME)):
        item = cluster.get(kind, name)
        found[kind] = item and item["metadata"]["resourceVersion"]
    return found


def test_without_the_chart_s_leave_it_says_what_to_allow(cluster, declare):
    declare()

    condition = cluster.wait_for_reason("supplieregress", "suppliers", "NotAllowed")
    assert "chart" in condition["message"]
    assert cluster.get("networkpolicy", NAME) is None


def test_what_is_allowed_is_a_policy_as_rendered_that_the_resource_owns(cluster, egress):
    egress()

    cluster.wait_for_reason("supplieregress", "suppliers", "Enforced")
    item, policy = cluster.get("supplieregress", "suppliers"), cluster.get("networkpolicy", NAME)
    read = SupplierEgress.of(item)
    allowed = Allowed(
        tuple(map(Domain, HOSTS)), tuple(ip_address(f"8.8.8.{it}") for it in (1, 2, 3))
    )
    (rendered,) = BACKENDS["Core"](Request(read.meta, read.pods, allowed), Cluster()).objects
    assert policy["spec"]["egress"][0] == rendered["spec"]["egress"][0]
    (owner,) = policy["metadata"]["ownerReferences"]
    assert owner["uid"] == item["metadata"]["uid"]
    assert [it["name"] for it in item["status"]["domains"]] == list(HOSTS)


def test_an_unchanged_world_is_left_as_it_is_by_looks_restarts_and_a_dead_name_server(
    cluster, egress, operator, names, eventually, start
):
    names.zone["gone.example.com", "A"] = (1, ["8.8.9.9"])
    egress(domains=["synapse.thegrid.ai", "gone.example.com"], grace="1h")
    cluster.wait_for_reason("supplieregress", "suppliers", "Enforced")
    before, seen = versions(cluster), len(names.asked)
    assert blocks(cluster.get("networkpolicy", NAME))[-1] == "8.8.9.9/32"

    eventually(lambda: len(names.asked) > seen + 24, "three more looks")
    assert versions(cluster) == before
    operator.stop()
    start()
    seen = len(names.asked)
    eventually(lambda: len(names.asked) > seen + 16, "two looks of another process")
    assert versions(cluster) == before

    names.codes = dict.fromkeys(HOSTS, "SERVFAIL") | {"gone.example.com": "NXDOMAIN"}
    resolved = eventually(
        lambda: (
            (it := cluster.condition("supplieregress", "suppliers", "Resolved"))["status"]
            == "False"
            and it
        ),
        "failures to be told",
    )
    assert "SERVFAIL" in resolved["message"]
    assert versions(cluster)["networkpolicy"] == before["networkpolicy"]


def test_a_new_address_is_let_in_and_an_old_one_stays_through_its_grace(
    cluster, egress, names, eventually
):
    egress(grace="4s", longestTtl="1s")
    cluster.wait_for_reason("supplieregress", "suppliers", "Enforced")
    names.zone["api.thegrid.ai", "A"] = (1, ["8.8.4.4"])

    def policy():
        return blocks(cluster.get("networkpolicy", NAME))

    eventually(lambda: "8.8.4.4/32" in policy(), "the new address")
    assert "8.8.8.1/32" in policy()
    eventually(lambda: "8.8.8.1/32" not in policy(), "the old address to go")
    assert policy() == ["8.8.4.4/32", "8.8.8.2/32", "8.8.8.3/32"]


def test_a_name_that_resolves_into_the_network_opens_nothing(cluster, egress, names):
    names.zone["synapse.thegrid.ai", "A"] = (1, ["8.8.8.3", "10.0.0.7", "169.254.169.254"])
    egress()

    cluster.wait_for_reason("supplieregress", "suppliers", "Enforced")
    assert blocks(cluster.get("networkpolicy", NAME)) == [f"8.8.8.{it}/32" for it in (1, 2, 3)]
    refused = cluster.condition("supplieregress", "suppliers", "AddressesRefused")
    assert refused["status"] == "True"
    assert "private" in refused["message"]


def test_a_policy_of_somebody_else_is_never_touched(cluster, egress, eventually):
    theirs = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": NAME, "namespace": cluster.namespace},
        "spec": {"podSelector": {}, "policyTypes": ["Egress"]},
    }
    cluster.plane.apply(theirs)
    before = cluster.get("networkpolicy", NAME)
    egress()

    cluster.wait_for_reason("supplieregress", "suppliers", "ObjectNotOurs")
    assert cluster.get("networkpolicy", NAME) == before
    cluster.plane.kubectl("delete", "supplieregress/suppliers", f"-n={cluster.namespace}")
    assert cluster.get("networkpolicy", NAME) == before


def test_an_audit_writes_the_status_alone(cluster, egress):
    egress(mode="Audit")

    cluster.wait_for_reason("supplieregress", "suppliers", "Audited")
    assert cluster.get("networkpolicy", NAME) is None
    domains = cluster.get("supplieregress", "suppliers")["status"]["domains"]
    assert domains[0]["addresses"] == [{"address": "8.8.8.1"}]


def test_no_policy_is_written_while_a_host_that_is_needed_has_no_address(
    cluster, egress, names, eventually
):
    names.codes["api.thegrid.ai"] = "NXDOMAIN"
    egress()

    condition = cluster.wait_for_reason("supplieregress", "suppliers", "NoAddress")
    assert condition["message"].endswith("has an address: api.thegrid.ai")
    eventually(lambda: workloads.events(cluster, "NoAddress"), "an event")
    assert cluster.get("networkpolicy", NAME) is None
    names.codes.clear()
    cluster.wait_for_reason("supplieregress", "suppliers", "Enforced")


def test_what_somebody_edits_is_put_right_and_all_goes_with_the_resource(
    cluster, egress, eventually
):
    egress()
    cluster.wait_for_reason("supplieregress", "suppliers", "Enforced")
    rule = {"op": "replace", "path": "/spec/egress", "value": [{}]}
    where = f"--namespace={cluster.namespace}"
    cluster.plane.kubectl(
        "patch", "networkpolicy", NAME, where, "--type=json", f"--patch={json.dumps([rule])}"
    )
    eventually(lambda: "to" in cluster.get("networkpolicy", NAME)["spec"]["egress"][0], "a repair")

    cluster.plane.kubectl("delete", "supplieregress/suppliers", where)
    eventually(lambda: cluster.get("networkpolicy", NAME) is None, "the policy to go too")
