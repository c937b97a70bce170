"""How backends with a single star write a domain. Pure.

What the star stands for differs, so each backend refuses first what its own star does not mean.
"""

from __future__ import annotations

from thegrid.core.egress import Depth, Domain


def with_one_star(domain: Domain) -> str:
    """Write a domain whose wildcard, if any, is the one that the backend has."""
    return domain.name if domain.depth is Depth.EXACT else f"*.{domain.name}"
