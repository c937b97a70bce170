"""Finding out what is allowed now: the sources, the name servers, and what is remembered.

What is remembered belongs to one term of leadership: between two terms others may have seen what
this process has not, so then it is read from the status again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from thegrid.core.egress import (
    Answer,
    EgressPlan,
    Found,
    Memory,
    discover,
    hosts_to_resolve,
    plan_egress,
    restored,
)
from thegrid_operator.cache import Name
from thegrid_operator.egress.declaration import SupplierEgress
from thegrid_operator.egress.in_status import record_in
from thegrid_operator.kube import Json
from thegrid_operator.outside import Outside


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found.

    Attributes:
        at: When.
        plan: What is allowed, and what is to be remembered.
        answers: What name servers said.
    """

    at: datetime
    plan: EgressPlan
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class _Remembered:
    uid: str
    term: int
    memory: Memory


class Looks:
    """Looks at the world for resources, and remembers what it saw.

    Args:
        outside: The name servers and the time.
        term: Tells the term of leadership.
    """

    def __init__(self, outside: Outside, term: Callable[[], int]) -> None:
        self._outside = outside
        self._term = term
        self._memories: dict[Name, _Remembered] = {}

    def take(self, name: Name, item: Json, egress: SupplierEgress, found: Found) -> Look:
        """Look once.

        Args:
            name: The resource's name.
            item: The resource as read.
            egress: The same, read.
            found: What its sources name.
        """
        now = self._outside.clock().now()
        last = _Remembered(egress.meta.uid, self._term(), Memory())
        known = self._memories.get(name)
        if known and (known.uid, known.term) == (last.uid, last.term):
            memory = known.memory
        else:
            memory = restored(record_in(item.get("status")), egress.wanted.timing, now)
        memory = discover(egress.wanted, memory, found, now)
        hosts = hosts_to_resolve(egress.wanted, memory)
        answers = self._outside.resolve(egress.resolvers, hosts)
        at = self._outside.clock().now()  # asking may take seconds, by which no TTL is shortened
        plan = plan_egress(egress.wanted, memory, answers, at)
        self._memories[name] = replace(last, memory=plan.memory)
        return Look(at, plan, answers)

    def forget(self, name: Name) -> None:
        """Forget a resource that is gone."""
        self._memories.pop(name, None)
