"""The alternate dialect: every other way in which the market may word an answer.

The vendor's documentation, its SDK and its older manual do not agree about every name, envelope and
status. The emulator speaks the newest of them; with `--dialect alternate` it speaks the others, so
that a client which knows one alone finds out.

It is a table of pure rules. Each names the routes it is for and the page that allows it; all that
fit are applied in order: fields, then envelopes, then what holds for every answer. Requests are
read the same in both dialects. Headers that differ are in `thegrid_emulator.limit_headers`.

    rule         what a rule is, and how rules are applied
    changes      what rules are made of
    platform, trading, consumption, everywhere      the table
"""

from typing import Literal

from thegrid_emulator.dialect.consumption import CONSUMPTION
from thegrid_emulator.dialect.everywhere import EVERYWHERE
from thegrid_emulator.dialect.platform import PLATFORM
from thegrid_emulator.dialect.rule import Rule, applied
from thegrid_emulator.dialect.trading import TRADING

Dialect = Literal["plain", "alternate"]

RULES = (*PLATFORM, *TRADING, *CONSUMPTION, *EVERYWHERE)
"""The whole table, in the order in which rules are applied."""

__all__ = ["RULES", "Dialect", "Rule", "applied"]
