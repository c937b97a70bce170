"""EKS Auto Mode's ApplicationNetworkPolicy: a NetworkPolicy with `domainNames`. Pure.

Its `*.` stands for one label or more. Names and addresses are peers of their own kind, so DNS has a
rule of its own.
"""

from __future__ import annotations

from thegrid.core.egress import Depth
from thegrid_operator.egress.network_policy import dns_limits, policy, port_entry
from thegrid_operator.egress.request import (
    Cluster,
    Limit,
    Rendered,
    Rendering,
    Request,
    object_name,
    refuse_name,
    refuse_names,
    refuse_silence,
)
from thegrid_operator.egress.stars import with_one_star

NAME = "EKS"
_SAYABLE = frozenset({Depth.EXACT, Depth.ANY_DEPTH})
_WHY = "here `*.` stands for one label or more, never for exactly one"


def render(request: Request, _cluster: Cluster) -> Rendering:
    """Say a request with one ApplicationNetworkPolicy."""
    domains = request.allowed.domains
    refusal = (
        refuse_silence(request)
        or refuse_names(domains, _SAYABLE, _WHY)
        or refuse_name(object_name(request.owner))
    )
    if refusal:
        return refusal
    names = [with_one_star(domain) for domain in domains]
    ports = [port_entry(port) for port in request.ports]
    built = policy(request, [{"to": [{"domainNames": names}], "ports": ports}])
    built |= {"apiVersion": "networking.k8s.aws/v1alpha1", "kind": "ApplicationNetworkPolicy"}
    return Rendered((built,), (Limit.ADDRESSES_UNJUDGED, *dns_limits(request)))
