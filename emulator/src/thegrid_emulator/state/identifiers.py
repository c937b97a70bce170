"""Ids of markets and instruments, which the vendor has written in three ways over time.

`market-<uuid>` is current, `market_<uuid>` older, and a bare UUID is understood too. Inside the
emulator an id is always in the first form, and so it is written.
"""

import re

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


def numbered_uuid(number: int) -> str:
    """Return the UUID of the emulator's N-th market or instrument.

    Args:
        number: from 1, at most twelve digits; they are the UUID's last, in decimal.
    """
    return f"00000000-0000-4000-8000-{number:012d}"


def market_id_of(text: str) -> str:
    """Return the current form of a market's id, or the text itself if it is no such id."""
    return _hyphen_form("market", text)


def instrument_id_of(text: str) -> str:
    """Return the current form of an instrument's id, or the text itself if it is no such id."""
    return _hyphen_form("instrument", text)


def _hyphen_form(kind: str, text: str) -> str:
    bare = text.removeprefix(f"{kind}-").removeprefix(f"{kind}_").lower()
    return f"{kind}-{bare}" if _UUID.fullmatch(bare) else text
