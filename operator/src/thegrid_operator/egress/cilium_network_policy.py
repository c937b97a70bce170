"""Cilium's CiliumNetworkPolicy. Pure.

`*` stays inside one label; a leading `**.` spans labels from release 1.19 on. Cilium learns what a
name resolves to from the answers that its proxy sees, so pods must ask through a rule for DNS that
names what may be asked (`rules.dns`). Names and addresses never share a rule: Cilium's schema takes
such a rule, and Cilium does not.
"""

from __future__ import annotations

from thegrid.core.egress import Depth, Domain
from thegrid_operator.egress.request import (
    DNS_PORTS,
    Cluster,
    DnsAccess,
    DnsElsewhere,
    Limit,
    Port,
    Refusal,
    Rendered,
    Rendering,
    Request,
    metadata,
    object_name,
    refuse_name,
    refuse_names,
    refuse_silence,
)
from thegrid_operator.kube import Json

NAME = "Cilium"
_MOST_PORTS = 40
_FROM_KUBERNETES = "k8s:"
"""Without it Cilium takes a label of any origin, so a selector would choose more."""

_NAMESPACE = "k8s:io.kubernetes.pod.namespace"
_STARS = {Depth.ONE_LABEL: "*.", Depth.ANY_DEPTH: "**."}


def render(request: Request, cluster: Cluster) -> Rendering:
    """Say a request with one CiliumNetworkPolicy."""
    domains = request.allowed.domains
    refusal = (
        refuse_silence(request)
        or _refuse_dns_elsewhere(request)
        or refuse_names(domains, _sayable(cluster), "before Cilium 1.19 `*` stays in one label")
        or _refuse_too_many_ports(request)
        or refuse_name(object_name(request.owner))
    )
    if refusal:
        return refusal
    allowed = {
        "toFQDNs": [_match(domain) for domain in domains],
        "toPorts": [{"ports": [_port(port) for port in request.ports]}],
    }
    built = {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": metadata(request.owner, object_name(request.owner)),
        "spec": {
            "endpointSelector": _selector(request.pods),
            "egress": [allowed, *_dns_rules(request)],
        },
    }
    return Rendered((built,), (Limit.ADDRESSES_UNJUDGED,))


def _sayable(cluster: Cluster) -> frozenset[Depth]:
    sayable = {Depth.EXACT, Depth.ONE_LABEL}
    return frozenset(sayable | {Depth.ANY_DEPTH} if cluster.cilium_any_depth else sayable)


def _match(domain: Domain) -> Json:
    if domain.depth is Depth.EXACT:
        return {"matchName": domain.name}
    return {"matchPattern": _STARS[domain.depth] + domain.name}


def _port(port: Port) -> Json:
    entry: Json = {"port": str(port.first), "protocol": port.protocol}
    return entry if port.last is None else {**entry, "endPort": port.last}


def _dns_rules(request: Request) -> list[Json]:
    """Return the rules for DNS: addresses in one of their own."""
    dns = request.dns
    if not isinstance(dns, DnsAccess):
        return []
    ports = [_port(port) for port in DNS_PORTS]
    through = {"toPorts": [{"ports": ports, "rules": {"dns": [{"matchPattern": "*"}]}}]}
    rules: list[Json] = []
    if dns.values:
        pods = {
            "matchLabels": {_NAMESPACE: dns.namespace},
            "matchExpressions": [
                {
                    "key": _FROM_KUBERNETES + dns.label,
                    "operator": "In",
                    "values": sorted(dns.values),
                }
            ],
        }
        rules.append({"toEndpoints": [pods], **through})
    if dns.networks:
        rules.append({"toCIDR": [str(network) for network in dns.networks], **through})
    return rules


def _selector(pods: Json) -> Json:
    """Return a label selector that looks at labels of Kubernetes alone."""
    selector: Json = {}
    if labels := pods.get("matchLabels"):
        selector["matchLabels"] = {_FROM_KUBERNETES + key: it for key, it in labels.items()}
    if expressions := pods.get("matchExpressions"):
        selector["matchExpressions"] = [
            {**each, "key": _FROM_KUBERNETES + each["key"]} for each in expressions
        ]
    return selector


def _refuse_dns_elsewhere(request: Request) -> Refusal | None:
    if not isinstance(request.dns, DnsElsewhere):
        return None
    return Refusal("DnsNotSeen", "Cilium learns addresses from DNS that this policy lets through")


def _refuse_too_many_ports(request: Request) -> Refusal | None:
    if len(request.ports) <= _MOST_PORTS:
        return None
    return Refusal("TooManyPorts", f"a rule holds {_MOST_PORTS}, not {len(request.ports)}")
