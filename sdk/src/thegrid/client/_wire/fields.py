"""From bytes to fields: decoding a body, and reading one field of any age and spelling.

Unknown fields are ignored and optional ones may be missing; what must be there and is not makes
an `UnusableAnswer`. No text of this package quotes a body, since bodies hold secrets.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")
Json = Mapping[str, Any]
_MOST_DIGITS = 40
"""Far beyond any amount of money or units, and short enough to be written out."""


class UnusableAnswer(Exception):
    """A body is not what the route promises. The sender turns it into one of the public errors."""


def parse(
    body: bytes,
    reader: Callable[[Json], T],
    *,
    number: Callable[[str], Any] = Decimal,
    row: Callable[[Json], object] | None = None,
) -> T:
    """Read a body with a reader of this package.

    Args:
        body: The body as received.
        reader: Turns the decoded object into a value.
        number: What becomes of a number with a fraction; money is never a binary float.
        row: Reads each row of a long listing as soon as it is decoded, to save memory.

    Returns:
        The value.

    Raises:
        UnusableAnswer: The body is no JSON object, or lacks what must be there.
    """
    decoded = decode(body, number, row)
    if not isinstance(decoded, Mapping):
        raise UnusableAnswer("the answer is not a JSON object")
    try:
        return reader(decoded)
    except KeyError as missing:
        problem = f"the answer lacks {missing.args[0]!r}"
    except (TypeError, ValueError, AttributeError, ArithmeticError):
        problem = "the answer has a value of the wrong type"
    # Raised out here, since an exception that is raised in a handler keeps the one it came from,
    # and that one may quote the body.
    raise UnusableAnswer(problem)


def decode(
    body: bytes,
    number: Callable[[str], Any] = Decimal,
    row: Callable[[Json], object] | None = None,
) -> Any:
    """Decode a body; None where it is not JSON."""
    try:
        hook = partial(_early, row) if row else None
        return json.loads(body, parse_float=number, object_hook=hook)
    except (ValueError, RecursionError):
        return None


def _early(row: Callable[[Json], object], data: Json) -> object:
    """Read a row; what is none stays as it is, and is judged where it is looked for."""
    if "data" in data:  # the envelope
        return data
    try:
        return row(data)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
        return data


def unwrapped(body: Json) -> Json:
    """Return what stands in the envelope `data`, or the body where there is none."""
    data = body.get("data", body)
    if not isinstance(data, Mapping):
        raise TypeError
    return data


def rows(values: object, reader: Callable[[Json], T]) -> tuple[T, ...]:
    """Read an array of objects; None is an empty one."""
    if values is None:
        return ()
    if not isinstance(values, list):
        raise TypeError
    return tuple(reader(row) for row in values)


def first(data: Json, *names: str) -> Any:
    """Return the first of several spellings of a field that is there and not null, or None."""
    return next((data[name] for name in names if data.get(name) is not None), None)


def required(data: Json, *names: str) -> Any:
    """Return the first of several spellings of a field; one of them must be there."""
    value = first(data, *names)
    if value is None:
        raise KeyError(names[0])
    return value


def section(data: Json, *names: str) -> Json:
    """Return a nested object under the first of several names; empty where there is none."""
    value = first(data, *names)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise TypeError
    return value


def text(value: object) -> str:
    """Read a text that must be there."""
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def text_or_none(value: object) -> str | None:
    """Read a text, or None; a number is taken as it is written."""
    return None if value is None else label(value)


def label(value: object) -> str:
    """Read a text for people, or an empty one; a number is taken as it is written."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise TypeError
    return str(value)


def texts(values: object) -> tuple[str, ...]:
    """Read an array of texts; None is an empty one."""
    if values is None:
        return ()
    if not isinstance(values, list):
        raise TypeError
    return tuple(text(value) for value in values)


def one_of(value: object, allowed: Iterable[str]) -> str:
    """Read a text that must be one of a few."""
    read = text(value)
    if read not in allowed:
        raise ValueError
    return read


def boolean(value: object) -> bool:
    """Read a truth value that must be there."""
    if not isinstance(value, bool):
        raise TypeError
    return value


def boolean_or_none(value: object) -> bool | None:
    """Read a truth value, or None."""
    return None if value is None else boolean(value)


def time(value: object) -> datetime | None:
    """Read an ISO 8601 time, or None; one without a zone is in UTC."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise TypeError
    read = datetime.fromisoformat(value)
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)


def decimal_or_none(value: object) -> Decimal | None:
    """Read an amount, or None; the market writes amounts as texts and as numbers."""
    return None if value is None else decimal(value)


def decimal(value: object) -> Decimal:
    """Read an amount that must be there."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise TypeError
    read = Decimal(value)
    if not read.is_finite() or (read and abs(read.adjusted()) > _MOST_DIGITS):
        raise ValueError
    return read


def whole_or_none(value: object) -> int | None:
    """Read a whole number, or None."""
    return None if value is None else whole(value)


def whole(value: object) -> int:
    """Read a whole number that must be there."""
    read = decimal(value)
    if read != read.to_integral_value():
        raise ValueError
    return int(read)


def time_text(moment: datetime) -> str:
    """Write a time as the market does: ISO 8601 in UTC with `Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def decimal_text(value: Decimal | None) -> str | None:
    """Write an amount as a decimal without an exponent, or None."""
    return None if value is None else format(value, "f")


def without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is None; the market takes a missing field for one that stays as it is."""
    return {name: value for name, value in values.items() if value is not None}
