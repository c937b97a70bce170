"""The instruments that can be consumed, as the public model list describes them, and their markets.

Capabilities are those of the live model list, service levels those of the pages "Instrument
specifications" and "Current instruments" in the vendor's documentation. Prices are made up: no
source records any.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from thegrid_emulator.state.identifiers import canonical_id, numbered_id

LISTED_AT = datetime(2026, 1, 1, tzinfo=UTC)
"""When every instrument and market came into being."""


@dataclass(frozen=True)
class ServiceLevel:
    """What an instrument promises; None where no source says.

    Attributes:
        quality: least quality index (Artificial Analysis).
        throughput: least tokens per second.
        first_token_ms: longest time to the first token.
    """

    quality: int | None = None
    throughput: int | None = None
    first_token_ms: int | None = None


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """A quality tier, or the newest model of one lab.

    Attributes:
        instrument_id: in the form with a hyphen.
        symbol: what a request names as its model, lower case.
        context_length: tokens of input and output together.
        max_completion_tokens: tokens of output.
        vision: whether images are understood.
        service_level: what it promises.
        reference_price: USD per unit around which the house account trades.
    """

    instrument_id: str
    symbol: str
    context_length: int
    max_completion_tokens: int
    vision: bool
    service_level: ServiceLevel
    reference_price: Decimal

    @property
    def display_name(self) -> str:
        """Name for a human, for example `Text Prime`."""
        return self.symbol.replace("-", " ").title()

    @property
    def capabilities(self) -> list[str]:
        """What it can do besides text."""
        return ["tools", "reasoning", *(["vision"] if self.vision else [])]


@dataclass(frozen=True, kw_only=True)
class Currency:
    """What instruments are paid in; an instrument too, without a market of its own.

    Attributes:
        instrument_id: in the form with a hyphen.
        symbol: lower case.
        code: ISO 4217.
        precision: decimal places that are usual.
    """

    instrument_id: str
    symbol: str
    code: str
    precision: int


@dataclass(frozen=True, kw_only=True)
class OrderControls:
    """What an order of a market may ask for.

    Attributes:
        tick_size: USD; prices are multiples of it.
        lot_size: units; quantities are multiples of it.
        min_order_size: units.
        max_order_size: units.
    """

    tick_size: Decimal = Decimal("0.0001")
    lot_size: int = 1
    min_order_size: int = 1
    max_order_size: int = 10_000


MarketStatus = Literal["active", "inactive", "suspended"]


@dataclass(frozen=True, kw_only=True)
class Market:
    """One order book: an instrument against USD. Whether it is open, the exchange knows.

    Attributes:
        market_id: in the form with a hyphen.
        name: for a human, for example `TEXT-PRIME/USD`.
        instrument: what is traded.
        controls: what an order may ask for.
    """

    market_id: str
    name: str
    instrument: Instrument
    controls: OrderControls = OrderControls()


_TIERS = (
    ("standard", 128_000, 65_536, False),
    ("prime", 196_608, 131_072, False),
    ("max", 1_000_000, 128_000, True),
)

_LEVELS_AND_PRICES = {
    "text-standard": (ServiceLevel(18, 100, 1320), "0.40"),
    "text-prime": (ServiceLevel(38, 40, 4620), "1.00"),
    "text-max": (ServiceLevel(53, 30, 3500), "4.50"),
    "code-standard": (ServiceLevel(first_token_ms=1500), "0.60"),
    "code-prime": (ServiceLevel(first_token_ms=4000), "1.40"),
    "code-max": (ServiceLevel(first_token_ms=5000), "6.00"),
    "agent-standard": (ServiceLevel(first_token_ms=2000), "0.80"),
    "agent-prime": (ServiceLevel(first_token_ms=5000), "1.90"),
    "agent-max": (ServiceLevel(first_token_ms=6000), "8.00"),
}

_LABS = (
    ("claude-opus-latest", 1_000_000, 128_000, True, "12.00"),
    ("gpt-sol-latest", 1_000_000, 128_000, True, "9.00"),
    ("gemini-pro-latest", 1_000_000, 65_536, True, "6.00"),
    ("deepseek-pro-latest", 1_000_000, 384_000, False, "0.70"),
    ("glm-latest", 1_000_000, 128_000, False, "1.10"),
    ("kimi-latest", 1_048_576, 1_048_576, True, "1.20"),
    ("minimax-latest", 1_000_000, 512_000, False, "0.90"),
    ("bytedance-pro-latest", 262_144, 131_072, False, "0.50"),
)

_ROWS: tuple[tuple[str, int, int, bool, ServiceLevel, str], ...] = (
    *(
        (f"{family}-{tier}", context, output, vision, *_LEVELS_AND_PRICES[f"{family}-{tier}"])
        for family in ("text", "code", "agent")
        for tier, context, output, vision in _TIERS
    ),
    *(
        (symbol, context, output, vision, ServiceLevel(), price)
        for symbol, context, output, vision, price in _LABS
    ),
)

INSTRUMENTS = tuple(
    Instrument(
        instrument_id=numbered_id("instrument", number),
        symbol=symbol,
        context_length=context,
        max_completion_tokens=output,
        vision=vision,
        service_level=level,
        reference_price=Decimal(price),
    )
    for number, (symbol, context, output, vision, level, price) in enumerate(_ROWS, start=1)
)
"""All instruments, in the order of the model list."""

USD = Currency(
    instrument_id=numbered_id("instrument", 999_999_999_999), symbol="usd", code="USD", precision=2
)

MARKETS = tuple(
    Market(
        market_id=numbered_id("market", number),
        name=f"{instrument.symbol.upper()}/USD",
        instrument=instrument,
    )
    for number, instrument in enumerate(INSTRUMENTS, start=1)
)
"""All markets, one for each instrument and in their order."""

_BY_SYMBOL = {instrument.symbol: instrument for instrument in INSTRUMENTS}
_BY_ID = {it.instrument_id: it for it in INSTRUMENTS}
_MARKETS = {market.market_id: market for market in MARKETS}
_MARKET_OF = {market.instrument.instrument_id: market for market in MARKETS}


def find_instrument(symbol: str) -> Instrument | None:
    """Return the instrument with this symbol in whichever case, or None."""
    return _BY_SYMBOL.get(symbol.lower())


def instrument_with_id(instrument_id: str) -> Instrument | None:
    """Return the instrument with this id in any of its three forms, or None (USD is none)."""
    return _BY_ID.get(canonical_id("instrument", instrument_id))


def find_market(market_id: str) -> Market | None:
    """Return the market with this id in any of its three forms, or None."""
    return _MARKETS.get(canonical_id("market", market_id))


def market_of(instrument_id: str) -> Market:
    """Return the market of an instrument that there is.

    Raises:
        KeyError: if there is none.
    """
    return _MARKET_OF[instrument_id]
