"""GKE Dataplane V2's FQDNNetworkPolicy. Pure.

Its `*` stands for one label. It has no rules for DNS, so a NetworkPolicy beside it lets pods ask
for names, and denies the rest whatever the data plane does by default.
"""

from __future__ import annotations

from thegrid.core.egress import Depth, Domain
from thegrid_operator.egress.network_policy import dns_limits, policy
from thegrid_operator.egress.request import (
    Cluster,
    Limit,
    Rendered,
    Rendering,
    Request,
    metadata,
    object_name,
    refuse_name,
    refuse_names,
    refuse_ports,
    refuse_silence,
)
from thegrid_operator.egress.stars import with_one_star
from thegrid_operator.kube import Json

NAME = "GKE"
_SAYABLE = frozenset({Depth.EXACT, Depth.ONE_LABEL})
_WHY = "here `*` stands for one label, never for more"


def render(request: Request, _cluster: Cluster) -> Rendering:
    """Say a request with one FQDNNetworkPolicy, and a NetworkPolicy for DNS."""
    domains = request.allowed.domains
    refusal = (
        refuse_silence(request)
        or refuse_names(domains, _SAYABLE, _WHY)
        or refuse_ports(request.ports, frozenset({"TCP", "UDP"}), ranges=False)
        or refuse_name(object_name(request.owner))
    )
    if refusal:
        return refusal
    ports = [{"protocol": port.protocol, "port": port.first} for port in request.ports]
    built = {
        "apiVersion": "networking.gke.io/v1alpha1",
        "kind": "FQDNNetworkPolicy",
        "metadata": metadata(request.owner, object_name(request.owner)),
        "spec": {
            "podSelector": request.pods,
            "egress": [{"matches": [_match(domain) for domain in domains], "ports": ports}],
        },
    }
    limits = (Limit.ADDRESSES_UNJUDGED, *dns_limits(request))
    return Rendered((built, policy(request, [])), limits)


def _match(domain: Domain) -> Json:
    field = "name" if domain.depth is Depth.EXACT else "pattern"
    return {field: with_one_star(domain)}
