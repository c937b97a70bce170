"""What can go wrong at a moment of a run, and how it strikes.

A moment is a point on the way of one write: before it is sent, when it was applied but nobody has
heard of it, and when its answer has come back through the door for effects.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

A_KEY, A_LOGIN, ITS_LIFE = "keys made", "logins", "objects"
BEFORE, APPLIED, ANSWERED = "before", "applied", "answered"


class Crash(BaseException):
    """The process ends here. No `except Exception` stops it, and its memory is thrown away."""


class AnswerLost(BaseException):
    """The wire broke. It never reaches the operator: each wire says it in its own way."""


@dataclass(frozen=True)
class Moment:
    """A point of a run at which something can go wrong.

    Attributes:
        number: Counts from the beginning of the run.
        phase: Where on the way of a write.
        site: Which effect, by its name in the operator.
        what: The request.
        requests: How many requests were sent before it, those for events left out.
        state: The world's state, if states are recorded.
        whole: The same with the process's memory.
    """

    number: int
    phase: str
    site: str
    what: str
    requests: int = 0
    state: str | None = None
    whole: str | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of fault.

    Attributes:
        name: In reports and for replay.
        phases: The moments at which it makes sense.
        strike: Does it, given the world and the replica that is at the moment.
        ends_the_process: Whether the operator starts anew, remembering nothing.
        is_of_the_world: Whether it changes the world, and nothing of the process.
        may_cost: What may differ in the end from a run without faults, by the names of
            `state.last_form`; what is left otherwise must be the same.
    """

    name: str
    phases: tuple[str, ...]
    strike: Callable
    ends_the_process: bool = False
    is_of_the_world: bool = False
    may_cost: tuple[str, ...] = (A_KEY, A_LOGIN)

    def __post_init__(self):
        _BY_NAME[self.name] = self

    def __reduce__(self):
        """What strikes may be made in place, so one process tells another the name alone."""
        return _kind_named, (self.name,)


_BY_NAME: dict[str, Kind] = {}


def _kind_named(name):
    return _BY_NAME[name]


def _crash(_world, _replica):
    raise Crash


def _lose(_world, _replica):
    raise AnswerLost


CRASH = Kind("crash", (BEFORE, APPLIED, ANSWERED), _crash, ends_the_process=True)
LOST = Kind("lost", (BEFORE, APPLIED), _lose)


@dataclass(frozen=True)
class Fault:
    """One kind of fault at one moment."""

    at: int
    kind: str

    def __str__(self):
        return f"{self.at}={self.kind}"

    @classmethod
    def parse(cls, text):
        """Read what `str` wrote."""
        at, _, kind = text.partition("=")
        return cls(int(at), kind)
