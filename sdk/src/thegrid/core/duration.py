"""The one duration grammar of this project: a whole number and a unit, as in `90s` or `7d`."""

from __future__ import annotations

import re
from datetime import timedelta

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

PATTERN = r"^[0-9]{1,9}[smhd]$"
"""The grammar as a regular expression; the custom resource definitions state the same one."""

_GRAMMAR = re.compile(PATTERN)
_LONGEST = timedelta(days=3650)


def parse_duration(text: str) -> timedelta:
    """Read a duration such as `90s`, `15m`, `6h` or `7d`.

    Args:
        text: A whole number of at most nine digits, then `s`, `m`, `h` or `d`.

    Returns:
        The duration, from zero to ten years.

    Raises:
        ValueError: The text does not follow the grammar, or is longer than ten years.
    """
    if not isinstance(text, str) or not _GRAMMAR.fullmatch(text):
        raise ValueError(f"{text!r} is not a duration: write a whole number and s, m, h or d")
    length = timedelta(seconds=int(text[:-1]) * _SECONDS[text[-1]])
    if length > _LONGEST:
        raise ValueError(f"{text!r} is too long: at most 3650d are allowed")
    return length


def format_duration(length: timedelta) -> str:
    """Write a duration in the largest unit that states it exactly; the inverse of `parse_duration`.

    Args:
        length: A duration of zero or more; fractions of a second are dropped.

    Returns:
        For example `36h` for a day and a half.
    """
    seconds = int(length.total_seconds())
    for unit in ("d", "h", "m"):
        if seconds and seconds % _SECONDS[unit] == 0:
            return f"{seconds // _SECONDS[unit]}{unit}"
    return f"{seconds}s"
