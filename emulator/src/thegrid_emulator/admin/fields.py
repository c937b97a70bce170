"""Typed members of an admin request's body."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from thegrid_emulator.errors import InvalidFieldsError

Value = TypeVar("Value")

_NAMES = {
    str: "a string",
    bool: "true or false",
    int: "an integer",
    list: "an array",
    dict: "an object",
}


class Fields:
    """The members of a JSON object; refuses those that no handler knows.

    Args:
        body: the object.
        known: names of its members.

    Raises:
        InvalidFieldsError: if the body has another member.
    """

    def __init__(self, body: Mapping[str, object], known: Sequence[str]) -> None:
        for name in body.keys() - set(known):
            raise InvalidFieldsError(name, "is unknown; known are " + ", ".join(known))
        self._body = body

    def has(self, name: str) -> bool:
        """Return whether a member is there."""
        return self._body.get(name) is not None

    def raw(self, name: str) -> object:
        """Return a member as it came, None if it is absent."""
        return self._body.get(name)

    def optional(self, name: str, kind: type[Value]) -> Value | None:
        """Return a member, or None if it is absent.

        Raises:
            InvalidFieldsError: if it is not of this kind.
        """
        value = self._body.get(name)
        if value is None:
            return None
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise InvalidFieldsError(name, f"must be {_NAMES[kind]}")
        return value

    def required(self, name: str, kind: type[Value]) -> Value:
        """Return a member.

        Raises:
            InvalidFieldsError: if it is absent or not of this kind.
        """
        value = self.optional(name, kind)
        if value is None:
            raise InvalidFieldsError(name, "is required")
        return value

    def seconds(self, name: str) -> float:
        """Return a number of seconds.

        Raises:
            InvalidFieldsError: if it is absent or no number.
        """
        return self.number(name, "a number of seconds")

    def number(self, name: str, what: str = "a number") -> float:
        """Return a number.

        Args:
            name: of the member.
            what: how a refusal calls it.

        Raises:
            InvalidFieldsError: if it is absent or no number.
        """
        value = self._body.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise InvalidFieldsError(name, f"must be {what}")
        try:
            return float(value)
        except OverflowError:
            raise InvalidFieldsError(name, "is too large") from None
