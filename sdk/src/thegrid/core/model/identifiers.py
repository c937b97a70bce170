"""The market's identifiers in one form, so that two spellings of one thing compare equal.

Markets and instruments are named `market-<uuid>` and `instrument-<uuid>`; older answers write an
underscore, and a bare UUID is accepted too (the vendor's client normalises in the same way).
"""

from __future__ import annotations

import re

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def normal_market_id(text: str) -> str:
    """Write a market's identifier in the current form.

    Args:
        text: `market-<uuid>`, `market_<uuid>`, a bare UUID, or anything else.

    Returns:
        `market-<uuid>`; what holds no UUID stays as it is.
    """
    return _normal("market", text)


def normal_instrument_id(text: str) -> str:
    """Write an instrument's identifier in the current form.

    Args:
        text: `instrument-<uuid>`, `instrument_<uuid>`, a bare UUID, or anything else.

    Returns:
        `instrument-<uuid>`; what holds no UUID stays as it is.
    """
    return _normal("instrument", text)


def _normal(kind: str, text: str) -> str:
    bare = text.removeprefix(f"{kind}-").removeprefix(f"{kind}_")
    return f"{kind}-{bare.lower()}" if _UUID.fullmatch(bare) else text
