"""The instruments that can be consumed, as the public model list describes them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Instrument:
    """A quality tier, or the newest model of one lab.

    Attributes:
        symbol: what a request names as its model, lower case.
        context_length: tokens of input and output together.
        max_completion_tokens: tokens of output.
        vision: whether images are understood.
    """

    symbol: str
    context_length: int
    max_completion_tokens: int
    vision: bool

    @property
    def display_name(self) -> str:
        """Name for a human, for example `Text Prime`."""
        return self.symbol.replace("-", " ").title()

    @property
    def capabilities(self) -> list[str]:
        """What it can do besides text."""
        return ["tools", "reasoning", *(["vision"] if self.vision else [])]


_TIERS = (
    ("standard", 128_000, 65_536, False),
    ("prime", 196_608, 131_072, False),
    ("max", 1_000_000, 128_000, True),
)

_LABS = (
    Instrument("claude-opus-latest", 1_000_000, 128_000, vision=True),
    Instrument("gpt-sol-latest", 1_000_000, 128_000, vision=True),
    Instrument("gemini-pro-latest", 1_000_000, 65_536, vision=True),
    Instrument("deepseek-pro-latest", 1_000_000, 384_000, vision=False),
    Instrument("glm-latest", 1_000_000, 128_000, vision=False),
    Instrument("kimi-latest", 1_048_576, 1_048_576, vision=True),
    Instrument("minimax-latest", 1_000_000, 512_000, vision=False),
    Instrument("bytedance-pro-latest", 262_144, 131_072, vision=False),
)

INSTRUMENTS = (
    *(
        Instrument(f"{family}-{tier}", context, output, vision=vision)
        for family in ("text", "code", "agent")
        for tier, context, output, vision in _TIERS
    ),
    *_LABS,
)
"""All instruments, in the order of the model list."""

_BY_SYMBOL = {instrument.symbol: instrument for instrument in INSTRUMENTS}


def find_instrument(symbol: str) -> Instrument | None:
    """Return the instrument with this symbol in whichever case, or None."""
    return _BY_SYMBOL.get(symbol.lower())
