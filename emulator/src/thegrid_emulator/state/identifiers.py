"""Ids of markets and instruments, which are written in three ways and mean the same."""

import re
from typing import Literal

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def numbered_id(kind: Literal["market", "instrument"], number: int) -> str:
    """Return the id with a number.

    Args:
        kind: what is named.
        number: at most 12 decimal digits.
    """
    return f"{kind}-00000000-0000-4000-8000-{number:012d}"


def canonical_id(kind: Literal["market", "instrument"], text: str) -> str:
    """Return an id in the form that the market writes.

    Args:
        kind: what is named.
        text: `market-UUID`, `market_UUID` or a bare UUID; likewise for an instrument.

    Returns:
        The form with a hyphen, or the text as it is if it holds no UUID.
    """
    bare = text.lower()
    for separator in "-_":
        bare = bare.removeprefix(f"{kind}{separator}")
    return f"{kind}-{bare}" if _UUID.fullmatch(bare) else text
