"""OpenShift's EgressFirewall (OVN-Kubernetes). Pure.

One per namespace, always named `default`, and for all pods of it: it may be the users' own, so
whoever applies it must leave alone what the operator did not make. Its rules are ordered and judge
only what leaves the cluster; the last two deny everything else.
"""

from __future__ import annotations

from collections.abc import Sequence

from thegrid.core.egress import Depth
from thegrid_operator.egress.request import (
    DNS_PORTS,
    Cluster,
    DnsAccess,
    Limit,
    Port,
    Refusal,
    Rendered,
    Rendering,
    Request,
    metadata,
    refuse_names,
    refuse_ports,
    refuse_silence,
)
from thegrid_operator.egress.stars import with_one_star
from thegrid_operator.kube import Json

NAME = "OVN"
OBJECT_NAME = "default"
_PROTOCOLS = frozenset({"TCP", "UDP", "SCTP"})
_EVERYWHERE = ("0.0.0.0/0", "::/0")


def render(request: Request, cluster: Cluster) -> Rendering:
    """Say a request with one EgressFirewall."""
    domains = request.allowed.domains
    refusal = (
        refuse_silence(request)
        or _refuse_chosen_pods(request)
        or refuse_names(domains, *_sayable(cluster))
        or refuse_ports(request.ports, _PROTOCOLS, ranges=False)
    )
    if refusal:
        return refusal
    rules = [_allow({"dnsName": with_one_star(it)}, request.ports) for it in domains]
    if isinstance(request.dns, DnsAccess):
        rules += [_allow({"cidrSelector": str(it)}, DNS_PORTS) for it in request.dns.networks]
    rules += [{"type": "Deny", "to": {"cidrSelector": network}} for network in _EVERYWHERE]
    built = {
        "apiVersion": "k8s.ovn.org/v1",
        "kind": "EgressFirewall",
        "metadata": metadata(request.owner, OBJECT_NAME),
        "spec": {"egress": rules},
    }
    return Rendered((built,), (Limit.ADDRESSES_UNJUDGED, Limit.INSIDE_OPEN))


def _allow(to: Json, ports: Sequence[Port]) -> Json:
    entries = [{"protocol": port.protocol, "port": port.first} for port in ports]
    return {"type": "Allow", "to": to, "ports": entries}


def _sayable(cluster: Cluster) -> tuple[frozenset[Depth], str]:
    if cluster.ovn_wildcards:
        why = "here `*.` stands for one label, never for more"
        return frozenset({Depth.EXACT, Depth.ONE_LABEL}), why
    return frozenset({Depth.EXACT}), "the kind in this cluster takes no wildcard"


def _refuse_chosen_pods(request: Request) -> Refusal | None:
    if request.selects_all_pods:
        return None
    return Refusal("PodsNotSelectable", "it serves every pod of a namespace, not chosen ones")
