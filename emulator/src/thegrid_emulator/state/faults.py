"""Faults that a test has ordered: what goes wrong, where, and how often."""

import random
from dataclasses import dataclass, field
from typing import Literal

from thegrid_emulator.errors import InvalidFieldsError
from thegrid_emulator.paths import fits


@dataclass(frozen=True)
class FixedAnswer:
    """Answer in the market's place; the request has no effect.

    Attributes:
        status: HTTP status.
        body: a string is sent as it is, anything else as JSON; None for the documented envelope.
        retry_after: seconds for the header `retry-after`, if any.
    """

    status: int
    body: object = None
    retry_after: int | None = None


@dataclass(frozen=True)
class Drop:
    """Cut the connection before the request has had its effect, in mid-answer, or after.

    `middle` lets the first half of a whole answer through, or the first part of a streamed one.
    """

    moment: Literal["before", "middle", "after"]


@dataclass(frozen=True)
class Delay:
    """Let the request wait for so many real seconds, then handle it."""

    seconds: float


@dataclass(frozen=True)
class Hold:
    """Handle the request at once, but keep the answer back for so many real seconds."""

    seconds: float


@dataclass(frozen=True)
class Spoil:
    """Handle the request, and spoil the answer's body.

    `malformed` takes the opening quote from the keys of JSON objects; `truncated` ends the body
    early, as `Drop("middle")` does, but in a message that is whole by its headers.
    """

    way: Literal["malformed", "truncated"]


Fault = FixedAnswer | Drop | Delay | Hold | Spoil


@dataclass(kw_only=True)
class FaultRule:
    """A fault and the requests it strikes.

    Attributes:
        method: upper case.
        path: after the surface's prefix; a segment in braces stands for any.
        surface: where; None for everywhere.
        times: how often it will strike yet; None for always.
        every: of the requests that fit, it strikes the N-th, the 2N-th and so on; 1 for each.
        probability: of striking each of those, from 0 to 1.
        seed: of the dice for that.
        fault: what happens.

    Raises:
        InvalidFieldsError: if a value is out of its range.
    """

    method: str
    path: str
    surface: str | None
    times: int | None
    every: int = 1
    probability: float = 1.0
    seed: int = 0
    fault: Fault
    _fitted: int = field(default=0, init=False)
    _dice: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.path.startswith("/"):
            raise InvalidFieldsError("path", "must start with / and leave the prefix out")
        if self.times is not None and self.times < 1:
            raise InvalidFieldsError("times", "must be at least 1, or forever")
        if self.every < 1:
            raise InvalidFieldsError("every", "must be at least 1")
        if not 0 <= self.probability <= 1:
            raise InvalidFieldsError("probability", "must be from 0 to 1")
        self._dice = random.Random(self.seed)  # noqa: S311 -- to be repeated, not to be secret

    def strikes(self, surface: str, method: str, path: str) -> bool:
        """Return whether it strikes a request, and count that.

        Args:
            surface: where it arrived.
            method: of the request.
            path: after the surface's prefix.
        """
        if self.method != method or self.surface not in (None, surface):
            return False
        if not fits(self.path, path):
            return False
        self._fitted += 1
        if self._fitted % self.every or self._dice.random() >= self.probability:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """The faults ordered; of several that fit, the one ordered first strikes first."""

    def __init__(self) -> None:
        self._rules: list[FaultRule] = []

    @property
    def pending(self) -> list[FaultRule]:
        """Those that may strike yet, in the order of their arrival."""
        return list(self._rules)

    def order(self, rule: FaultRule) -> None:
        """Add a fault."""
        self._rules.append(rule)

    def clear(self) -> None:
        """Forget all faults."""
        self._rules.clear()

    def take(self, surface: str, method: str, path: str) -> Fault | None:
        """Return the fault that strikes a request, used up by one, or None.

        Args:
            surface: where it arrived.
            method: of the request.
            path: after the surface's prefix.
        """
        for rule in self._rules:
            if rule.strikes(surface, method, path):
                if rule.times == 0:
                    self._rules.remove(rule)
                return rule.fault
        return None
