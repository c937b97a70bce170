"""How a `SupplierEgress` finds domains, and what is news about them. Pure.

What belongs here: the part `spec.discovery`, and what people are told of domains that were not
known before. What does not: asking the sources (`feed`, `probe`) and what is allowed
(`thegrid.core.egress`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from thegrid.core.duration import parse_duration
from thegrid.core.egress import Domain, EgressPlan, Source, WantedEgress
from thegrid_operator.kube import Json

_MOST_TOLD = 5
_USUAL_INTERVAL = "1h"


@dataclass(frozen=True, slots=True)
class WantedProbe:
    """How the market is asked.

    Attributes:
        key: The `ConsumptionKey`, in the same namespace, whose key asks.
        model: An instrument's symbol.
        interval: How often.
    """

    key: str
    model: str
    interval: timedelta


@dataclass(frozen=True, slots=True)
class Discovery:
    """Where domains come from beside the resource's own list.

    Attributes:
        config_map: The ConfigMap that is read, in the same namespace; empty for none.
        probe: How the market is asked, or None.
    """

    config_map: str = ""
    probe: WantedProbe | None = None

    @classmethod
    def of(cls, spec: Json) -> Discovery:
        """Read `spec.discovery`.

        Raises:
            ValueError: A duration cannot be read; the API server refuses it too.
        """
        discovery = spec.get("discovery") or {}
        feed, probe = discovery.get("configMapRef") or {}, discovery.get("redirectProbe")
        return cls(feed.get("name", ""), _probe(probe) if probe else None)


@dataclass(frozen=True, slots=True)
class News:
    """A fact for an event.

    Attributes:
        reason: A word that never changes its meaning.
        note: One sentence.
        kind: Whether a person should look.
    """

    reason: Literal["NewDomainFound", "DomainHeld"]
    note: str
    kind: Literal["Normal", "Warning"]


def news(status: Json | None, wanted: WantedEgress, plan: EgressPlan) -> Iterator[News]:
    """Tell what was found and is not in the status yet.

    Args:
        status: The status as it was before the look.
        wanted: What is declared.
        plan: The outcome of the look.

    Yields:
        One fact for each host that a redirect named, and one for all that a feed named.
    """
    told = {str(it.get("name", "")) for it in (status or {}).get("domains") or ()}
    found: dict[Source, list[Domain]] = {Source.FEED: [], Source.PROBE: []}
    for domain, source in plan.memory.seen:
        if str(domain) not in told and domain not in wanted.listed:
            found[source].append(domain)
    if found[Source.FEED]:
        names = sorted(map(str, found[Source.FEED]))
        more = len(names) - _MOST_TOLD
        listed = ", ".join(names[:_MOST_TOLD]) + (f" and {more} more" if more > 0 else "")
        yield News("NewDomainFound", f"the ConfigMap names {listed}: allowed", "Normal")
    for domain in sorted(set(found[Source.PROBE]) - set(found[Source.FEED]), key=str):
        if domain in plan.held:
            note = f"a redirect leads to {domain}: list it under spec.domains to allow it"
            yield News("DomainHeld", note, "Warning")
        else:
            yield News("NewDomainFound", f"a redirect leads to {domain}: allowed", "Normal")


def _probe(probe: Json) -> WantedProbe:
    try:
        interval = parse_duration(probe.get("interval", _USUAL_INTERVAL))
    except ValueError as problem:
        raise ValueError(f"spec.discovery.redirectProbe.interval: {problem}") from None
    return WantedProbe(probe["consumptionKeyRef"]["name"], probe["model"], interval)
