"""A SupplierEgress that finds domains: by a probe of the market, and in a ConfigMap."""

from __future__ import annotations

import json
from functools import partial

import pytest
from tests.operator.suppliers import (
    FED,
    NEW,
    PROBE,
    blocks,
    declare_suppliers,
    domains,
    log_in_with_units,
    name_server,
)

from thegrid_operator.__main__ import main

pytestmark = pytest.mark.engines


@pytest.fixture
def names():
    with name_server() as server:
        yield server


@pytest.fixture
def egress(chart, cluster, names, operator):
    """Declare a resource beside a running operator, an account with units and a key."""
    chart(egress={"core": True, "configMaps": True})
    log_in_with_units(cluster)
    cluster.wait_for_reason("consumptionkey", "app", "UpToDate")
    return partial(declare_suppliers, cluster, names)


def events(cluster):
    names = ("get", "events", f"--namespace={cluster.namespace}", "--output=json")
    items = json.loads(cluster.plane.kubectl(*names))["items"]
    return {(it["reason"], it["message"]) for it in items}


def calls(cluster, surface):
    """Return the inference calls that reached a surface of the market."""
    journal = cluster.market.journal()
    return [it for it in journal if (it["surface"], it["method"]) == (surface, "POST")]


@pytest.fixture
def explain(cluster, names, capsys):
    """Ask the command about a pod that the resource chooses."""
    metadata = {"name": "chat", "namespace": cluster.namespace, "labels": {"app": "chat"}}
    containers = [{"name": "main", "image": "main"}]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata}
    cluster.plane.apply({**pod, "spec": {"containers": containers}})
    where = ["--kubeconfig", str(cluster.plane.kubeconfig), f"--resolver=127.0.0.1:{names.port}"]

    def ask(host):
        code = main(["egress", "explain", f"{cluster.namespace}/chat", host, *where])
        return code, capsys.readouterr().out

    return ask


def test_a_host_that_a_redirect_names_waits_until_it_is_listed(
    cluster, egress, eventually, explain
):
    cluster.market.use_suppliers(NEW)
    before = cluster.market.lots(cluster.market.account.user_id)
    egress(discovery={"redirectProbe": PROBE})

    eventually(lambda: domains(cluster).get(NEW) == ("Held", ["Probe"]), "the host to be held")
    cluster.wait_for_reason("supplieregress", "suppliers", "Enforced")
    assert "8.8.8.4/32" not in blocks(cluster)
    assert cluster.condition("supplieregress", "suppliers", "NewDomainsHeld")["status"] == "True"
    assert explain("api.thegrid.ai")[0] == 0
    code, told = explain(NEW)
    assert code == 1
    assert f"SupplierEgress suppliers holds {NEW} for approval" in told
    note = f"a redirect leads to {NEW}: list it under spec.domains to allow it"
    eventually(lambda: ("DomainHeld", note) in events(cluster), "the event")

    egress(domains=["synapse.thegrid.ai", NEW], discovery={"redirectProbe": PROBE})
    eventually(lambda: "8.8.8.4/32" in blocks(cluster), "the approved host")
    assert explain(NEW)[0] == 0
    assert calls(cluster, "gateway") == []
    cluster.market.advance(3600)
    assert cluster.market.lots(cluster.market.account.user_id) == before
    key = cluster.secret("app-grid")["OPENAI_API_KEY"]
    shown = cluster.plane.kubectl("get", "supplieregresses,events", "-A", "--output=json")
    assert key not in shown
    assert "token=" not in shown


def test_a_config_map_adds_domains_and_its_loss_takes_none_away(cluster, egress, eventually):
    def put(text):
        cluster.plane.apply(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "hosts", "namespace": cluster.namespace},
                "data": {"domains": text},
            }
        )

    put(f"{FED}  # ours\nhttps://wrong")
    egress(discovery={"configMapRef": {"name": "hosts"}})

    eventually(lambda: "8.8.8.5/32" in blocks(cluster), "the domain of the ConfigMap")
    assert domains(cluster)[FED] == ("Allowed", ["Feed"])
    wrong = cluster.condition("supplieregress", "suppliers", "FeedRead")
    assert wrong["reason"] == "LinesLeftOut"
    assert "data.domains, line 2" in wrong["message"]

    cluster.plane.kubectl("delete", "configmap", "hosts", f"--namespace={cluster.namespace}")
    eventually(
        lambda: (
            cluster.condition("supplieregress", "suppliers", "FeedRead")["reason"] == "NotFound"
        ),
        "the loss to be told",
    )
    assert "8.8.8.5/32" in blocks(cluster)


def test_a_market_that_serves_the_probe_is_not_asked_again_after_a_restart(
    cluster, egress, operator, start, names, eventually
):
    cluster.market.use_suppliers(direct=True)
    egress(discovery={"redirectProbe": PROBE})

    def reason():
        return cluster.condition("supplieregress", "suppliers", "Probed").get("reason")

    eventually(lambda: reason() == "ServedDirectly", "the condition")
    assert len(calls(cluster, "consumption")) == 1
    operator.stop()
    start()
    seen = len(names.asked)
    eventually(lambda: len(names.asked) > seen + 16, "two looks of another process")
    assert len(calls(cluster, "consumption")) == 1
    assert reason() == "ServedDirectly"
