"""What a resource says about itself: conditions and a few facts. Pure.

Three conditions follow the conventions that `kubectl wait`, Argo CD and Flux understand: `Ready`
(what was declared is true now), `Reconciling` (work is under way and goes on by itself) and
`Stalled` (a person must act). `Ready` always carries the latest reason, so one column tells all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeAlias

from thegrid.client import GridError, InDoubt, Refused
from thegrid_operator.kube import Json, KubeRefused
from thegrid_operator.secret_refusals import is_up_to_others

Condition: TypeAlias = tuple[str, str, str]
"""A condition's status, reason and message."""


_KNOWN = frozenset({"Ready", "Reconciling", "Stalled", "Tested", "Adopted"})


class State(Enum):
    """How things stand, by who must act next."""

    SETTLED = "Settled"
    PROGRESSING = "Progressing"
    STALLED = "Stalled"


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one look at a resource.

    Attributes:
        state: Who must act next.
        reason: A word in CamelCase.
        message: One sentence for people, without secrets.
        ready: Whether what was declared is true now; None leaves it as it was.
        facts: Other fields of the status; None removes one.
        tested: The verdict of the key's test with its reason, for the condition `Tested`.
        adopted: Whether pods have taken up the key, with the reason and a message, for the
            condition `Adopted`; empty where there is nothing to say, None leaves it as it was.
        announce: Whether an event tells when this begins, although nobody has to act.
        warning: A condition that a warning tells of besides, by its reason and message; empty for
            none, and where that was told before.
        more: Other conditions by their type; None takes one away, and those that are not named stay
            as they were.
    """

    state: State
    reason: str
    message: str
    ready: bool | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    tested: tuple[str, str, str] | None = None
    adopted: tuple[str, str, str] | tuple[()] | None = None
    announce: bool = False
    warning: tuple[str, str] | tuple[()] = ()
    more: Mapping[str, Condition | None] = field(default_factory=dict)


class Stalled(Exception):
    """A person must act; told to the user as the outcome of a look.

    Args:
        reason: A word in CamelCase.
        message: What is wrong and what to do, in one sentence.
        ready: Whether what was declared is true all the same; None leaves it as it was.
        facts: Other fields of the status; None removes one.
    """

    def __init__(
        self,
        reason: str,
        message: str,
        *,
        ready: bool | None = False,
        facts: dict[str, Any] | None = None,
    ) -> None:
        self.reason = reason
        self.message = message
        self.ready = ready
        self.facts = facts or {}
        super().__init__(f"{reason}: {message}")

    def report(self) -> Report:
        """Return the outcome to write down."""
        return Report(State.STALLED, self.reason, self.message, ready=self.ready, facts=self.facts)


def report_of(problem: GridError) -> Report:
    """Say that the market could not be used; what was ready stays ready, and work goes on."""
    if isinstance(problem, Refused):
        reason = "MarketRefused"
    elif isinstance(problem, InDoubt):
        reason = "MarketInDoubt"
    else:
        reason = "MarketUnreachable"
    return Report(State.PROGRESSING, reason, str(problem))


_NOT_ALLOWED = (400, 403, 413, 422, 507)
"""What the API server answers to what it will not take, now or later."""


def report_of_a_refusal(refusal: KubeRefused) -> Report | None:
    """Say that the API server will not take a write; None where it will in a moment."""
    if refusal.status not in _NOT_ALLOWED and not is_up_to_others(refusal.message):
        return None
    guess = (
        "a quota or an admission policy of the namespace may forbid it, or the operator's own "
        "rights"
    )
    message = str(refusal) if refusal.message else f"{refusal}: {guess}"
    return Report(State.STALLED, "KubernetesRefused", message)


def condition_in(status: Json, kind: str) -> Json:
    """Return a status's condition of a type; empty for none."""
    conditions = status.get("conditions") or ()
    found: Json = next((it for it in conditions if it["type"] == kind), {})
    return found


def is_in_order(item: Json) -> bool:
    """Tell whether a resource is ready by its status, and is not to go."""
    conditions = (item.get("status") or {}).get("conditions") or ()
    ready = any(it["type"] == "Ready" and it["status"] == "True" for it in conditions)
    return ready and "deletionTimestamp" not in item["metadata"]


def status_for(report: Report, before: Json, generation: int, now: datetime) -> Json:
    """Write a resource's status.

    Args:
        report: The outcome.
        before: The status as it was read; empty for none.
        generation: Which declaration was looked at.
        now: The time, for conditions that change.

    Returns:
        The status; equal to `before` when nothing changed.
    """
    old = {condition["type"]: condition for condition in before.get("conditions", ())}
    ready = report.ready
    if ready is None:
        ready = old.get("Ready", {}).get("status") == "True"
    told = (report.reason, report.message)
    wanted = [
        ("Ready", _word(ready), *told),
        ("Reconciling", _word(report.state is State.PROGRESSING), *told),
        ("Stalled", _word(report.state is State.STALLED), *told),
    ]
    for kind, verdict in (("Tested", report.tested), ("Adopted", report.adopted)):
        kept = old.get(kind)
        if verdict:
            wanted.append((kind, *verdict))
        elif kept and verdict is None:
            wanted.append((kind, kept["status"], kept["reason"], kept["message"]))
    others: dict[str, Condition | None] = {
        kind: _told(it) for kind, it in old.items() if kind not in _KNOWN
    }
    others.update(report.more)
    wanted += [(kind, *told) for kind, told in sorted(others.items()) if told]
    conditions = [
        {
            "type": kind,
            "status": status,
            "reason": reason,
            "message": message,
            "observedGeneration": generation,
            "lastTransitionTime": _since(old.get(kind), status, now),
        }
        for kind, status, reason, message in wanted
    ]
    kept_facts = {k: v for k, v in before.items() if k not in ("conditions", "observedGeneration")}
    facts = {
        name: value for name, value in (kept_facts | report.facts).items() if value is not None
    }
    return {**facts, "observedGeneration": generation, "conditions": conditions}


def time_text(time: datetime) -> str:
    """Write a time as Kubernetes does: whole seconds in UTC with `Z`."""
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _told(condition: Json) -> Condition:
    return condition["status"], condition["reason"], condition["message"]


def _word(value: bool) -> str:  # noqa: FBT001 - a condition's status is one boolean
    return "True" if value else "False"


def _since(before: Json | None, status: str, now: datetime) -> str:
    """A condition's time is that of its last change of status, not of its last word."""
    if before and before["status"] == status:
        return str(before["lastTransitionTime"])
    return time_text(now)
