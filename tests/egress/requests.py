"""Requests for renderers, and a cluster that offers everything."""

from ipaddress import ip_address

from thegrid.core.egress import Allowed, Domain, order
from thegrid_operator.egress import Cluster, Request
from thegrid_operator.resources import Meta

OWNER = Meta("team", "supplier", "uid-1", 1, deleted=False, finalizers=())
EVERYTHING = Cluster(
    cilium_any_depth=True,
    upstream_domain_names=True,
    upstream_priority=500,
    ovn_wildcards=True,
)
CHAT = {"matchLabels": {"app": "chat"}}


def allowed(*domains, addresses=("8.8.8.1", "8.8.8.2", "2606:4700::1")):
    return Allowed(
        tuple(sorted(map(Domain.parse, domains), key=lambda it: (it.name, it.depth.value))),
        tuple(sorted(map(ip_address, addresses), key=order)),
    )


def request(*domains, pods=None, owner=OWNER, addresses=None, **fields):
    known = {} if addresses is None else {"addresses": addresses}
    return Request(owner, pods or {}, allowed(*(domains or ("a.example.com",)), **known), **fields)
