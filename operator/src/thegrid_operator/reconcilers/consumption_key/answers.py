"""What workloads told a look: who may hold which key, and how restarts go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from thegrid_operator.adoption import Holdout
from thegrid_operator.reconcilers.consumption_key.look import Look
from thegrid_operator.restarts import Restart, Rolling, Step, Stopped

FORBIDDEN = 403

HOLD_DEAD_KEY, HOLD_OTHER_KEY = "PodsHoldDeadKey", "PodsHoldOtherKey"
"""Why `Adopted` is false where pods make calls that fail, or that nobody expects."""


@dataclass(frozen=True, slots=True)
class Forbidden:
    """The chart does not give a right that is needed.

    Attributes:
        right: What cannot be done.
        value: The chart's value that gives it.
    """

    right: str
    value: str

    def __str__(self) -> str:
        return f"the operator may not {self.right}: set {self.value} to true in the chart's values"


PODS_FORBIDDEN = Forbidden("list pods", "observePods")


@dataclass(frozen=True, slots=True)
class Stranded:
    """Who runs with a key that is of no use to them any more, where no older key lives.

    Attributes:
        found: The containers; none where all is well.
        is_first: Whether nothing is known to have come before the current key.
    """

    found: tuple[Holdout, ...]
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Answers:
    """What workloads told.

    Attributes:
        look: The look that they were asked for, its situation completed.
        now: The cluster's time.
        restart: How restarts go on; None where nothing is to be restarted, or not yet.
        unasked: Why no pod was asked although it mattered; empty if all were.
        stranded: Who runs with another key than the current one, and none of ours; None where that
            was not asked.
        look_again_in: When a restart wants to be looked at again, or None.
    """

    look: Look
    now: datetime
    restart: Step | Forbidden | None = None
    unasked: Forbidden | str = ""
    stranded: Stranded | None = None
    look_again_in: timedelta | None = None


def unended_restart(answers: Answers) -> str:
    """Say which restart is waited for: who names a workload tells that it reads the key once."""
    step = answers.restart
    if isinstance(step, Restart | Rolling):
        return f"{step.workload} to be restarted"
    if isinstance(step, Stopped):
        return f"{step.workload}, which {step.why}"
    named = answers.look.key.restart
    if step is None and named and answers.look.situation.previous_stays:
        return "the workloads of spec.restart to be restarted"
    return ""
