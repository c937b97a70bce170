"""Which addresses may stand in an allow list because a name resolved to them.

A name's owner decides what it resolves to, so an address that means something else inside a
cluster than outside is never believed (DNS rebinding). The tables are those of the IANA registries
of special-purpose addresses (RFC 6890), kept here because the answer of `ipaddress` depends on the
version of Python. Of IPv6, only global unicast (2000::/3) counts at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

_SPECIAL: dict[Network, str] = {
    ip_network(network): meaning
    for network, meaning in {
        "0.0.0.0/8": "this network",
        "10.0.0.0/8": "private",
        "100.64.0.0/10": "shared by a carrier",
        "127.0.0.0/8": "loopback",
        "168.63.129.16/32": "the platform service of Azure",
        "169.254.0.0/16": "link-local, where clouds keep their metadata",
        "172.16.0.0/12": "private",
        "192.0.0.0/24": "IETF protocol assignments",
        "192.0.2.0/24": "documentation",
        "192.88.99.0/24": "6to4 relays",
        "192.168.0.0/16": "private",
        "198.18.0.0/15": "benchmarks",
        "198.51.100.0/24": "documentation",
        "203.0.113.0/24": "documentation",
        "224.0.0.0/4": "multicast",
        "240.0.0.0/4": "reserved",
        "64:ff9b:1::/48": "translation of IPv4 within a network",
        "::/8": "loopback, unspecified, or an IPv4 address in disguise",
        "100::/8": "discarded",
        "5f00::/16": "segment routing",
        "fc00::/7": "unique local",
        "fe80::/10": "link-local",
        "fec0::/10": "site-local",
        "ff00::/8": "multicast",
        "2001::/23": "IETF protocol assignments",
        "2001:db8::/32": "documentation",
        "2002::/16": "6to4",
        "3fff::/20": "documentation",
    }.items()
}
_GLOBAL = IPv6Network("2000::/3")
_TRANSLATED = IPv6Network("64:ff9b::/96")
"""IPv4 behind NAT64 (RFC 6052): judged by the IPv4 address within."""


def is_address(text: str) -> bool:
    """Tell whether a text is an IP address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def why_not(address: Address, admitted: Iterable[Network] = ()) -> str | None:
    """Say why an address must not be let in because a name resolved to it.

    Args:
        address: The address that a resolver gave.
        admitted: Special networks that are wanted all the same, as `admitted_network` read them.

    Returns:
        What the address is, or None for one that may be let in.
    """
    if isinstance(address, IPv6Address) and address.scope_id:
        return "valid on one link only"
    if any(address in network for network in admitted):
        return None
    if isinstance(address, IPv6Address) and address in _TRANSLATED:
        return why_not(IPv4Address(int(address) & 0xFFFF_FFFF), admitted)
    for network, meaning in _SPECIAL.items():
        if address in network:
            return meaning
    if isinstance(address, IPv6Address) and address not in _GLOBAL:
        return "not global unicast"
    return None


def admitted_network(text: str) -> Network:
    """Read a special network whose addresses a name may resolve to.

    Args:
        text: A network such as `10.20.0.0/16`, without bits to the right of its prefix.

    Returns:
        The network.

    Raises:
        ValueError: It is none, or it is not wholly within one special-purpose network, so that
            admitting it would say more than was meant.
    """
    network = ip_network(text)
    if not any(_lies_within(network, special) for special in _SPECIAL):
        raise ValueError(f"{text!r} is not part of a private or otherwise special network")
    return network


def order(address: Address) -> tuple[int, int]:
    """Return what addresses are sorted by: IPv4 first, then by value."""
    return address.version, int(address)


def _lies_within(network: Network, special: Network) -> bool:
    if isinstance(network, IPv4Network) and isinstance(special, IPv4Network):
        return network.subnet_of(special)
    if isinstance(network, IPv6Network) and isinstance(special, IPv6Network):
        return network.subnet_of(special)
    return False
