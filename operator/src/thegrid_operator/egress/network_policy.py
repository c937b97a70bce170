"""The core NetworkPolicy: addresses only. Pure.

A rule with ports and no peers allows every destination (Kubernetes, NetworkPolicyEgressRule), so no
rule is made without a peer. An egress policy that selects pods is itself their default denial.
"""

from __future__ import annotations

from thegrid.core.egress import Depth
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
    number_or_range,
    object_name,
    refuse_name,
    refuse_names,
    refuse_silence,
)
from thegrid_operator.kube import Json

NAME = "Core"
NOTHING_RESOLVED = "NothingResolved"
_WHY = "a NetworkPolicy knows addresses only, and those of a wildcard cannot be looked up"


def render(request: Request, _cluster: Cluster) -> Rendering:
    """Say a request with one NetworkPolicy."""
    domains = request.allowed.domains
    refusal = (
        refuse_silence(request)
        or refuse_names(domains, frozenset({Depth.EXACT}), _WHY)
        or _refuse_no_addresses(request)
        or refuse_name(object_name(request.owner))
    )
    if refusal:
        return refusal
    blocks = [{"ipBlock": {"cidr": f"{it}/{it.max_prefixlen}"}} for it in request.allowed.addresses]
    allowed = {"to": blocks, "ports": [port_entry(port) for port in request.ports]}
    return Rendered((policy(request, [allowed]),), dns_limits(request))


def policy(request: Request, rules: list[Json]) -> Json:
    """Return a NetworkPolicy with rules, one for DNS added; without any rule it denies all."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata(request.owner, object_name(request.owner)),
        "spec": {
            "podSelector": request.pods,
            "policyTypes": ["Egress"],
            "egress": [*rules, *dns_rules(request)],
        },
    }


def dns_rules(request: Request) -> list[Json]:
    """Return the rule that lets pods ask for names; none where another policy does."""
    dns = request.dns
    if not isinstance(dns, DnsAccess):
        return []
    peers: list[Json] = [{"ipBlock": {"cidr": str(network)}} for network in dns.networks]
    if dns.values:
        chosen = {"key": dns.label, "operator": "In", "values": sorted(dns.values)}
        peers.append(
            {
                "namespaceSelector": {
                    "matchLabels": {"kubernetes.io/metadata.name": dns.namespace}
                },
                "podSelector": {"matchExpressions": [chosen]},
            }
        )
    return [{"to": peers, "ports": [port_entry(port) for port in DNS_PORTS]}] if peers else []


def dns_limits(request: Request) -> tuple[Limit, ...]:
    """Return what has to be said about DNS."""
    return (Limit.DNS_ELSEWHERE,) if isinstance(request.dns, DnsElsewhere) else ()


def port_entry(port: Port) -> Json:
    """Return a port as a NetworkPolicy writes it."""
    return {"protocol": port.protocol, **number_or_range(port, "port", "endPort")}


def _refuse_no_addresses(request: Request) -> Refusal | None:
    if request.allowed.addresses:
        return None
    return Refusal(NOTHING_RESOLVED, "no name has an address yet: pods could reach nothing")
