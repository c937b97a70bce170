"""What every renderer is asked, and what it answers. Pure.

A renderer says exactly what was asked, or refuses. Whatever it widened would be open without
anybody having asked for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal, TypeAlias

from thegrid.core.egress import Allowed, Depth, Domain, Network
from thegrid_operator.kube import Json
from thegrid_operator.manifests import MANAGED_BY, OWNER, OWNER_UID
from thegrid_operator.resources import Meta

SUFFIX = "-thegrid-egress"
_LAST_PORT = 65535
_LONGEST_NAME = 253
_DNS_PORT = 53


@dataclass(frozen=True, slots=True, order=True)
class Port:
    """A port, or a range of ports.

    Args:
        first: The port, or the first one of the range.
        last: The last one of the range; None for a single port.
        protocol: What is spoken there.

    Raises:
        ValueError: It is no port, or no range.
    """

    first: int
    last: int | None = None
    protocol: Literal["TCP", "UDP", "SCTP"] = "TCP"

    def __post_init__(self) -> None:
        if not 1 <= self.first <= _LAST_PORT:
            raise ValueError(f"ports: {self.first} is not from 1 to {_LAST_PORT}")
        if self.last is not None and not self.first < self.last <= _LAST_PORT:
            raise ValueError(f"ports: {self.first} to {self.last} is not a range")


HTTPS = Port(443)
DNS_PORTS = (Port(_DNS_PORT, protocol="TCP"), Port(_DNS_PORT, protocol="UDP"))


@dataclass(frozen=True, slots=True)
class DnsAccess:
    """Where the pods ask for names.

    Args:
        namespace: The namespace of the cluster's DNS pods.
        label: The label by which they are known.
        values: Its values; distributions differ.
        networks: Name servers that no pod selector matches, such as a cache on the node.
    """

    namespace: str = "kube-system"
    label: str = "k8s-app"
    values: tuple[str, ...] = ("coredns", "kube-dns")
    networks: tuple[Network, ...] = ()


class DnsElsewhere:
    """Another policy lets the pods ask for names, as somebody has declared."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be enforced.

    Args:
        owner: The resource that asks.
        pods: A label selector; the empty one chooses every pod of the namespace.
        allowed: Whom the pods may reach.
        ports: On which ports; at least one.
        dns: Where they ask for names; None for nowhere, which is refused.

    Raises:
        ValueError: No port is given, which backends read as every port.
    """

    owner: Meta
    pods: Json
    allowed: Allowed
    ports: tuple[Port, ...] = (HTTPS,)
    dns: DnsAccess | DnsElsewhere | None = field(default_factory=DnsAccess)

    def __post_init__(self) -> None:
        if not self.ports:
            raise ValueError("ports: at least one is needed")
        object.__setattr__(self, "ports", tuple(sorted(set(self.ports), key=_order_of_ports)))

    @property
    def selects_all_pods(self) -> bool:
        """Tell whether every pod of the namespace is chosen."""
        return not any(self.pods.values())


@dataclass(frozen=True, slots=True)
class Cluster:
    """What the cluster's own kinds offer, as far as that differs between releases.

    Attributes:
        cilium_any_depth: Cilium is 1.19 or later, where `**.` spans labels.
        upstream_domain_names: The kind ClusterNetworkPolicy has `domainNames`.
        upstream_priority: The priority that the administrator allots; None forbids the backend.
        ovn_wildcards: The kind EgressFirewall takes a wildcard in `dnsName`.
    """

    cilium_any_depth: bool = False
    upstream_domain_names: bool = False
    upstream_priority: int | None = None
    ovn_wildcards: bool = False


class Limit(Enum):
    """What is not enforced although the request is met; the value is for people."""

    ADDRESSES_UNJUDGED = (
        "The data plane resolves names itself: a name that resolves to an address inside the "
        "network opens that address."
    )
    OVERRIDES_TENANTS = "The policy comes before every NetworkPolicy, also before one that denies."
    INSIDE_OPEN = "Traffic within the cluster is not restricted."
    DNS_ELSEWHERE = "Pods find names only if another policy lets them ask."


@dataclass(frozen=True, slots=True)
class Rendered:
    """Objects that say exactly what was asked.

    Attributes:
        objects: In the order in which they are to be applied: what opens comes before what closes.
        limits: What is not enforced all the same.
    """

    objects: tuple[Json, ...]
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a backend cannot say exactly what was asked.

    Attributes:
        reason: A word in CamelCase.
        message: What is in the way and what to do, in one sentence.
    """

    reason: str
    message: str


Rendering: TypeAlias = Rendered | Refusal


def refuse_names(domains: Iterable[Domain], sayable: frozenset[Depth], why: str) -> Refusal | None:
    """Refuse domains with a wildcard that a backend does not have.

    Args:
        domains: What is asked.
        sayable: The depths that the backend can say.
        why: What its own names and wildcards stand for.
    """
    wrong = [f"`{domain}`" for domain in domains if domain.depth not in sayable]
    if not wrong:
        return None
    return Refusal("WildcardNotSayable", f"{', '.join(wrong)} cannot be said: {why}")


def refuse_ports(
    ports: Iterable[Port], protocols: frozenset[str], *, ranges: bool
) -> Refusal | None:
    """Refuse ports that a backend cannot say.

    Args:
        ports: What is asked.
        protocols: The protocols that the backend knows.
        ranges: Whether it knows ranges.
    """
    for port in ports:
        if port.protocol not in protocols:
            return Refusal("ProtocolNotSayable", f"the backend has no rules for {port.protocol}")
        if port.last is not None and not ranges:
            return Refusal(
                "PortRangeNotSayable",
                f"{port.first} to {port.last} cannot be said: the backend has no ranges of ports",
            )
    return None


def refuse_silence(request: Request) -> Refusal | None:
    """Refuse what would leave pods without DNS or without anything to reach."""
    dns = request.dns
    if dns is None or (isinstance(dns, DnsAccess) and not (dns.values or dns.networks)):
        return Refusal(
            "DnsCutOff",
            "the pods could not find any name: allow DNS, or declare that another policy does",
        )
    if not request.allowed.domains:
        return Refusal("NothingAllowed", "the pods could reach nothing at all")
    return None


def refuse_name(name: str) -> Refusal | None:
    """Refuse a name that is too long for an object."""
    if len(name) <= _LONGEST_NAME:
        return None
    return Refusal("NameTooLong", f"the object's name would be {name[:20]}…, over 253 characters")


def object_name(owner: Meta) -> str:
    """Name the objects of a resource."""
    return f"{owner.name}{SUFFIX}"


def metadata(owner: Meta, name: str, *, namespaced: bool = True) -> Json:
    """Return the metadata by which an object is known as ours."""
    meta: Json = {
        "name": name,
        "labels": dict(MANAGED_BY),
        "annotations": {OWNER_UID: owner.uid, OWNER: f"{owner.namespace}/{owner.name}"},
    }
    return {**meta, "namespace": owner.namespace} if namespaced else meta


def number_or_range(port: Port, first: str, last: str) -> Mapping[str, int]:
    """Return a port under the names that a kind gives to a port and to the end of a range."""
    return {first: port.first} if port.last is None else {first: port.first, last: port.last}


def _order_of_ports(port: Port) -> tuple[str, int, int]:
    return port.protocol, port.first, port.last or port.first
