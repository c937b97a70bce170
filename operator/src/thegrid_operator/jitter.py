"""Spreading what was made together, so that it does not come due together. Pure.

The spread follows from a resource's uid: it is the same at every start, and needs no memory.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

LOOK_EVERY = timedelta(minutes=10)
"""The longest pause between two looks at a resource that needs nothing."""

_LOOK_SOONER = 0.2
_ROTATE_SOONER = 0.1


def share(uid: str, of: str) -> float:
    """Return a number from 0 up to 1 that is a uid's own.

    Args:
        uid: The resource's.
        of: What it is for, so that one resource is not early in everything.
    """
    digest = hashlib.sha256(f"{of} {uid}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def rotation_spread(uid: str, rotate_after: timedelta, overlap: timedelta) -> timedelta:
    """Return how much sooner a resource's rotation comes: a tenth at most, and within the overlap.

    Args:
        uid: The resource's.
        rotate_after: The age at which its key is replaced.
        overlap: How long a replaced key works on.
    """
    most = min(rotate_after * _ROTATE_SOONER, overlap)
    return timedelta(seconds=int(most.total_seconds() * share(uid, "rotation")))


def look_every(uid: str) -> timedelta:
    """Return how long a resource is left alone at most: from eight to ten minutes."""
    return LOOK_EVERY * (1 - _LOOK_SOONER * share(uid, "look"))
