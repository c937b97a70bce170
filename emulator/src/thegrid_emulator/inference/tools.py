"""Which tool the emulated model calls, if any.

It calls a tool if the request forces it to, or if the user's last turn names one that is on offer,
as in "Use get_weather for Oslo"; the first on offer if it names several. Its arguments are a
document that fits the tool's schema, whose strings are the user's last turn.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from thegrid_emulator.inference.answer import ToolCall, Turn
from thegrid_emulator.inference.checks import out_of_range
from thegrid_emulator.inference.documents import Schema, document


@dataclass(frozen=True)
class Tool:
    """A tool on offer.

    Attributes:
        name: as the caller knows it.
        schema: JSON schema of its arguments.
    """

    name: str
    schema: Schema


@dataclass(frozen=True)
class Choice:
    """Whether a tool is to be called.

    Attributes:
        kind: `auto` leaves it to the model, `any` forces some call, `one` that of one tool.
        name: of that tool.
    """

    kind: Literal["auto", "none", "any", "one"] = "auto"
    name: str = ""


def wanted_call(tools: Sequence[Tool], choice: Choice, prompt: Sequence[Turn]) -> ToolCall | None:
    """Return the call that a request leads to.

    Args:
        tools: on offer.
        choice: of the caller.
        prompt: turns, oldest first; at least one.

    Raises:
        MarketError: 422 if the choice forces a call of a tool that is not on offer.
    """
    last = prompt[-1]
    match choice.kind:
        case "none":
            called = []
        case "auto":
            called = [] if last.from_tool else [it for it in tools if _names(last.text, it.name)]
        case "any":
            called = list(tools)
        case "one":
            called = [it for it in tools if it.name == choice.name]
    if not called and choice.kind in ("any", "one"):
        raise out_of_range("tool_choice", "met by one of the tools")
    if not called:
        return None
    return ToolCall(called[0].name, document(called[0].schema, last.text))


def _names(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
