"""The questions that the engine asks about every kind of resource."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from thegrid.core.settings import Problem

if TYPE_CHECKING:  # programs use the checks and write times, and never connect
    from pulumi_thegrid._connection import Connection

Properties = Mapping[str, Any]
"""Inputs or outputs of a resource by name, without Pulumi's own. What is unknown is left out."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Inputs after their check.

    Attributes:
        inputs: The known inputs in canonical form.
        problems: What is wrong with them, each naming its field.
    """

    inputs: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a declaration calls for, given what is recorded.

    Attributes:
        changes: Whether anything is to be done.
        replaces: The inputs that make a replacement necessary.
        notices: Lines to show to the person who reads the preview.
        deletes_first: Whether a replacement ends the old thing before the new one is made.
    """

    changes: bool
    replaces: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    deletes_first: bool = False


class Lifecycle(ABC):
    """One kind of resource. Instances hold nothing, so all threads share them."""

    kind: ClassVar[str]
    label_field: ClassVar[str] = ""
    inputs: ClassVar[frozenset[str]] = frozenset()
    secret_outputs: ClassVar[frozenset[str]] = frozenset()

    def check(self, inputs: Properties) -> Checked:
        """Check the inputs without asking anybody. Pure."""
        return Checked(dict(inputs))

    @abstractmethod
    def diff(self, connection: Connection, old: Properties, new: Properties) -> Difference:
        """Decide what to do, from the recorded outputs, the inputs and the clock alone.

        Args:
            connection: Tells the time; it is not asked for anything of the market.
            old: The recorded outputs.
            new: The known inputs; one that is missing here is unknown.
        """

    @abstractmethod
    def create(self, connection: Connection, inputs: Properties) -> tuple[str, dict[str, Any]]:
        """Make the thing and return its id and outputs."""

    @abstractmethod
    def read(self, connection: Connection, old: Properties) -> dict[str, Any] | None:
        """Return the outputs as they are now, or None when the thing is gone."""

    def look_up(self, connection: Connection, id_: str, inputs: Properties) -> dict[str, Any]:  # noqa: ARG002
        """Return the outputs of a thing that is not managed here, by its id alone.

        Raises:
            Misuse: There is no such thing.
            ValueError: This kind cannot be read by its id.
        """
        raise ValueError("cannot be read by its id alone: declare it new")

    @abstractmethod
    def update(self, connection: Connection, old: Properties, new: Properties) -> dict[str, Any]:
        """Do what `diff` asked for and return all outputs."""

    @abstractmethod
    def delete(self, connection: Connection, old: Properties) -> tuple[str, ...]:
        """End the thing and return lines to show; one that is gone already counts as ended."""


def time_text(time: datetime | None) -> str | None:
    """Write a time for an output: ISO 8601 in UTC with `Z`."""
    if time is None:
        return None
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def time_of(text: str | None) -> datetime | None:
    """Read what `time_text` wrote."""
    return datetime.fromisoformat(text) if text else None
