"""Faults that a test has ordered: what goes wrong, where, and how often."""

from dataclasses import dataclass
from typing import Literal

from thegrid_emulator.errors import InvalidFieldsError


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
    """Cut the connection before the request has had its effect, or after."""

    moment: Literal["before", "after"]


@dataclass(frozen=True)
class Delay:
    """Let the request wait for so many real seconds, then handle it."""

    seconds: float


@dataclass(frozen=True)
class Hold:
    """Handle the request at once, but keep the answer back for so many real seconds."""

    seconds: float


Fault = FixedAnswer | Drop | Delay | Hold


@dataclass
class FaultRule:
    """A fault and the requests it strikes.

    Attributes:
        method: upper case.
        path: after the surface's prefix; a segment in braces stands for any.
        surface: where; None for everywhere.
        times: how often it will strike yet.
        fault: what happens.
    """

    method: str
    path: str
    surface: str | None
    times: int
    fault: Fault

    def __post_init__(self) -> None:
        if not self.path.startswith("/"):
            raise InvalidFieldsError("path", "must start with / and leave the prefix out")
        if self.times < 1:
            raise InvalidFieldsError("times", "must be at least 1")

    def strikes(self, surface: str, method: str, path: str) -> bool:
        """Return whether a request is meant.

        Args:
            surface: where it arrived.
            method: of the request.
            path: after the surface's prefix.
        """
        if self.times == 0 or self.method != method or self.surface not in (None, surface):
            return False
        wanted, given = self.path.split("/"), path.split("/")
        return len(wanted) == len(given) and all(
            pattern == segment or (pattern.startswith("{") and pattern.endswith("}"))
            for pattern, segment in zip(wanted, given, strict=True)
        )


class Faults:
    """The faults ordered; of several that fit, the one ordered first strikes first."""

    def __init__(self) -> None:
        self._rules: list[FaultRule] = []

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
                rule.times -= 1
                return rule.fault
        return None
