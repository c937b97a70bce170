"""Members of the bodies that trade and transfer: their types, before anybody looks at their values.

A member of the wrong type is 400, one that is missing or cannot be 422 ("Errors and rate limits" in
the vendor's documentation). Quantities and prices come as strings or as numbers; the market's own
samples show both. Unknown members are ignored.
"""

import re
from collections.abc import Mapping
from decimal import Decimal

from thegrid_emulator.errors import impossible_member, wrong_parameter

Body = Mapping[str, object]

_DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)
_LARGEST_EXPONENT = 20


def required_text(body: Body, name: str) -> str:
    """Return a string.

    Raises:
        MarketError: 400 if it is none, 422 if it is missing or empty.
    """
    value = optional_text(body, name)
    if not value:
        raise impossible_member(name, "is required")
    return value


def optional_text(body: Body, name: str) -> str | None:
    """Return a string, or None if it is missing.

    Raises:
        MarketError: 400 if it is none.
    """
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise wrong_parameter(name, "a string")
    return value


def flag(body: Body, name: str) -> bool:
    """Return a boolean; False if it is missing.

    Raises:
        MarketError: 400 if it is none.
    """
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise wrong_parameter(name, "true or false")
    return bool(value)


def required_number(body: Body, name: str) -> Decimal:
    """Return a decimal number, given as a string or as a number.

    Raises:
        MarketError: 400 if it is neither, 422 if it is missing or as for `optional_number`.
    """
    value = optional_number(body, name)
    if value is None:
        raise impossible_member(name, "is required")
    return value


def optional_number(body: Body, name: str) -> Decimal | None:
    """Return a decimal number, given as a string or as a number, or None if it is missing.

    Raises:
        MarketError: 400 if it is neither, 422 if it is a string that holds no plain decimal
            number, or has so many digits that no market could have meant it.
    """
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise wrong_parameter(name, "a decimal number or a string that holds one")
    number = _from_text(value) if isinstance(value, str) else _bounded(Decimal(value))
    if number is None:
        raise impossible_member(name, "must be a decimal number of a usual size")
    return number


def required_integer(body: Body, name: str) -> int:
    """Return an integer.

    Raises:
        MarketError: 400 if it is none, 422 if it is missing.
    """
    value = body.get(name)
    if value is None:
        raise impossible_member(name, "is required")
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_parameter(name, "an integer")
    return value


def _from_text(text: str) -> Decimal | None:
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


def _bounded(number: Decimal) -> Decimal | None:
    """Keep out what would take long to compute with, such as 1e999999999."""
    exponent = number.as_tuple().exponent
    small = isinstance(exponent, int) and abs(exponent) <= _LARGEST_EXPONENT
    return number if small and number.adjusted() <= _LARGEST_EXPONENT else None
