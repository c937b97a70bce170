"""One thing to ask of the market, as a value.

What belongs here: how a request is described and its path is built. What does not: how it is sent
(`_http`) and what its bodies mean (`_wire`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import quote

from thegrid.client import _wire
from thegrid.client.errors import Misuse

Filter: TypeAlias = str | int | datetime | None
"""A value of a query; None leaves its name out."""

_REPEATABLE_METHODS = frozenset({"GET", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Call:
    """One thing to ask of the market.

    Attributes:
        method: The HTTP method.
        base: The base address of the surface, without a slash at its end.
        route: The path below it, as documented, for messages.
        body: What to send as JSON, or None for no body.
        look_for: What to look for when it may have happened, for methods that cannot be repeated;
            None says that doing it twice is the same as doing it once.
        query: Names and values of the query.
        public: Whether it is asked without a login.
    """

    method: str
    base: str
    route: str
    body: Any = field(default=None, repr=False)
    look_for: str | None = None
    query: tuple[tuple[str, str], ...] = ()
    public: bool = False

    @property
    def url(self) -> str:
        """Return the whole address, without the query."""
        return self.base + self.route

    @property
    def name(self) -> str:
        """Return what errors call this request."""
        return f"{self.method} {self.route}"

    @property
    def repeatable(self) -> bool:
        """Tell whether doing it twice is the same as doing it once."""
        return self.look_for is None


def call(  # noqa: D417 - the rest is said at `Call`
    method: str,
    base: str,
    path: str,
    *,
    body: Any = None,
    look_for: str | None = None,
    query: Mapping[str, Filter] | None = None,
    public: bool = False,
) -> Call:
    """Build a call to a path below a base address.

    Args:
        path: The path, from its slash on.
        query: Values by name; None leaves a name out.

    Raises:
        ValueError: A method that cannot be repeated does not say what to look for.
    """
    if look_for is None and method not in _REPEATABLE_METHODS:
        raise ValueError(f"{method} {path} must say what to look for when in doubt")
    pairs = tuple((name, _text(it)) for name, it in (query or {}).items() if it is not None)
    return Call(method, base, path, body, look_for, pairs, public)


def segment(field_name: str, identifier: str) -> str:
    """Write an identifier as one segment of a path.

    Args:
        field_name: How to call it in an error.
        identifier: The identifier, as a caller gave it.

    Returns:
        The segment, percent-encoded.

    Raises:
        Misuse: It would name another path, as an empty text and dots would.
    """
    if not identifier.strip("."):
        raise Misuse(f"{field_name}: {identifier!r} is not an identifier")
    return quote(identifier, safe="")


def within(field_name: str, value: int, most: int) -> int:
    """Return a whole number from 1 to `most`.

    Args:
        field_name: How to call it in an error.
        value: The number, as a caller gave it.
        most: The greatest that the market allows.

    Returns:
        The number.

    Raises:
        Misuse: It is outside.
    """
    if not 1 <= value <= most:
        raise Misuse(f"{field_name}: {value} is not from 1 to {most}")
    return value


def _text(value: str | int | datetime) -> str:
    return _wire.time_text(value) if isinstance(value, datetime) else str(value)
