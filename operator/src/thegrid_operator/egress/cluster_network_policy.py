"""The upstream ClusterNetworkPolicy with `domainNames` of its experimental channel. Pure.

Names can only be accepted, and only in the tier Admin, which comes before the policies of tenants.
Nothing in it denies, so a NetworkPolicy beside it closes what is not accepted. The kind belongs to
the whole cluster, so a resource of a namespace uses it only where the administrator allots it a
priority.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from thegrid.core.egress import Depth
from thegrid_operator.egress.network_policy import dns_limits, policy
from thegrid_operator.egress.request import (
    Cluster,
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
from thegrid_operator.egress.stars import with_one_star
from thegrid_operator.kube import Json

T = TypeVar("T")
NAME = "Upstream"
_SAYABLE = frozenset({Depth.EXACT, Depth.ANY_DEPTH})
_WHY = "here `*.` stands for one label or more, never for exactly one"
_MOST = 25
"""Rules in a policy, peers and ports in a rule, and names in a peer."""


def render(request: Request, cluster: Cluster) -> Rendering:
    """Say a request with one ClusterNetworkPolicy, and a NetworkPolicy that denies the rest."""
    priority = cluster.upstream_priority
    if priority is None:
        return Refusal(
            "NotAllotted", "it serves the whole cluster: the administrator must allow it"
        )
    names = [with_one_star(domain) for domain in request.allowed.domains]
    refusal = (
        _refuse_standard_channel(cluster)
        or refuse_silence(request)
        or refuse_names(request.allowed.domains, _SAYABLE, _WHY)
        or _refuse_too_many(names, request.ports)
        or refuse_name(cluster_name(request))
        or refuse_name(object_name(request.owner))
    )
    if refusal:
        return refusal
    peers = [{"domainNames": some} for some in _parts(names)]
    protocols = [_protocol(port) for port in request.ports]
    rules = [{"action": "Accept", "to": some, "protocols": protocols} for some in _parts(peers)]
    built = {
        "apiVersion": "policy.networking.k8s.io/v1alpha2",
        "kind": "ClusterNetworkPolicy",
        "metadata": metadata(request.owner, cluster_name(request), namespaced=False),
        "spec": {
            "tier": "Admin",
            "priority": priority,
            "subject": {"pods": _subject(request)},
            "egress": rules,
        },
    }
    limits = (Limit.ADDRESSES_UNJUDGED, Limit.OVERRIDES_TENANTS, *dns_limits(request))
    return Rendered((built, policy(request, [])), limits)


def cluster_name(request: Request) -> str:
    """Name the object of the whole cluster; a namespace holds no dot, so no two names meet."""
    return f"thegrid-egress.{request.owner.namespace}.{request.owner.name}"


def _subject(request: Request) -> Json:
    namespace = {"matchLabels": {"kubernetes.io/metadata.name": request.owner.namespace}}
    return {"namespaceSelector": namespace, "podSelector": request.pods}


def _protocol(port: Port) -> Json:
    destination: Json = {"number": port.first}
    if port.last is not None:
        destination = {"range": {"start": port.first, "end": port.last}}
    return {port.protocol.lower(): {"destinationPort": destination}}


def _refuse_standard_channel(cluster: Cluster) -> Refusal | None:
    if cluster.upstream_domain_names:
        return None
    return Refusal("NoDomainNames", "the kind in this cluster has no names: experimental channel")


def _refuse_too_many(names: Sequence[str], ports: Sequence[Port]) -> Refusal | None:
    if len(names) > _MOST**3:
        return Refusal("TooManyDomains", f"one policy holds {_MOST**3} names, not {len(names)}")
    if len(ports) > _MOST:
        return Refusal("TooManyPorts", f"one rule holds {_MOST} ports, not {len(ports)}")
    return None


def _parts(items: Sequence[T]) -> list[list[T]]:
    return [list(items[start : start + _MOST]) for start in range(0, len(items), _MOST)]
