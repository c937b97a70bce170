"""The instruments that can be bought and consumed, each with a market of its own.

Symbols and capabilities are those of the public model list; the promised service is that of the
vendor's page "Current instruments", and open where the page says nothing.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from thegrid_emulator.state.identifiers import instrument_id_of, market_id_of, numbered_uuid

LISTED_AT = datetime(2026, 1, 1, tzinfo=UTC)
"""When the emulated market listed its instruments."""

TOKENS_PER_UNIT = 1_000_000
"""Input and output counted alike ("Instruments" in the vendor's documentation)."""

USD_SYMBOL = "usd"
USD_INSTRUMENT_ID = f"instrument-{numbered_uuid(999_999_999_999)}"
"""Money is an instrument too, of type `currency`, without a market."""


@dataclass(frozen=True)
class ServiceLevel:
    """What an instrument promises; None where nothing is published.

    Attributes:
        max_latency_ms: milliseconds to the first token.
        quality_score_min: the lowest Artificial Analysis index of its family.
        tokens_per_second_min: the lowest throughput.
    """

    max_latency_ms: int | None = None
    quality_score_min: int | None = None
    tokens_per_second_min: int | None = None


@dataclass(frozen=True)
class Instrument:
    """A quality tier, or the newest model of one lab.

    Attributes:
        number: place in the catalogue, from 1.
        symbol: what a request names as its model, lower case.
        context_length: tokens of input and output together.
        max_completion_tokens: tokens of output.
        vision: whether images are understood.
        service_level: what it promises.
    """

    number: int
    symbol: str
    context_length: int
    max_completion_tokens: int
    vision: bool
    service_level: ServiceLevel

    @property
    def instrument_id(self) -> str:
        """Its id: `instrument-` and a UUID."""
        return f"instrument-{numbered_uuid(self.number)}"

    @property
    def market_id(self) -> str:
        """Id of the one market where it is traded against USD: `market-` and a UUID."""
        return f"market-{numbered_uuid(self.number)}"

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

_SERVICE_LEVELS = {
    "text-standard": ServiceLevel(1320, 18, 100),
    "text-prime": ServiceLevel(4620, 38, 40),
    "text-max": ServiceLevel(3500, 53, 30),
    "code-standard": ServiceLevel(1500),
    "code-prime": ServiceLevel(4000),
    "code-max": ServiceLevel(5000),
    "agent-standard": ServiceLevel(2000),
    "agent-prime": ServiceLevel(5000),
    "agent-max": ServiceLevel(6000),
}

_LABS = (
    ("claude-opus-latest", 1_000_000, 128_000, True),
    ("gpt-sol-latest", 1_000_000, 128_000, True),
    ("gemini-pro-latest", 1_000_000, 65_536, True),
    ("deepseek-pro-latest", 1_000_000, 384_000, False),
    ("glm-latest", 1_000_000, 128_000, False),
    ("kimi-latest", 1_048_576, 1_048_576, True),
    ("minimax-latest", 1_000_000, 512_000, False),
    ("bytedance-pro-latest", 262_144, 131_072, False),
)

_CAPABILITIES = (
    *(
        (f"{family}-{tier}", context, output, vision)
        for family in ("text", "code", "agent")
        for tier, context, output, vision in _TIERS
    ),
    *_LABS,
)

INSTRUMENTS = tuple(
    Instrument(
        number=number,
        symbol=symbol,
        context_length=context_length,
        max_completion_tokens=max_completion_tokens,
        vision=vision,
        service_level=_SERVICE_LEVELS.get(symbol, ServiceLevel()),
    )
    for number, (symbol, context_length, max_completion_tokens, vision) in enumerate(
        _CAPABILITIES, start=1
    )
)
"""All instruments, in the order of the model list."""

_BY_SYMBOL = {instrument.symbol: instrument for instrument in INSTRUMENTS}
_BY_ID = {instrument.instrument_id: instrument for instrument in INSTRUMENTS}
_BY_MARKET_ID = {instrument.market_id: instrument for instrument in INSTRUMENTS}


def find_instrument(symbol: str) -> Instrument | None:
    """Return the instrument with this symbol in whichever case, or None."""
    return _BY_SYMBOL.get(symbol.lower())


def find_instrument_by_id(instrument_id: str) -> Instrument | None:
    """Return the instrument with this id in whichever form, or None."""
    return _BY_ID.get(instrument_id_of(instrument_id))


def find_instrument_of_market(market_id: str) -> Instrument | None:
    """Return what is traded in the market with this id in whichever form, or None."""
    return _BY_MARKET_ID.get(market_id_of(market_id))
