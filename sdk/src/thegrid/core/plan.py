"""A plan: what to do now, why, and when to look again.

Actions are done in order. Any error drops the rest of the plan: the caller gathers the facts anew
and asks again, so an action never has to know what came before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Plan(Generic[A]):
    """The answer of a decision.

    Attributes:
        actions: To be done in this order; empty when nothing is to be done.
        reason: One word in CamelCase for machines, as in a Kubernetes condition.
        message: The same for people, in one sentence without secrets.
        look_again_at: When the facts may call for something else although nobody changed them, or
            None to look again as soon as the actions are done.
    """

    actions: tuple[A, ...]
    reason: str
    message: str
    look_again_at: datetime | None = None
