"""A SupplierEgress whose market leads calls to a new host, and what is seen of it in a cluster."""

from __future__ import annotations

from contextlib import contextmanager

from tests.egress.dns_server import DnsServer

NEW, FED = "new.example.net", "fed.example.com"
HOSTS = {"api.thegrid.ai": 1, "messages-beta.api.thegrid.ai": 2, "synapse.thegrid.ai": 3}
POLICY = "suppliers-thegrid-egress"
PROBE = {"consumptionKeyRef": {"name": "app"}, "model": "text-prime"}


@contextmanager
def name_server():
    """Serve the addresses of all hosts."""
    server = DnsServer()
    for host, number in {**HOSTS, NEW: 4, FED: 5}.items():
        server.zone[host, "A"] = (1, [f"8.8.8.{number}"])
    yield server
    server.close()


def log_in_with_units(cluster):
    """Declare an account that can pay for a call, and a key."""
    account = cluster.market.account.user_id
    cluster.market.give_units(account, "text-prime", 1, into_consumption=True)
    cluster.log_in()
    cluster.declare_account()
    cluster.declare_key()


def declare_suppliers(cluster, names, **spec):
    """Declare the resource; its looks come every second."""
    known = {
        "podSelector": {"matchLabels": {"app": "chat"}},
        "resolvers": [{"address": "127.0.0.1", "port": names.port}],
        "shortestTtl": "1s",
    }
    cluster.apply("SupplierEgress", "suppliers", known | spec)


def domains(cluster):
    status = (cluster.get("supplieregress", "suppliers") or {}).get("status") or {}
    return {
        it["name"]: (it["state"], [each["source"] for each in it["sources"]])
        for it in status.get("domains", ())
    }


def blocks(cluster):
    policy = cluster.get("networkpolicy", POLICY)
    rule = policy["spec"]["egress"][0] if policy else {"to": []}
    return [peer["ipBlock"]["cidr"] for peer in rule["to"]]
