"""Checks that several kinds of resource share. Pure; a field that is not there is not known yet."""

from __future__ import annotations

from datetime import timedelta

from pulumi_thegrid._lifecycles.lifecycle import Checked, Properties
from thegrid.core.duration import format_duration, parse_duration
from thegrid.core.settings import Problem

LONGEST_LABEL = 100


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
