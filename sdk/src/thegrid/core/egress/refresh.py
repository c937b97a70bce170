"""One refresh: sources and answers to what is allowed now.

A refresh asks in this order: `discover` what the sources name, resolve `hosts_to_resolve`, then
`plan_egress`. Memory only grows, except where a look proves that something is gone and its grace
has passed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from thegrid.core.egress.addresses import Address, order, why_not
from thegrid.core.egress.answers import (
    Answer,
    Outcome,
    RefusedAddress,
    believable,
    proves_absence,
    refused,
)
from thegrid.core.egress.declared import WantedEgress
from thegrid.core.egress.discovery import Found, Source
from thegrid.core.egress.memory import Memory
from thegrid.core.egress.names import Depth, Domain
from thegrid.core.egress.timing import retry_after

_FOUND_BY = (Source.FEED, Source.PROBE)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What pods may reach, in a stable order; the same set is always the same value.

    Attributes:
        domains: For backends that know names.
        addresses: For those that do not; they say nothing of domains with a wildcard.
    """

    domains: tuple[Domain, ...]
    addresses: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class EgressPlan:
    """The answer of a refresh.

    Attributes:
        allowed: What pods may reach.
        held: Domains that wait for approval.
        unresolved: Essential hosts without any address. While there is one, a backend that needs
            addresses must write nothing: its policy would cut pods off.
        refused: Addresses that were given and are not let in.
        memory: What the next refresh has to know.
        look_again_at: When something changes although nobody did anything.
    """

    allowed: Allowed
    held: tuple[Domain, ...]
    unresolved: tuple[str, ...]
    refused: tuple[RefusedAddress, ...]
    memory: Memory
    look_again_at: datetime


def discover(wanted: WantedEgress, memory: Memory, found: Found, now: datetime) -> Memory:
    """Remember what the sources name.

    Args:
        wanted: The declaration.
        memory: What earlier looks saw.
        found: What the sources brought just now.
        now: The present.

    Returns:
        The memory with what was named. A domain that its source stopped naming goes when its grace
        has passed, but never at a look at which the source did not speak.
    """
    seen = dict(memory.seen)
    for source in _FOUND_BY:
        named = found.of(source)
        if named is None:
            continue
        seen |= {(domain, source): now for domain in named}
        ended = [
            key
            for key, at in seen.items()
            if key[1] is source and at != now and now >= at + wanted.timing.domain_grace
        ]
        for key in ended:
            del seen[key]
    return replace(memory, seen=seen)


def allowed_domains(wanted: WantedEgress, memory: Memory) -> tuple[Domain, ...]:
    """Return the domains that are listed, or found and approved, in a stable order."""
    found = {
        domain
        for domain, source in memory.seen
        if source is Source.FEED or wanted.allows_probed(domain)
    }
    return _sorted(wanted.listed | found)


def hosts_to_resolve(wanted: WantedEgress, memory: Memory) -> tuple[str, ...]:
    """Return the allowed names that can be asked for: those without a wildcard."""
    domains = allowed_domains(wanted, memory)
    return tuple(domain.name for domain in domains if domain.depth is Depth.EXACT)


def plan_egress(
    wanted: WantedEgress, memory: Memory, answers: Iterable[Answer], now: datetime
) -> EgressPlan:
    """Decide what pods may reach.

    Args:
        wanted: The declaration.
        memory: What `discover` returned.
        answers: What every resolver said about each of `hosts_to_resolve`, failures included.
        now: The present.

    Returns:
        The plan. An address leaves only at a look that proves that it is gone, after its grace.
    """
    given = tuple(answers)
    hosts = hosts_to_resolve(wanted, memory)
    kept = _kept(wanted, memory, given, frozenset(hosts), now)
    resolved = {host for host, _ in kept}
    unresolved = tuple(host for host in wanted.essential if host not in resolved)
    failed = bool(unresolved) or any(it.outcome is Outcome.FAILED for it in given)
    failed_looks = memory.failed_looks + 1 if failed else 0
    memory = replace(memory, fresh_until=kept, failed_looks=failed_looks)
    domains = allowed_domains(wanted, memory)
    return EgressPlan(
        Allowed(domains, tuple(sorted({address for _, address in kept}, key=order))),
        _sorted({domain for domain, _ in memory.seen} - frozenset(domains)),
        unresolved,
        refused(given, wanted.admitted),
        memory,
        _next_look(wanted, memory, given, now),
    )


def _kept(
    wanted: WantedEgress,
    memory: Memory,
    answers: tuple[Answer, ...],
    hosts: frozenset[str],
    now: datetime,
) -> dict[tuple[str, Address], datetime]:
    """Return the addresses of hosts, each with the end of its last TTL."""
    kept = {
        (host, address): until
        for (host, address), until in memory.fresh_until.items()
        if host in hosts and why_not(address, wanted.admitted) is None
    }
    for answer in answers:
        if answer.domain not in hosts or answer.outcome is not Outcome.GAVE:
            continue
        until = now + wanted.timing.clamped(answer.ttl)
        for address in believable(answer, wanted.admitted):
            key = answer.domain, address
            kept[key] = max(until, kept.get(key, until))
    proven = _proven(wanted, answers)
    return {
        key: until
        for key, until in kept.items()
        if now < until + wanted.timing.grace or key[0] not in proven
    }


def _proven(wanted: WantedEgress, answers: tuple[Answer, ...]) -> frozenset[str]:
    """Return the hosts of which a look proves what they do not resolve to any more."""

    def host_of(answer: Answer) -> str:
        return answer.domain

    return frozenset(
        host
        for host, group in groupby(sorted(answers, key=host_of), key=host_of)
        if proves_absence(group, wanted.admitted, essential=host in wanted.essential)
    )


def _next_look(
    wanted: WantedEgress, memory: Memory, answers: tuple[Answer, ...], now: datetime
) -> datetime:
    """Return when a TTL runs out, a grace ends, or a failure is tried again, whatever is first."""
    timing = wanted.timing
    times = [now + timing.look_at_least_every]
    times += [now + timing.clamped(it.ttl) for it in answers if it.outcome is Outcome.GAVE]
    ends = [until + timing.grace for until in memory.fresh_until.values()]
    ends += [at + timing.domain_grace for at in memory.seen.values()]
    times += [end for end in ends if end > now]
    if memory.failed_looks:
        times.append(now + retry_after(memory.failed_looks))
    return min(times)


def _sorted(domains: Iterable[Domain]) -> tuple[Domain, ...]:
    return tuple(sorted(domains, key=lambda it: (it.name, it.depth.value)))
