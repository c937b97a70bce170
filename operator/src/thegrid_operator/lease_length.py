"""Whether a lease is long enough for the API server that keeps it. Pure."""

from __future__ import annotations

RENEWED_AFTER = 0.25
"""The share of a lease between an answer and the next renewal. See docs/decisions/0001."""


def too_short(seconds: float, took: float) -> str:
    """Say that a lease runs out, or may, before its next renewal is answered.

    Args:
        seconds: The lease's length.
        took: How many seconds it took to ask for it.

    Returns:
        What happens and what to do, for the log; empty where the lease is long enough.
    """
    if took <= seconds * RENEWED_AFTER:
        return ""
    return (
        f"to ask for the lease of {seconds:g} s took {took:.1f} s, so it runs out before it is "
        "renewed, and nobody leads then: look at why the API server is slow, or raise "
        f"--lease-seconds above {took / RENEWED_AFTER:.0f}"
    )
