"""How amounts are written for Pulumi, which knows no decimals: as text that compares. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import overload


@overload
def amount_text(amount: Decimal) -> str: ...
@overload
def amount_text(amount: None) -> None: ...
@overload
def amount_text(amount: Decimal | None) -> str | None: ...
def amount_text(amount: Decimal | None) -> str | None:
    """Write an amount without exponent and without zeros at its end, so that texts compare."""
    if amount is None:
        return None
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
