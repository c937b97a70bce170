"""What resolvers say about a name, as facts.

An answer tells how much it proves. Only some prove that an address is gone; a failure proves
nothing, and neither does an answer without any address that could be let in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address
from typing import Literal

from thegrid.core.egress.addresses import Address, Network, why_not


class Outcome(Enum):
    """How a look-up ended.

    Attributes:
        GAVE: With addresses.
        EMPTY: The name exists, without an address of this family (NODATA; RFC 2308, 2.2).
        ABSENT: The name does not exist (NXDOMAIN).
        FAILED: In any other way: no answer, refused, a server's failure, cut off, a loop.
    """

    GAVE = "Gave"
    EMPTY = "Empty"
    ABSENT = "Absent"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one resolver said about one name and one family of addresses.

    Args:
        domain: The name that was asked for.
        resolver: Who was asked; any text that tells resolvers apart.
        family: 4 or 6.
        outcome: How it ended.
        addresses: What was given; for `GAVE` alone, and at least one.
        ttls: Seconds, of every record on the way from the name to the addresses, aliases included.
        problem: For `FAILED`, why, in a few words for people.

    Raises:
        ValueError: The parts contradict each other.
    """

    domain: str
    resolver: str
    family: Literal[4, 6]
    outcome: Outcome
    addresses: tuple[Address, ...] = ()
    ttls: tuple[int, ...] = ()
    problem: str = ""

    def __post_init__(self) -> None:
        gave = self.outcome is Outcome.GAVE
        if gave != bool(self.addresses) or gave != bool(self.ttls):
            raise ValueError("addresses and their TTLs belong to an answer that gave some")
        if any(address.version != self.family for address in self.addresses):
            raise ValueError(f"an answer of IPv{self.family} holds another family's addresses")
        if any(seconds < 0 for seconds in self.ttls):
            raise ValueError("a TTL is never negative (RFC 2181, 8)")

    @property
    def ttl(self) -> int:
        """Return for how many seconds the addresses count: the smallest TTL on the way."""
        return min(self.ttls)


@dataclass(frozen=True, slots=True)
class RefusedAddress:
    """An address that a name resolved to and that is not let in.

    Attributes:
        domain: The name.
        address: The address.
        reason: What the address is.
    """

    domain: str
    address: Address
    reason: str


def believable(answer: Answer, admitted: Iterable[Network]) -> tuple[Address, ...]:
    """Return the addresses of an answer that may be let in."""
    networks = tuple(admitted)
    return tuple(it for it in answer.addresses if why_not(it, networks) is None)


def refused(answers: Iterable[Answer], admitted: Iterable[Network]) -> tuple[RefusedAddress, ...]:
    """Return the addresses that are not let in, in a stable order."""
    networks = tuple(admitted)
    found = {
        RefusedAddress(answer.domain, address, reason)
        for answer in answers
        for address in answer.addresses
        if (reason := why_not(address, networks))
    }
    return tuple(sorted(found, key=_order_of_refused))


def proves_absence(
    answers: Iterable[Answer], admitted: Iterable[Network], *, essential: bool
) -> bool:
    """Tell whether answers prove that what they do not name is gone.

    Args:
        answers: All answers of one look about one name.
        admitted: Special networks whose addresses count.
        essential: Whether the name must not be lost; then its absence is not believed either.

    Returns:
        True if every resolver that was asked told something definite and nothing failed: addresses
        that may be let in, or that the name does not exist.
    """
    networks = tuple(admitted)
    definite: dict[str, bool] = {}
    for answer in answers:
        if answer.outcome is Outcome.FAILED:
            return False
        told = bool(believable(answer, networks))
        told = told or (answer.outcome is Outcome.ABSENT and not essential)
        definite[answer.resolver] = definite.get(answer.resolver, False) or told
    return bool(definite) and all(definite.values())


def _order_of_refused(it: RefusedAddress) -> tuple[str, bool, int]:
    return it.domain, not isinstance(it.address, IPv4Address), int(it.address)
