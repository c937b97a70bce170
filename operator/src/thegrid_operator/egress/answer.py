"""The answer of `egress explain`: policies, what was declared and what names resolve to. Pure.

What NetworkPolicies say about one address is decided in `explain`. Here it is put together for all
addresses of a name, with what a `SupplierEgress` has to say, and with what cannot be said at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from thegrid.core.egress import Address, Answer, Domain, Outcome, order, why_not
from thegrid_operator.egress.explain import Explanation, explain, matches, selects_peers_inside
from thegrid_operator.egress.question import Destination
from thegrid_operator.kube import Json

_CORE_KIND = "NetworkPolicy"


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read.

    Attributes:
        pod: The pod.
        policies: The NetworkPolicies of its namespace.
        egresses: The `SupplierEgress` resources of its namespace.
        answers: What name servers said about the host; none for an address.
    """

    pod: Json
    policies: Sequence[Json]
    egresses: Sequence[Json] = ()
    answers: Sequence[Answer] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is told.

    Attributes:
        reachable: Whether policies let the pod there; None if that cannot be said.
        headline: That in one sentence.
        by_address: What policies say of each address.
        remarks: What else there is to know, a sentence each.
    """

    reachable: bool | None
    headline: str
    by_address: tuple[tuple[Address, Explanation], ...] = ()
    remarks: tuple[str, ...] = ()


def verdict_on(to: Destination, facts: Facts) -> Verdict:
    """Tell whether a pod may go somewhere, and why.

    Args:
        to: Where to.
        facts: What was read.
    """
    meta = facts.pod["metadata"]
    pod = f"{meta['namespace']}/{meta['name']}"
    labels = meta.get("labels") or {}
    addresses = [to.address] if to.address else _addresses(facts.answers)
    told = tuple((it, explain(facts.policies, labels, it, to.port)) for it in addresses)
    choosing = [it for it in facts.egresses if matches(it["spec"].get("podSelector"), labels)]
    doubts = tuple(_doubts(to, facts, told, choosing))
    remarks = tuple(line for it in choosing for line in _says(it, to, told))
    if doubts:
        return Verdict(None, f"Whether {pod} reaches {to} cannot be said.", told, doubts + remarks)
    opened = [address for address, it in told if it.allowed]
    if len(opened) == len(told):
        headline = f"{pod} may reach {to}."
    elif opened:
        headline = f"{pod} may reach {to} at {len(opened)} of its {len(told)} addresses only."
    else:
        headline = f"{pod} may not reach {to}."
    return Verdict(len(opened) == len(told), headline, told, remarks)


def as_json(to: Destination, facts: Facts, verdict: Verdict) -> Json:
    """Return a verdict for programs."""
    meta = facts.pod["metadata"]
    return {
        "pod": {"namespace": meta["namespace"], "name": meta["name"]},
        "destination": {"host": to.host, "port": to.port.first, "protocol": to.port.protocol},
        "reachable": verdict.reachable,
        "message": verdict.headline,
        "addresses": [
            {
                "address": str(address),
                "allowed": it.allowed,
                "policy": it.policy,
                "rule": it.rule,
                "message": it.message,
            }
            for address, it in verdict.by_address
        ],
        "remarks": list(verdict.remarks),
    }


def as_text(verdict: Verdict) -> str:
    """Return a verdict for people."""
    lines = [it.message for _, it in verdict.by_address] + list(verdict.remarks)
    return "\n".join([verdict.headline, *(f"  {line}" for line in dict.fromkeys(lines))]) + "\n"


def _addresses(answers: Iterable[Answer]) -> list[Address]:
    given = (it.addresses for it in answers if it.outcome is Outcome.GAVE)
    return sorted({address for addresses in given for address in addresses}, key=order)


def _doubts(
    to: Destination,
    facts: Facts,
    told: Sequence[tuple[Address, Explanation]],
    choosing: Sequence[Json],
) -> Iterator[str]:
    """Give every reason for which policies alone do not settle it."""
    if facts.pod["spec"].get("hostNetwork"):
        yield "the pod is on its node's network, where policies need not apply (hostNetwork)"
    if not told:
        yield _no_address(to, facts.answers)
    labels = facts.pod["metadata"].get("labels") or {}
    if selects_peers_inside(facts.policies, labels):
        for address, it in told:
            reason = why_not(address, ())
            if reason and not it.allowed:
                yield (
                    f"{address} is {reason}: rules that select pods or namespaces may open it, and "
                    "these are not judged here"
                )
    for egress in choosing:
        others = [it for it in _objects(egress) if it["kind"] != _CORE_KIND]
        if others:
            yield f"{_named(others)} decides by name in the network plugin, not in a NetworkPolicy"


def _no_address(to: Destination, answers: Iterable[Answer]) -> str:
    problems = sorted({f"{it.resolver}: {it.problem}" for it in answers if it.problem})
    if problems:
        return f"{to.host} was not resolved ({'; '.join(problems)}); try --resolver, or an address"
    return f"{to.host} has no address, say the name servers; try --resolver, or an address"


def _says(
    egress: Json, to: Destination, told: Sequence[tuple[Address, Explanation]]
) -> Iterator[str]:
    """Say what a `SupplierEgress` has to do with it, and what is to be done where it closes."""
    name, spec = egress["metadata"]["name"], egress.get("spec") or {}
    who = f"SupplierEgress {name}"
    made = _objects(egress)
    if spec.get("mode") == "Audit":
        yield f"{who} is in mode Audit and enforces nothing"
    elif not made:
        yield f"{who} chooses the pod and has made no object yet: see its condition Ready"
    if to.address is None:
        yield f"{who} {_of_name(egress, to, told)}"
    for it in made:
        yield f"{who} made {it['kind']} {it['name']}"


def _of_name(egress: Json, to: Destination, told: Sequence[tuple[Address, Explanation]]) -> str:
    entries = (egress.get("status") or {}).get("domains") or ()
    covering = [it for it in entries if _covers(it.get("name", ""), to.host)]
    allowed = [it for it in covering if it.get("state") == "Allowed"]
    if not covering:
        return f"does not allow {to.host}: list it under spec.domains to allow it"
    if not allowed:
        return f"holds {to.host} for approval: list it under spec.domains to allow it"
    known = {it.get("address") for entry in allowed for it in entry.get("addresses") or ()}
    strange = [str(address) for address, it in told if not it.allowed and str(address) not in known]
    if known and strange:
        return (
            f"allows {to.host}, but its name servers have not given {', '.join(strange)}: ask the "
            "same ones as the pods do (spec.resolvers)"
        )
    return f"allows {to.host}"


def _covers(name: str, host: str) -> bool:
    try:
        return Domain.parse(name).covers(host)
    except ValueError:
        return False


def _objects(egress: Json) -> list[Json]:
    return list((egress.get("status") or {}).get("objects") or ())


def _named(objects: Iterable[Json]) -> str:
    return ", ".join(f"{it['kind']} {it['name']}" for it in objects)
