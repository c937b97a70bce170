"""What a rule of the alternate dialect is, and how rules are applied."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from thegrid_emulator.answers import Answer, Change
from thegrid_emulator.paths import is_route


@dataclass(frozen=True)
class Rule:
    """One other way to word an answer.

    Attributes:
        name: what it does.
        page: the page of the vendor's documentation that allows it; `SDK` for its types and tests,
            `Manual` for the older manual that comes with it.
        routes: each `SURFACE METHOD PATH`, with the path after the prefix and `{...}` for any
            segment; `SURFACE` alone for every route of it.
        to: the answers it is for.
        change: what it does to one.
    """

    name: str
    page: str
    routes: tuple[str, ...]
    change: Change
    to: Literal["successes", "refusals", "both"] = "successes"

    def is_for(self, surface: str, answer: Answer) -> bool:
        """Return whether an answer of a surface is meant."""
        kind = "successes" if answer.succeeded else "refusals"
        if self.to not in (kind, "both"):
            return False
        return any(is_route(it, surface, answer.method, answer.path) for it in self.routes)


def applied(rules: Iterable[Rule], surface: str, answer: Answer) -> Answer:
    """Return an answer as the rules word it.

    Args:
        rules: in the order in which they are applied.
        surface: where it is given.
        answer: in the documented words.
    """
    status_given = answer
    for rule in rules:
        if rule.is_for(surface, status_given):
            answer = rule.change(answer)
    return answer
