"""Filters of listings: flat ones (`status=active`) and Flop's (`filters[0][field]=status`).

Pure: parameters in, conditions out. Flat filters are the current style ("Filtering" in the
vendor's documentation). Flop's stand at the top level of the query; the obsolete form nested
under `flop[...]` is ignored without a word, as the vendor's own tests found.
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, Generic, Literal, TypeVar

from thegrid_emulator.errors import MarketError, impossible_parameter, wrong_parameter
from thegrid_emulator.state.identifiers import canonical_id
from thegrid_emulator.timestamps import parse_iso_or_unix

Row = TypeVar("Row")
Row_contra = TypeVar("Row_contra", contravariant=True)

Parse = Callable[[str, str], Any]
"""Turns a parameter (name, text) into a value to compare with, or raises a MarketError."""

OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}

_FLOP_NAME = re.compile(r"filters\[([0-9]{1,4})\]\[(field|op|value)\]", re.ASCII)


@dataclass(frozen=True)
class Filter(Generic[Row_contra]):
    """One thing by which a listing can be narrowed.

    Attributes:
        value_of: what a row has there; None for nothing.
        parse: reads the wanted value.
        operator: how the two are compared.
    """

    value_of: Callable[[Row_contra], Any]
    parse: Parse = lambda _name, text: text
    operator: str = "=="

    def condition(self, name: str, text: str) -> "Callable[[Row_contra], bool]":
        """Return what a row must fulfil for a parameter.

        Args:
            name: of the parameter, for the refusal.
            text: its value.

        Raises:
            MarketError: 400 if the value is not of the filter's type, 422 if it is none of the
                allowed ones.
        """
        wanted = self.parse(name, text)
        compare = OPERATORS[self.operator]

        def holds(row: Row_contra) -> bool:
            value = self.value_of(row)
            if value is None:
                return self.operator == "!="
            return compare(value, wanted)

        return holds


def moment(name: str, text: str) -> datetime:
    """Read a time: ISO 8601 with an offset, or Unix seconds.

    Raises:
        MarketError: 400 if the text is neither.
    """
    try:
        return parse_iso_or_unix(text)
    except ValueError:
        raise wrong_parameter(name, "a time in ISO 8601 with Z, or Unix seconds") from None


def one_of(*allowed: str) -> Parse:
    """Return what reads one of a few words, and answers 422 to any other."""

    def parse(name: str, text: str) -> str:
        if text not in allowed:
            raise impossible_parameter(name, "must be one of " + ", ".join(allowed))
        return text

    return parse


def identifier(kind: Literal["market", "instrument"]) -> Parse:
    """Return what reads an id of a market or instrument in any of its forms."""
    return lambda _name, text: canonical_id(kind, text)


def flat_conditions(
    filters: Mapping[str, Filter[Row]], parameters: Mapping[str, str]
) -> list[Callable[[Row], bool]]:
    """Return the conditions of flat filters; an empty value narrows nothing.

    Raises:
        MarketError: 400 or 422, as `Filter.condition`.
    """
    return [
        filters[name].condition(name, text)
        for name, text in parameters.items()
        if name in filters and text
    ]


@dataclass(frozen=True)
class FlopFilter:
    """One Flop filter as it came.

    Attributes:
        field: what to compare.
        operator: one of OPERATORS.
        value: what to compare with.
    """

    field: str
    operator: str
    value: str


def flop_filters(parameters: Iterable[tuple[str, str]]) -> list[FlopFilter]:
    """Read Flop's filters from the top level of a query, in the order of their numbers.

    Args:
        parameters: names and values of the query.

    Raises:
        MarketError: 400 if a filter names no field or an operator that there is not.
    """
    parts: dict[int, dict[str, str]] = {}
    for name, text in parameters:
        if found := _FLOP_NAME.fullmatch(name):
            parts.setdefault(int(found[1]), {})[found[2]] = text
    return [_flop_filter(number, parts[number]) for number in sorted(parts)]


def _flop_filter(number: int, parts: Mapping[str, str]) -> FlopFilter:
    prefix = f"filters[{number}]"
    if "field" not in parts:
        raise MarketError(
            HTTPStatus.BAD_REQUEST, "invalid_parameter", f"{prefix}[field]: is required"
        )
    name = parts.get("op") or "=="
    if name not in OPERATORS:
        raise wrong_parameter(f"{prefix}[op]", "one of " + " ".join(OPERATORS))
    return FlopFilter(parts["field"], name, parts.get("value", ""))


def flop_conditions(
    filters: Mapping[str, Filter[Row]], parameters: Iterable[tuple[str, str]]
) -> list[Callable[[Row], bool]]:
    """Return the conditions of Flop filters over the fields of a listing.

    Raises:
        MarketError: 400 as `flop_filters`, 400 or 422 as `Filter.condition`, 422 if a field
            cannot be filtered by.
    """
    conditions = []
    for number, wanted in enumerate(flop_filters(parameters)):
        if wanted.field not in filters:
            raise impossible_parameter(
                f"filters[{number}][field]", "must be one of " + ", ".join(filters)
            )
        if wanted.value:
            chosen = replace(filters[wanted.field], operator=wanted.operator)
            conditions.append(chosen.condition(wanted.field, wanted.value))
    return conditions
