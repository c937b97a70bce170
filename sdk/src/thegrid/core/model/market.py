"""What is traded and at what prices: instruments, markets, tickers, order books, public trades.

Prices are US dollars for one unit; one unit is a million tokens, input and output counted alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

Side = Literal["buy", "sell"]


@dataclass(frozen=True, slots=True)
class Instrument:
    """A quality tier that is bought and consumed, or the currency that pays for it.

    A listing tells less than the detail of one instrument; what was not told is None or empty.

    Attributes:
        id: `instrument-<uuid>`.
        symbol: What an inference request calls `model`, such as `text-prime`.
        type: `ai_commodity` or `currency`.
        status: `active`, `inactive` or `deprecated`.
        name: For people.
        description: For people.
        basic_info: Further facts by the market's own names, such as `service_type`.
        context_window: Tokens that a request and its answer may have together.
        max_output_length: Tokens that an answer may have.
        token_throughput: Promised tokens per second.
        tokens_per_unit: Tokens in one unit.
        qualifying_models: Models that may serve it.
        sla_requirements: Promises by the market's own names, such as `max_latency_ms`.
        min_quantity: Least units of an order.
        max_quantity: Most units of an order.
        quantity_increment: Step between allowed quantities, in units.
        last_trade_price: US dollars per unit.
        price_range_24h_high: Highest price of the last 24 hours, US dollars per unit.
        price_range_24h_low: Lowest price of the last 24 hours, US dollars per unit.
        volume_24h: Units traded in the last 24 hours.
        total_volume: Units ever traded.
        total_trades: Number of trades ever.
        total_quotes: Number of quotes ever.
        last_trade_at: When it was last traded.
        last_quote_at: When it was last quoted.
        created_at: When it was introduced.
        updated_at: When it was last changed.
    """

    id: str
    symbol: str
    type: str = ""
    status: str = ""
    name: str = ""
    description: str = ""
    basic_info: Mapping[str, Any] = field(default_factory=dict)
    context_window: int | None = None
    max_output_length: int | None = None
    token_throughput: Decimal | None = None
    tokens_per_unit: int | None = None
    qualifying_models: tuple[str, ...] = ()
    sla_requirements: Mapping[str, Any] = field(default_factory=dict)
    min_quantity: Decimal | None = None
    max_quantity: Decimal | None = None
    quantity_increment: Decimal | None = None
    last_trade_price: Decimal | None = None
    price_range_24h_high: Decimal | None = None
    price_range_24h_low: Decimal | None = None
    volume_24h: Decimal | None = None
    total_volume: Decimal | None = None
    total_trades: int | None = None
    total_quotes: int | None = None
    last_trade_at: datetime | None = None
    last_quote_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Market:
    """The order book of one instrument against US dollars.

    Attributes:
        id: `market-<uuid>`.
        name: For people.
        status: Only `active` accepts orders.
        instrument_ids: The instruments that belong to it.
        instruments: Those that are no currency, in short form.
        type: `spot`.
        description: For people.
        tick_size: Step between allowed prices, in US dollars per unit, or None for unknown.
        lot_size: Step between allowed quantities, in units, or None for unknown.
        min_order_size: Least units of an order, or None for unknown.
        max_order_size: Most units of an order, or None for unknown.
        created_at: When it was opened.
        updated_at: When it was last changed.
    """

    id: str
    name: str
    status: str
    instrument_ids: tuple[str, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    type: str = ""
    description: str = ""
    tick_size: Decimal | None = None
    lot_size: Decimal | None = None
    min_order_size: Decimal | None = None
    max_order_size: Decimal | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ticker:
    """Where a market stands. Prices are US dollars per unit; None says that there is none.

    Attributes:
        market_id: The market.
        symbol: The instrument's symbol, or an empty text where it is not told.
        last_price: Price of the last trade.
        highest_bid: Best price that a buyer offers.
        lowest_ask: Best price that a seller asks.
        last_trade_quantity: Units of the last trade.
        last_trade_at: When that was.
        volume_24h: Units traded in the last 24 hours.
        high_24h: Highest price of the last 24 hours.
        low_24h: Lowest price of the last 24 hours.
        quote_volume_24h: US dollars traded in the last 24 hours.
        price_change_24h: Change of the price in 24 hours.
        price_change_percent_24h: The same in percent.
        as_of: The time that this is true for, or None where it is not told.
    """

    market_id: str
    symbol: str = ""
    last_price: Decimal | None = None
    highest_bid: Decimal | None = None
    lowest_ask: Decimal | None = None
    last_trade_quantity: Decimal | None = None
    last_trade_at: datetime | None = None
    volume_24h: Decimal | None = None
    high_24h: Decimal | None = None
    low_24h: Decimal | None = None
    quote_volume_24h: Decimal | None = None
    price_change_24h: Decimal | None = None
    price_change_percent_24h: Decimal | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """All orders of one side of a book at one price.

    Attributes:
        price: US dollars per unit.
        quantity: Units at this price.
        total: Units at this price and at better ones, or None where it is not told.
        order_count: Number of orders, or None where it is not told.
    """

    price: Decimal
    quantity: Decimal
    total: Decimal | None = None
    order_count: int | None = None


@dataclass(frozen=True, slots=True)
class OrderBook:
    """What buyers offer and sellers ask in one market, each best price first."""

    market_id: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class PublicTrade:
    """A trade as everybody may see it: without users and orders.

    Attributes:
        id: The trade's identifier.
        market_id: Where it was made.
        price: US dollars per unit.
        quantity: Units.
        side: `buy` or `sell`, as the market tells it; empty where it does not.
        executed_at: When it was made, or None where it is not told.
    """

    id: str
    market_id: str
    price: Decimal
    quantity: Decimal
    side: str = ""
    executed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MarketStatistics:
    """The last 24 hours of a market. Prices are US dollars per unit; None says not told.

    Attributes:
        market_id: The market.
        current_price: Price of the last trade.
        price_change_24h: Its change in 24 hours.
        price_change_24h_percent: The same in percent.
        high_24h: Highest price.
        low_24h: Lowest price.
        volume_24h: Units traded.
        volume_24h_tokens: The same in tokens.
        volume_24h_usd: The same in US dollars.
    """

    market_id: str
    current_price: Decimal | None = None
    price_change_24h: Decimal | None = None
    price_change_24h_percent: Decimal | None = None
    high_24h: Decimal | None = None
    low_24h: Decimal | None = None
    volume_24h: Decimal | None = None
    volume_24h_tokens: Decimal | None = None
    volume_24h_usd: Decimal | None = None
