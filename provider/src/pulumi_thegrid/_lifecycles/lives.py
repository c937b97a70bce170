"""How the keys of a replaced resource are told from those of its replacement. Pure.

Both carry one owner, since the owner is derived from the resource's URN, and a replacement is made
before the replaced half is deleted. Every life of a resource therefore numbers its keys in a range
of its own; an end revokes only numbers up to the end of its range. A key whose answer was lost is
thereby still found by whichever half outlives it.
"""

from __future__ import annotations

from collections.abc import Iterable

NUMBERS_PER_LIFE = 1000


def first_number(taken: Iterable[int]) -> int:
    """Return the first number of a new life.

    Args:
        taken: Every number that the owner has used at the market, by revoked keys too.
    """
    used = [number // NUMBERS_PER_LIFE for number in taken]
    return (max(used) + 1) * NUMBERS_PER_LIFE + 1 if used else 1


def last_number(number: int) -> int:
    """Return the last number of the life that a number belongs to."""
    return (number // NUMBERS_PER_LIFE + 1) * NUMBERS_PER_LIFE - 1
