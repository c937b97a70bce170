"""Renderers: what pods may reach, as objects of the six kinds of policy that clusters have.

Each file knows one backend and is pure: a request becomes objects that say exactly that, or a
refusal with a reason. What does not belong here: which backend a cluster has, and writing objects.
See docs/decisions/0013.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from thegrid_operator.egress import (
    application_network_policy,
    cilium_network_policy,
    cluster_network_policy,
    egress_firewall,
    fqdn_network_policy,
    network_policy,
)
from thegrid_operator.egress.request import (
    HTTPS,
    Cluster,
    DnsAccess,
    DnsElsewhere,
    Limit,
    Port,
    Refusal,
    Rendered,
    Rendering,
    Request,
)

Render: TypeAlias = Callable[[Request, Cluster], Rendering]

BACKENDS: Mapping[str, Render] = {
    backend.NAME: backend.render
    for backend in (
        network_policy,
        cilium_network_policy,
        cluster_network_policy,
        fqdn_network_policy,
        application_network_policy,
        egress_firewall,
    )
}
"""The renderers by the names that a resource chooses them by."""

__all__ = [
    "BACKENDS",
    "HTTPS",
    "Cluster",
    "DnsAccess",
    "DnsElsewhere",
    "Limit",
    "Port",
    "Refusal",
    "Render",
    "Rendered",
    "Rendering",
    "Request",
]
