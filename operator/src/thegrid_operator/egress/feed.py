"""Domains that people keep in a ConfigMap, one a line. Pure.

Every entry under `data` is read, whatever it is called, so that each team can keep one of its own.
What follows a `#` is a comment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from thegrid.core.egress import Domain, read_feed
from thegrid_operator.kube import Json

_ALLOWED = "allowed is one domain a line, such as api.example.com, *.example.com or **.example.com"
_MOST_PROBLEMS = 5

MOST_DOMAINS = 500
"""As many as a resource may list itself; each is asked for at every look."""


def names_in(config_map: Json) -> tuple[tuple[Domain, ...], tuple[str, ...]]:
    """Read the domains of a ConfigMap.

    A line that is no domain is left out and told; the others count.

    Args:
        config_map: The object, as read.

    Returns:
        The domains in a stable order, and what is wrong: each problem names the entry, the line and
        what is allowed. After a handful the rest is only counted.
    """
    domains: set[Domain] = set()
    problems: list[str] = []
    for entry, text in sorted(_mapping(config_map.get("data")).items()):
        found, wrong = read_feed(str(text))
        domains |= set(found)
        problems += [f"data.{entry}, {it} ({_ALLOWED})" for it in wrong]
    problems += [
        f"binaryData.{entry}: not read; write the domains under data as text ({_ALLOWED})"
        for entry in sorted(_mapping(config_map.get("binaryData")))
    ]
    if len(problems) > _MOST_PROBLEMS:
        more = len(problems) - _MOST_PROBLEMS
        problems = [*problems[:_MOST_PROBLEMS], f"and {more} more lines that are no domains"]
    return tuple(sorted(domains, key=str)), tuple(problems)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
