"""`SupplierEgress` as a frozen value. Pure.

What belongs here: the shape of its `spec`, which the API server has checked. What does not: its
status (`in_status`, `outcome`), and defaults, which the custom resource definition gives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any, TypeVar

from thegrid.core.duration import parse_duration
from thegrid.core.egress import (
    TRUSTED_SUFFIXES,
    Address,
    Domain,
    NewDomains,
    Timing,
    WantedEgress,
    admitted_network,
)
from thegrid_operator.egress.discovery import Discovery
from thegrid_operator.egress.request import DnsAccess, DnsElsewhere, Port
from thegrid_operator.kube import Json, Kind
from thegrid_operator.resources import Meta

T = TypeVar("T")

_USUAL_LIMIT = 1000
"""Resources that were made before the field was there lack it."""

SUPPLIER_EGRESS = Kind("thegrid.ai", "v1alpha1", "supplieregresses", "SupplierEgress")


@dataclass(frozen=True, slots=True)
class SupplierEgress:
    """A `SupplierEgress`: whom chosen pods may reach.

    Attributes:
        meta: The object.
        wanted: Whom they may reach.
        pods: A label selector.
        ports: On which ports.
        dns: Where the pods ask for names.
        resolvers: The name servers that are asked; none for those of the operator's pod.
        backend: What enforces the list.
        address_limit: Above how many addresses people are warned.
        audits: Whether only the status is written.
        suspended: Whether to leave everything as it is.
        discovery: Where domains come from beside the resource's own list.
    """

    meta: Meta
    wanted: WantedEgress
    pods: Json
    ports: tuple[Port, ...]
    dns: DnsAccess | DnsElsewhere
    resolvers: tuple[tuple[Address, int], ...]
    backend: str
    address_limit: int
    audits: bool
    suspended: bool
    discovery: Discovery

    @classmethod
    def of(cls, item: Json) -> SupplierEgress:
        """Read the object.

        Raises:
            ValueError: A field cannot be read. The API server refuses nearly all of what cannot.
        """
        spec = item["spec"]
        resolvers = spec.get("resolvers") or ()
        return cls(
            meta=Meta.of(item),
            wanted=_wanted(spec),
            pods=spec["podSelector"],
            ports=_each(spec, "ports", _port),
            dns=_dns(spec.get("dns") or {}),
            resolvers=tuple((ip_address(it["address"]), it.get("port", 53)) for it in resolvers),
            backend=spec["backend"],
            address_limit=spec.get("addressLimit", _USUAL_LIMIT),
            audits=spec["mode"] == "Audit",
            suspended=bool(spec.get("suspend")),
            discovery=Discovery.of(spec),
        )


def _wanted(spec: Json) -> WantedEgress:
    discovery = spec.get("discovery") or {}
    return WantedEgress(
        new_domains=NewDomains(discovery.get("newDomains", NewDomains.HOLD.value)),
        trusted_suffixes=tuple(discovery.get("trustedSuffixes", TRUSTED_SUFFIXES)),
        domains=_each(spec, "domains", Domain.parse),
        essential=_each(spec, "essentialHosts", str),
        admitted=_each(spec, "admittedNetworks", admitted_network),
        timing=Timing(
            grace=_read("grace", parse_duration, spec["grace"]),
            shortest_ttl=_read("shortestTtl", parse_duration, spec["shortestTtl"]),
            longest_ttl=_read("longestTtl", parse_duration, spec["longestTtl"]),
            look_at_least_every=_read("lookEvery", parse_duration, spec["lookEvery"]),
        ),
    )


def _dns(dns: Json) -> DnsAccess | DnsElsewhere:
    if dns.get("access") == "Elsewhere":
        return DnsElsewhere()
    return DnsAccess(
        dns["namespace"],
        dns["label"],
        tuple(sorted(dns["values"])),
        tuple(sorted(map(ip_network, dns["networks"]), key=str)),
    )


def _port(port: Json) -> Port:
    return Port(port["port"], port.get("endPort"), port["protocol"])


def _each(spec: Json, field: str, read: Callable[[Any], T]) -> tuple[T, ...]:
    values = spec.get(field) or ()
    return tuple(_read(f"{field}[{at}]", read, value) for at, value in enumerate(values))


def _read(field: str, read: Callable[[Any], T], value: Any) -> T:
    try:
        return read(value)
    except ValueError as problem:
        raise ValueError(f"spec.{field}: {problem}") from None
