"""What is remembered about egress as a part of a resource's status, and back. Pure.

People read it, and after a restart the operator does. Status can be edited, so nothing that is read
is taken for granted: what cannot be understood is forgotten, and found again by the next look. What
carries no time is current; so an unchanged world leaves the status as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

from thegrid.core.egress import (
    Depth,
    Domain,
    EgressPlan,
    Record,
    RecordedAddress,
    RecordedDomain,
    Source,
    WantedEgress,
    record_of,
)
from thegrid_operator.kube import Json
from thegrid_operator.status import time_text

_YEARS = range(2000, 2200)
_ALLOWED = "Allowed"
_HELD = "Held"


def domains_for(wanted: WantedEgress, plan: EgressPlan, now: datetime) -> list[Json]:
    """Write the field `domains` of a status.

    Args:
        wanted: The declaration.
        plan: The outcome of a look.
        now: The time of the look.

    Returns:
        One entry for each domain, in a stable order: its name, whether it is allowed or held, who
        named it, and its addresses. `unseenSince` and `staleSince` tell since when something is not
        current any more, `keepUntil` how long it stays at least.
    """
    record = record_of(plan.memory, wanted.timing, now)
    return [
        {
            "name": str(domain),
            "state": state,
            "sources": list(_sources(domain, wanted, record)),
            "addresses": list(_addresses(domain, wanted, record)),
        }
        for state, domains in ((_ALLOWED, plan.allowed.domains), (_HELD, plan.held))
        for domain in domains
    ]


def record_in(status: Json | None) -> Record:
    """Read back what a status remembers; empty where there is none."""
    domains: list[RecordedDomain] = []
    addresses: list[RecordedAddress] = []
    for entry in _objects((status or {}).get("domains")):
        try:
            domain = Domain.parse(str(entry.get("name", "")))
        except ValueError:
            continue
        domains += _read_sources(domain, entry)
        if domain.depth is Depth.EXACT:
            addresses += _read_addresses(domain.name, entry)
    return Record(tuple(domains), tuple(addresses))


def _sources(domain: Domain, wanted: WantedEgress, record: Record) -> Iterator[Json]:
    if domain in wanted.listed:
        yield {"source": Source.STATIC.value}
    for it in record.domains:
        if it.domain == domain:
            yield {"source": it.source.value, **_time("unseenSince", it.unseen_since)}


def _addresses(domain: Domain, wanted: WantedEgress, record: Record) -> Iterator[Json]:
    for it in record.addresses if domain.depth is Depth.EXACT else ():
        if it.host == domain.name:
            end = it.stale_since and it.stale_since + wanted.timing.grace
            times = _time("staleSince", it.stale_since) | _time("keepUntil", end)
            yield {"address": str(it.address), **times}


def _read_sources(domain: Domain, entry: Json) -> Iterator[RecordedDomain]:
    for told in _objects(entry.get("sources")):
        if told.get("source") in (Source.FEED.value, Source.PROBE.value):
            since = _read_time(told.get("unseenSince"))
            yield RecordedDomain(domain, Source(told["source"]), since)


def _read_addresses(host: str, entry: Json) -> Iterator[RecordedAddress]:
    for told in _objects(entry.get("addresses")):
        try:
            address = ip_address(str(told.get("address", "")))
        except ValueError:
            continue
        yield RecordedAddress(host, address, _read_time(told.get("staleSince")))


def _objects(value: Any) -> Iterable[Json]:
    return (it for it in value if isinstance(it, dict)) if isinstance(value, list) else ()


def _time(name: str, time: datetime | None) -> Json:
    return {name: time_text(time)} if time else {}


def _read_time(value: Any) -> datetime | None:
    """Read a time; what is none counts as no time, so that nothing goes too early."""
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return time.astimezone(UTC) if time.tzinfo and time.year in _YEARS else None
