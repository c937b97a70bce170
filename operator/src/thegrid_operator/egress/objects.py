"""Objects that enforce a list: whose they are, and whether they say what they should. Pure.

An object is ours if it names the resource's uid, and where both live in one namespace, if the
resource owns it too. Nothing else is ever written or deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from thegrid_operator.kube import Json, Kind
from thegrid_operator.manifests import OWNER_UID

KINDS: Mapping[str, Kind] = {
    it.kind: it
    for it in (
        Kind("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy"),
        Kind("cilium.io", "v2", "ciliumnetworkpolicies", "CiliumNetworkPolicy"),
        Kind(
            "policy.networking.k8s.io", "v1alpha2", "clusternetworkpolicies", "ClusterNetworkPolicy"
        ),
        Kind("networking.gke.io", "v1alpha1", "fqdnnetworkpolicies", "FQDNNetworkPolicy"),
        Kind(
            "networking.k8s.aws",
            "v1alpha1",
            "applicationnetworkpolicies",
            "ApplicationNetworkPolicy",
        ),
        Kind("k8s.ovn.org", "v1", "egressfirewalls", "EgressFirewall"),
    )
}
"""The kinds of what renderers make."""

_WHOLE_CLUSTER = "ClusterNetworkPolicy"

NO_VERSION = "1"
"""A version that no object has, since a cluster begins with others: whoever applies with it makes
an object, or is told of a conflict."""


def owned(wanted: Json, owner: Json) -> Json:
    """Return an object with its owner, so that it goes with the resource.

    Args:
        wanted: The object as rendered.
        owner: The resource, as read.
    """
    if "namespace" not in wanted["metadata"]:
        return wanted  # a resource of a namespace cannot own what is the whole cluster's
    reference = {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
    }
    return {**wanted, "metadata": {**wanted["metadata"], "ownerReferences": [reference]}}


def is_ours(seen: Json, owner: Json) -> bool:
    """Tell whether an object was made for a resource.

    Args:
        seen: The object, as read.
        owner: The resource, as read.
    """
    meta, uid = seen["metadata"], owner["metadata"]["uid"]
    owners = [it["uid"] for it in meta.get("ownerReferences") or ()]
    named = (meta.get("annotations") or {}).get(OWNER_UID) == uid
    return named and (uid in owners or "namespace" not in meta)


def says(seen: Any, wanted: Any) -> bool:
    """Tell whether what is there holds all that is wanted; more fields do no harm, more items do.

    Args:
        seen: A value, as read.
        wanted: What is wanted in its place.
    """
    if isinstance(wanted, dict):
        return isinstance(seen, dict) and all(
            name in seen and says(seen[name], inner) for name, inner in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(seen, list)
            and len(seen) == len(wanted)
            and all(says(*each) for each in zip(seen, wanted, strict=True))
        )
    return bool(seen == wanted)


def guarded(wanted: Json, seen: Json | None) -> Json:
    """Return what to apply: only to the very object that was seen, or where there still is none."""
    guard = {"resourceVersion": NO_VERSION}
    if seen is not None:
        guard = {name: seen["metadata"][name] for name in ("uid", "resourceVersion")}
    return {**wanted, "metadata": {**wanted["metadata"], **guard}}


def references(objects: Iterable[Json]) -> list[Json]:
    """Return how a status names objects."""
    return [
        {"apiVersion": it["apiVersion"], "kind": it["kind"], "name": it["metadata"]["name"]}
        for it in objects
    ]


def objects_in(item: Json) -> list[Json]:
    """Return the references that a resource's status names."""
    return list((item.get("status") or {}).get("objects") or ())


def of_the_cluster(objects: Iterable[Json]) -> list[Json]:
    """Return the references of objects that the resource cannot own, as a status has them."""
    return [it for it in references(objects) if it["kind"] == _WHOLE_CLUSTER]


def namespace_of(reference: Json, owner: Json) -> str:
    """Return where an object is that a status names; empty for the whole cluster."""
    return "" if reference["kind"] == _WHOLE_CLUSTER else str(owner["metadata"]["namespace"])


def named(wanted: Json) -> str:
    """Name an object for people."""
    return f"{wanted['kind']} {wanted['metadata']['name']}"
