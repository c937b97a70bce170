"""Which backend serves a resource. Pure.

`Auto` takes the first that the cluster has and that can say exactly what is asked. It leaves alone
what reaches beyond the chosen pods: a kind of the whole cluster, and one that a namespace has once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from thegrid_operator.egress import BACKENDS
from thegrid_operator.egress.objects import KINDS
from thegrid_operator.egress.request import Cluster, Refusal, Rendered, Request
from thegrid_operator.kube import Json, Kind

AUTO = "Auto"
CORE = "Core"
_AUTOMATIC = ("Cilium", "GKE", "EKS", CORE)
KIND_OF: Mapping[str, Kind] = {
    "Cilium": KINDS["CiliumNetworkPolicy"],
    "Upstream": KINDS["ClusterNetworkPolicy"],
    "GKE": KINDS["FQDNNetworkPolicy"],
    "EKS": KINDS["ApplicationNetworkPolicy"],
    "OVN": KINDS["EgressFirewall"],
}
"""What a backend needs that not every cluster has."""

_A_WILDCARD = "*.example.com"


@dataclass(frozen=True, slots=True)
class Served:
    """What the cluster has.

    Attributes:
        backends: Those whose kind is served.
        cluster: What these kinds offer.
    """

    backends: frozenset[str] = frozenset()
    cluster: Cluster = field(default_factory=Cluster)


@dataclass(frozen=True, slots=True)
class Choice:
    """A backend that can say what is asked.

    Attributes:
        backend: Its name.
        rendered: What it makes of it.
    """

    backend: str
    rendered: Rendered


def choices(wanted: str, request: Request, served: Served) -> tuple[list[Choice], Refusal | None]:
    """Find the backends that can say what is asked.

    Args:
        wanted: The backend that the resource names, or `Auto`.
        request: What is asked.
        served: What the cluster has.

    Returns:
        Those that can, the best first, and why nothing can, if nothing can.
    """
    found, refused = [], []
    for backend in _AUTOMATIC if wanted == AUTO else (wanted,):
        if backend != CORE and backend not in served.backends:
            if wanted != AUTO:
                kind = KIND_OF[backend]
                why = f"the cluster has no {kind.kind} of {kind.api_version}"
                return [], Refusal("BackendNotServed", why)
            continue
        rendering = BACKENDS[backend](request, served.cluster)
        if isinstance(rendering, Rendered):
            found.append(Choice(backend, rendering))
        else:
            refused.append((backend, rendering))
    return found, None if found else _all_of(refused)


def told_by(cluster: Cluster, definitions: Iterable[Json]) -> Cluster:
    """Return what a cluster's kinds offer, with what their definitions tell.

    Args:
        cluster: What is known besides.
        definitions: The custom resource definitions that could be read.
    """
    for definition in definitions:
        spec = definition["spec"]
        if spec["names"]["kind"] == "ClusterNetworkPolicy":
            offered = '"domainNames"' in json.dumps(_schema(spec, "v1alpha2"))
            cluster = replace(cluster, upstream_domain_names=offered)
        elif spec["names"]["kind"] == "EgressFirewall":
            pattern = _pattern_of("dnsName", _schema(spec, "v1"))
            takes = pattern is not None and re.search(pattern, _A_WILDCARD) is not None
            cluster = replace(cluster, ovn_wildcards=takes)
    return cluster


def _all_of(refused: list[tuple[str, Refusal]]) -> Refusal:
    if len(refused) == 1:
        return refused[0][1]
    told = "; ".join(f"{backend}: {it.message}" for backend, it in refused)
    return Refusal(refused[0][1].reason, told)


def _schema(spec: Json, version: str) -> Json:
    return next((it for it in spec["versions"] if it["name"] == version), {})


def _pattern_of(field: str, schema: object) -> str | None:
    """Return the pattern of the first field of a name within a schema."""
    if isinstance(schema, list):
        return next(filter(None, (_pattern_of(field, it) for it in schema)), None)
    if not isinstance(schema, dict):
        return None
    own = schema.get(field)
    if isinstance(own, dict) and isinstance(own.get("pattern"), str):
        return str(own["pattern"])
    return next(filter(None, (_pattern_of(field, it) for it in schema.values())), None)
