"""Checks that several kinds of resource share. Pure; a field that is not there is not known yet."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal, InvalidOperation

from pulumi_thegrid._amounts import amount_text
from pulumi_thegrid._lifecycles.lifecycle import Checked, Properties
from thegrid.core.duration import format_duration, parse_duration
from thegrid.core.rotation import RotationPolicy
from thegrid.core.settings import Problem

LONGEST_LABEL = 100
_MOST_DIGITS = 15
_IDENTIFIER = re.compile(r"[0-9A-Za-z_-]{1,100}")


class Check:
    """Gathers the canonical form of known inputs, and what is wrong with them.

    Args:
        inputs: The known inputs.
        allowed: The names that inputs may have.
    """

    def __init__(self, inputs: Properties, allowed: frozenset[str]) -> None:
        self._given = inputs
        self._canonical = {name: value for name, value in inputs.items() if name in allowed}
        self._problems: list[Problem] = []

    def result(self) -> Checked:
        """Return what was gathered."""
        return Checked(self._canonical, self._problems)

    def refuse(self, field: str, message: str) -> None:
        """Note what is wrong with a field."""
        self._problems.append(Problem(field, message))

    def settle(self, field: str, value: object) -> None:
        """Put a field into its canonical form."""
        self._canonical[field] = value

    def known(self, field: str) -> bool:
        """Tell whether a field has a value that is known."""
        return self._given.get(field) is not None

    def label(self, field: str) -> None:
        """Check the readable part of a key's name."""
        if field not in self._given:
            return
        text = self._given[field]
        if not isinstance(text, str) or not text.strip():
            self.refuse(field, "must be a text that is not empty")
        elif text != text.strip() or not text.isprintable() or len(text) > LONGEST_LABEL:
            limit = f"at most {LONGEST_LABEL} printable characters"
            self.refuse(field, f"must be one line of {limit}, without white space around it")

    def decimal(self, field: str, *, kind: str = "a decimal number", example: str = "0.25") -> None:
        """Check a number that is written as text, and put it into its shortest form.

        Args:
            field: The input.
            kind: What it is, for messages.
            example: One of that kind.
        """
        if not self.known(field):
            return
        text = self._given[field]
        if not isinstance(text, str):
            self.refuse(field, f'write it as text, as in "{example}": numbers lose digits')
            return
        try:
            number = Decimal(text.strip())
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            self.refuse(field, f"{text!r} is not {kind}, as in {example}")
            return
        self.settle(field, amount_text(number))

    def units(self, field: str) -> None:
        """Check a number of whole units, which may come as a float, and write it as text."""
        if not self.known(field):
            return
        given = self._given[field]
        try:
            number = Decimal(str(given))
        except InvalidOperation:
            number = Decimal("NaN")
        if (
            isinstance(given, bool)
            or not number.is_finite()
            or number.adjusted() > _MOST_DIGITS
            or number != number.to_integral_value()
        ):
            self.refuse(field, f"{given!r} is not a whole number of units")
            return
        self.settle(field, amount_text(number))

    def duration(self, field: str) -> timedelta | None:
        """Check a duration, put it into its shortest form and return it."""
        if field not in self._given:
            return None
        try:
            length = parse_duration(self._given[field])
        except ValueError as error:
            self.refuse(field, str(error))
            return None
        self.settle(field, format_duration(length))
        return length

    def rotation(self, *, must_rotate: bool) -> None:
        """Check `rotate_after`, `overlap`, `triggers`, and that they fit together.

        Args:
            must_rotate: Whether `rotate_after` must be given.
        """
        never = self._given.get("rotate_after", "") is None and not must_rotate
        rotate_after = None if never else self.duration("rotate_after")
        overlap = self.duration("overlap")
        if overlap is not None and (never or rotate_after is not None):
            try:
                RotationPolicy(rotate_after, overlap)
            except ValueError as error:
                text = str(error)
                self.refuse(text.partition(" ")[0], text)
        triggers = self._given.get("triggers")
        if triggers is not None and not isinstance(triggers, list):
            self.refuse("triggers", "must be a list")

    def key_id(self, field: str) -> None:
        """Check the id of a key at the market."""
        self.identifier(field, "a key, a UUID")

    def identifier(self, field: str, kind: str) -> None:
        """Check the market's id of something; `kind` says of what, for messages."""
        text = self._given.get(field)
        if text is not None and not (isinstance(text, str) and _IDENTIFIER.fullmatch(text)):
            self.refuse(field, f"must be the market's id of {kind}")
