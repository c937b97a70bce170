"""Several operators share the work out: each has its part, its rights in it, and its own Lease."""

from __future__ import annotations

import pytest

from thegrid_lab.helm import helm_template
from thegrid_lab.operator_process import CHART, NAMESPACE, RELEASE

pytestmark = pytest.mark.engines

CALM = {"rotateAfter": "1h", "overlap": "30m"}


def rendered(release="part", **values):
    return helm_template(CHART, release=release, namespace=NAMESPACE, values=values)


def arguments(objects):
    (deployment,) = [it for it in objects if it["kind"] == "Deployment"]
    return deployment["spec"]["template"]["spec"]["containers"][0]["args"]


def lease_rights(objects):
    roles = [it for it in objects if it["kind"] == "Role"]
    named = [rule.get("resourceNames") for role in roles for rule in role["rules"]]
    return [names for names in named if names]


def test_a_release_that_looks_after_everything_has_the_one_lease():
    objects = rendered()

    assert "--lease-name=thegrid-operator" in arguments(objects)
    assert lease_rights(objects) == [["thegrid-operator"]]
    assert not any(it.startswith(("--namespaces", "--selector")) for it in arguments(objects))


def test_a_part_has_rights_in_its_namespaces_alone_and_a_lease_of_its_own():
    objects = rendered(namespaces=["shop", "bank"])

    assert {"--lease-name=part", "--namespaces=shop,bank"} <= set(arguments(objects))
    assert lease_rights(objects) == [["part"]]
    (everywhere,) = [it for it in objects if it["kind"] == "ClusterRole"]
    (rule,) = everywhere["rules"]
    assert (rule["resources"], rule["verbs"]) == (["namespaces"], ["get"])
    roles = [it for it in objects if it["kind"] == "Role" and "resources" in it["metadata"]["name"]]
    assert [it["metadata"]["namespace"] for it in roles] == ["shop", "bank"]
    (whole,) = [it for it in rendered() if it["kind"] == "ClusterRole"]
    assert all(role["rules"] == whole["rules"][1:] for role in roles)


def test_labels_are_passed_on_as_they_are():
    assert "--selector=shard in (a,b)" in arguments(rendered(selector="shard in (a,b)"))


def label(cluster, kind, name, text):
    where = f"--namespace={cluster.namespace}"
    cluster.plane.kubectl("label", kind, name, text, "--overwrite", where)


@pytest.fixture
def shard(installed, cluster, start):
    """Install a release for the test's namespace alone, and start it with these rights."""

    def start_one(**values):
        objects = rendered(RELEASE, namespaces=[cluster.namespace], **values)
        installed.kubectl("delete", "clusterrole", RELEASE, "--wait")
        installed.apply([it for it in objects if it["kind"] != "Deployment"])
        flags = [it for it in arguments(objects) if it.startswith("--") and "=" in it]
        wanted = ("--lease-name", "--namespaces", "--selector")
        return start(flags=[it for it in flags if it.startswith(wanted)])

    return start_one


def test_a_part_does_its_own_with_rights_in_one_namespace(cluster, chart, shard):
    shard(selector="shard=a")
    cluster.log_in()
    cluster.declare_account()
    labelled = {"labels": {"shard": "a"}}
    account = cluster.get("gridaccount", "team")["spec"]
    cluster.apply("GridAccount", "ours", account, **labelled)
    for name, user, meta in (("mine", "ours", labelled), ("theirs", "team", {})):
        spec = {"accountRef": {"name": user}, "target": {"name": f"{name}-grid"}} | CALM
        cluster.apply("ConsumptionKey", name, spec, **meta)
    stray = {"accountRef": {"name": "team"}, "target": {"name": "stray-grid"}} | CALM
    cluster.apply("ConsumptionKey", "stray", stray, **labelled)

    cluster.wait_for_reason("consumptionkey", "mine", "UpToDate")
    told = cluster.wait_for_reason("consumptionkey", "stray", "AccountNotReady")

    assert "this operator does not look after it (--selector, --namespaces)" in told["message"]
    assert cluster.secret("mine-grid")
    for kind, name in (("consumptionkey", "theirs"), ("gridaccount", "team")):
        assert "status" not in cluster.get(kind, name)
    assert len(cluster.live_keys()) == 1

    # What leaves is another part's by now: of two that refresh one login one would lose it.
    moved = {"labels": {"shard": "b"}, "annotations": {"thegrid.ai/rotate": "now"}}
    cluster.apply("ConsumptionKey", "mine", cluster.get("consumptionkey", "mine")["spec"], **moved)
    spec = {"accountRef": {"name": "ours"}, "target": {"name": "late-grid"}} | CALM
    cluster.apply("ConsumptionKey", "late", spec, **labelled)
    cluster.wait_for_reason("consumptionkey", "late", "UpToDate")
    assert cluster.get("consumptionkey", "mine")["status"]["rotation"] == 1
    assert len(cluster.live_keys()) == 2

    label(cluster, "gridaccount", "ours", "shard=b")
    told = cluster.wait_for_reason("consumptionkey", "late", "AccountNotReady")
    assert "this operator does not look after it (--selector, --namespaces)" in told["message"]
