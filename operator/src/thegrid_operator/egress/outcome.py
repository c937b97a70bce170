"""What a look at a `SupplierEgress` comes to: facts and conditions of its status. Pure.

What changes at every look has no place here, so that an unchanged world leaves the status as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from thegrid.core.egress import Answer, EgressPlan, Outcome
from thegrid_operator.egress.declaration import SupplierEgress
from thegrid_operator.egress.in_status import domains_for
from thegrid_operator.egress.request import Limit
from thegrid_operator.kube import Json
from thegrid_operator.status import Condition, Report, State

_MOST_TOLD = 3


def facts_of(egress: SupplierEgress, plan: EgressPlan, now: datetime) -> Json:
    """Return what is known after a look. It is written before any policy, and read after a restart.

    Args:
        egress: The resource.
        plan: The outcome of the look.
        now: The time of the look.
    """
    return {
        "domains": domains_for(egress.wanted, plan, now),
        "allowedDomains": len(plan.allowed.domains),
        "heldDomains": len(plan.held),
        "allowedAddresses": len(plan.allowed.addresses),
    }


def conditions_of(
    plan: EgressPlan, answers: Sequence[Answer], address_limit: int
) -> dict[str, Condition]:
    """Return what a look found out, whatever is enforced.

    Args:
        plan: The outcome of the look.
        answers: What name servers said.
        address_limit: Above how many addresses people are warned.
    """
    return {
        "ManyAddresses": _many(plan, address_limit),
        "Resolved": _resolved(plan, answers),
        "NewDomainsHeld": _held(plan),
        "AddressesRefused": _refused(plan),
    }


def enforced(objects: Sequence[str], limits: Sequence[Limit], facts: Json) -> Report:
    """Say what is enforced, and what is not.

    Args:
        objects: The objects that do it, by name.
        limits: What they leave open.
        facts: What else is known.
    """
    message = f"{_some(objects)}: the pods reach what is allowed, and nothing else"
    open_still = " ".join(limit.value for limit in limits)
    told = f"{message}. {open_still}" if open_still else message
    condition = ("True", "Enforced", told)
    known = Report(State.SETTLED, "Enforced", message, ready=True, facts=facts)
    return replace(known, more={"Enforced": condition})


def audited(objects: Sequence[Json], facts: Json) -> Report:
    """Say what would be allowed.

    Args:
        objects: What is still there from before, as the status names it.
        facts: What else is known.
    """
    message = "status.domains tells what would be allowed; nothing is written"
    condition = ("False", "Audit", "mode Audit enforces nothing")
    if objects:
        left = _names_of(objects)
        condition = ("Unknown", "NotKeptUp", f"{left} is left from before and not kept up")
    facts = facts | {"objects": list(objects) or None}
    known = Report(State.SETTLED, "Audited", message, ready=True, facts=facts)
    return replace(known, more={"Enforced": condition})


def waiting_for_addresses(item: Json, hosts: Sequence[str]) -> Report:
    """Say that no policy is written, since it would cut pods off from a host that they need.

    Args:
        item: The resource, as read.
        hosts: The essential hosts without an address.
    """
    reason = "NoAddress"
    message = f"nothing is written until each essential host has an address: {_some(hosts)}"
    more = {"Enforced": last_good(item, reason)}
    return Report(State.PROGRESSING, reason, message, more=more, announce=True)


def last_good(item: Json, reason: str) -> Condition:
    """Say what is enforced while nothing can be written.

    Args:
        item: The resource, as read.
        reason: Why nothing is written.
    """
    objects = (item.get("status") or {}).get("objects")
    if not objects:
        return "False", reason, "nothing is enforced"
    return "True", "LastGood", f"{_names_of(objects)} still says what was allowed before"


def _resolved(plan: EgressPlan, answers: Sequence[Answer]) -> Condition:
    if plan.unresolved:
        why = _troubles(answers)
        message = f"no address yet: {_some(plan.unresolved)}"
        return "False", "NoAddress", f"{message} ({why})" if why else message
    if why := _troubles(answers):
        message = f"{why}; no address is taken away until all name servers answer"
        return "False", "LookupsFailed", message
    return "True", "Resolved", "all name servers answer"


def _many(plan: EgressPlan, limit: int) -> Condition:
    if len(plan.allowed.addresses) <= limit:
        return "False", "WithinLimit", "spec.addressLimit is kept"
    message = "more addresses are allowed than spec.addressLimit: the data plane may not take them"
    return "True", "AboveLimit", message


def _held(plan: EgressPlan) -> Condition:
    if not plan.held:
        return "False", "NoneHeld", "no domain waits for approval"
    names = _some(list(map(str, plan.held)))
    return "True", "ApprovalNeeded", f"{names}: list it under spec.domains to allow it"


def _refused(plan: EgressPlan) -> Condition:
    """Addresses are left out, since whoever gives them may change them at every look."""
    told = dict.fromkeys(f"{it.domain} resolves to what is {it.reason}" for it in plan.refused)
    if not told:
        return "False", "NoneRefused", "no name resolves to a special network"
    return "True", "SpecialNetwork", f"{_some(list(told))}; see spec.admittedNetworks"


def _troubles(answers: Iterable[Answer]) -> str:
    failed = {f"{it.resolver}: {it.problem}" for it in answers if it.outcome is Outcome.FAILED}
    return _some(sorted(failed))


def _some(names: Sequence[str]) -> str:
    more = len(names) - _MOST_TOLD
    listed = ", ".join(names[:_MOST_TOLD])
    return f"{listed} and {more} more" if more > 0 else listed


def _names_of(references: Iterable[Json]) -> str:
    return _some([f"{it['kind']} {it['name']}" for it in references])
