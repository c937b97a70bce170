"""What is remembered from look to look, and how it survives a restart.

`Memory` is exact and lives in the process. `Record` is what is written down: who is known, and for
those that left, since when. For what is current no time is recorded, so an unchanged world has the
same record for ever. After a restart what was current counts as seen just now: it may stay a
little too long, never too short.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from thegrid.core.egress.addresses import Address, order
from thegrid.core.egress.discovery import Source
from thegrid.core.egress.names import Domain
from thegrid.core.egress.timing import Timing, recorded


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier looks saw.

    Attributes:
        seen: When each source last named a domain. Listed domains need no memory.
        fresh_until: When the TTL of each address of a host runs out, as last given.
        failed_looks: How many looks in a row failed, until now.
    """

    seen: Mapping[tuple[Domain, Source], datetime] = field(default_factory=dict)
    fresh_until: Mapping[tuple[str, Address], datetime] = field(default_factory=dict)
    failed_looks: int = 0


@dataclass(frozen=True, slots=True)
class RecordedDomain:
    """A found domain as written down.

    Attributes:
        domain: The domain.
        source: Who named it.
        unseen_since: When it was seen last, for one that is not current any more.
    """

    domain: Domain
    source: Source
    unseen_since: datetime | None


@dataclass(frozen=True, slots=True)
class RecordedAddress:
    """An address as written down.

    Attributes:
        host: The name that resolved to it.
        address: The address.
        stale_since: When its TTL ran out, for one that is not current any more.
    """

    host: str
    address: Address
    stale_since: datetime | None


@dataclass(frozen=True, slots=True)
class Record:
    """What is written down, in a stable order; equal records need no write."""

    domains: tuple[RecordedDomain, ...] = ()
    addresses: tuple[RecordedAddress, ...] = ()


def record_of(memory: Memory, timing: Timing, now: datetime) -> Record:
    """Return what to write down of a memory."""
    domains = [
        RecordedDomain(domain, source, recorded(at, timing.domain_grace, now))
        for (domain, source), at in memory.seen.items()
    ]
    addresses = [
        RecordedAddress(host, address, recorded(until, timing.grace, now))
        for (host, address), until in memory.fresh_until.items()
    ]
    domains.sort(key=lambda it: (it.domain.name, it.domain.depth.value, it.source.value))
    addresses.sort(key=lambda it: (it.host, order(it.address)))
    return Record(tuple(domains), tuple(addresses))


def restored(record: Record, timing: Timing, now: datetime) -> Memory:
    """Return the memory that a record stands for, after a restart or a change of leader.

    Args:
        record: What was written down.
        timing: How long things count.
        now: The present.

    Returns:
        A memory in which everything lasts at least as long as in the one that was lost.
    """
    return Memory(
        {(it.domain, it.source): it.unseen_since or now for it in record.domains},
        {
            (it.host, it.address): it.stale_since or now + timing.longest_ttl
            for it in record.addresses
        },
    )
