"""What enforces an allow list where the cluster has kinds that know names."""

from __future__ import annotations

import json

import pytest
from tests.egress.dns_server import DnsServer
from tests.egress.others import definitions_of_others, serve

from thegrid_lab.operator_process import install_operator

pytestmark = pytest.mark.engines

EVERYTHING = {
    "core": True, "cilium": True, "gke": True, "eks": True, "ovn": True, "upstreamPriority": 500,
}  # fmt: skip


@pytest.fixture(scope="module")
def served(installed):
    serve(installed, definitions_of_others())
    install_operator(installed, {"egress": EVERYTHING})
    yield
    install_operator(installed)


@pytest.fixture
def names():
    server = DnsServer()
    server.zone["api.thegrid.ai", "A"] = (1, ["8.8.8.1"])
    yield server
    server.close()


@pytest.fixture
def egress(served, cluster, names, start):
    start(flags=["--upstream-priority=500"])

    def declare(name, **spec):
        known = {
            "podSelector": {},
            "essentialHosts": ["api.thegrid.ai"],
            "domains": [],
            "resolvers": [{"address": "127.0.0.1", "port": names.port}],
            "shortestTtl": "1s",
        }
        cluster.apply("SupplierEgress", name, known | spec)

    return declare


def objects_of(cluster, name):
    status = cluster.get("supplieregress", name)["status"]
    return [f"{it['kind']} {it['name']}" for it in status["objects"]]


def test_each_backend_that_is_asked_for_writes_its_own_kind(cluster, egress):
    backends = ("Cilium", "GKE", "EKS", "OVN", "Upstream")
    for backend in backends:
        egress(backend.lower(), backend=backend)
        cluster.wait_for_reason("supplieregress", backend.lower(), "Enforced")

    upstream = f"thegrid-egress.{cluster.namespace}.upstream"
    assert [objects_of(cluster, it.lower()) for it in backends] == [
        ["CiliumNetworkPolicy cilium-thegrid-egress"],
        ["FQDNNetworkPolicy gke-thegrid-egress", "NetworkPolicy gke-thegrid-egress"],
        ["ApplicationNetworkPolicy eks-thegrid-egress"],
        ["EgressFirewall default"],
        [f"ClusterNetworkPolicy {upstream}", "NetworkPolicy upstream-thegrid-egress"],
    ]
    assert cluster.plane.get("clusternetworkpolicy", upstream)["spec"]["priority"] == 500
    where = f"--namespace={cluster.namespace}"
    cluster.plane.kubectl("delete", "supplieregress/upstream", where, "--timeout=20s")
    assert cluster.get("clusternetworkpolicy", upstream) is None


def test_auto_takes_what_can_say_it_and_cleans_up_when_that_changes(cluster, egress, eventually):
    egress("suppliers", domains=["*.example.com"])
    cluster.wait_for_reason("supplieregress", "suppliers", "Enforced")
    cilium = cluster.get("ciliumnetworkpolicy", "suppliers-thegrid-egress")
    assert {"matchPattern": "*.example.com"} in cilium["spec"]["egress"][0]["toFQDNs"]

    egress("suppliers", domains=["**.example.com"])
    eventually(
        lambda: (
            objects_of(cluster, "suppliers")
            == ["ApplicationNetworkPolicy suppliers-thegrid-egress"]
        ),
        "a backend that says any depth",
        lambda: cluster.condition("supplieregress", "suppliers"),
    )
    assert cluster.get("ciliumnetworkpolicy", "suppliers-thegrid-egress") is None

    egress("suppliers", domains=["**.example.com", "*.example.net"])
    condition = cluster.wait_for_reason("supplieregress", "suppliers", "WildcardNotSayable")
    assert "EKS: `*.example.net`" in condition["message"]
    assert objects_of(cluster, "suppliers") == ["ApplicationNetworkPolicy suppliers-thegrid-egress"]


def test_a_firewall_of_somebody_else_is_never_touched(cluster, egress):
    theirs = {
        "apiVersion": "k8s.ovn.org/v1",
        "kind": "EgressFirewall",
        "metadata": {"name": "default", "namespace": cluster.namespace},
        "spec": {"egress": [{"type": "Deny", "to": {"cidrSelector": "0.0.0.0/0"}}]},
    }
    cluster.plane.apply(theirs)
    before = cluster.get("egressfirewall", "default")
    egress("suppliers", backend="OVN")

    cluster.wait_for_reason("supplieregress", "suppliers", "ObjectNotOurs")
    assert json.dumps(cluster.get("egressfirewall", "default")) == json.dumps(before)
