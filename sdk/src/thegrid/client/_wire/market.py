"""Instruments, markets, prices (The Grid's documentation, "Trading API").

Older answers name some fields otherwise; each reader lists the spellings, the current one first.
"""

from __future__ import annotations

from thegrid.client._wire.fields import (
    Json,
    decimal,
    decimal_or_none,
    first,
    label,
    required,
    rows,
    section,
    text,
    texts,
    time,
    whole_or_none,
)
from thegrid.core.model import (
    Instrument,
    Level,
    Market,
    MarketStatistics,
    OrderBook,
    PublicTrade,
    Ticker,
    normal_instrument_id,
    normal_market_id,
)


def instrument(data: Json) -> Instrument:
    """Read an instrument: the detail, a row of a listing, or the short form within a market."""
    specs, trading = section(data, "ai_specs"), section(data, "trading_params")
    return Instrument(
        id=normal_instrument_id(text(required(data, "instrument_id", "id"))),
        symbol=text(data["symbol"]),
        type=label(data.get("instrument_type")),
        status=label(data.get("status")),
        name=label(data.get("name")),
        description=label(data.get("description")),
        basic_info=dict(section(data, "basic_info")),
        context_window=whole_or_none(specs.get("context_window")),
        max_output_length=whole_or_none(specs.get("max_output_length")),
        token_throughput=decimal_or_none(specs.get("token_throughput")),
        tokens_per_unit=whole_or_none(specs.get("tokens_per_unit")),
        qualifying_models=texts(specs.get("qualifying_models")),
        sla_requirements=dict(section(data, "sla_requirements")),
        min_quantity=decimal_or_none(trading.get("min_quantity")),
        max_quantity=decimal_or_none(trading.get("max_quantity")),
        quantity_increment=decimal_or_none(trading.get("quantity_increment")),
        last_trade_price=decimal_or_none(data.get("last_trade_price")),
        price_range_24h_high=decimal_or_none(data.get("price_range_24h_high")),
        price_range_24h_low=decimal_or_none(data.get("price_range_24h_low")),
        volume_24h=decimal_or_none(data.get("volume_24h")),
        total_volume=decimal_or_none(data.get("total_volume")),
        total_trades=whole_or_none(data.get("total_trades")),
        total_quotes=whole_or_none(data.get("total_quotes")),
        last_trade_at=time(data.get("last_trade_at")),
        last_quote_at=time(data.get("last_quote_at")),
        created_at=time(data.get("created_at")),
        updated_at=time(data.get("updated_at")),
    )


def market(data: Json) -> Market:
    """Read a market; its steps and limits may stand in a section or beside the name."""
    sizes = {**data, **section(data, "order_controls", "controls")}
    instrument_ids = texts(first(data, "associated_instruments", "allowed_instruments"))
    return Market(
        id=normal_market_id(text(required(data, "market_id", "id"))),
        name=label(data.get("name")),
        status=text(data["status"]),
        instrument_ids=tuple(map(normal_instrument_id, instrument_ids)),
        instruments=rows(data.get("instruments"), instrument),
        type=label(data.get("market_type")),
        description=label(data.get("description")),
        tick_size=decimal_or_none(first(sizes, "tick_size", "price_increment")),
        lot_size=decimal_or_none(first(sizes, "lot_size", "size_increment")),
        min_order_size=decimal_or_none(sizes.get("min_order_size")),
        max_order_size=decimal_or_none(sizes.get("max_order_size")),
        created_at=time(data.get("created_at")),
        updated_at=time(data.get("updated_at")),
    )


def ticker(body: Json, *, market_id: str) -> Ticker:
    """Read where a market stands; the market that was asked serves where it is not named."""
    data = body["data"]
    return Ticker(
        market_id=normal_market_id(text(data.get("market_id") or market_id)),
        symbol=label(data.get("symbol")),
        last_price=decimal_or_none(data.get("last_price")),
        highest_bid=decimal_or_none(first(data, "highest_bid", "bid")),
        lowest_ask=decimal_or_none(first(data, "lowest_ask", "ask")),
        last_trade_quantity=decimal_or_none(first(data, "last_trade_quantity", "last_trade_size")),
        last_trade_at=time(data.get("last_trade_timestamp")),
        volume_24h=decimal_or_none(data.get("volume_24h")),
        high_24h=decimal_or_none(data.get("high_24h")),
        low_24h=decimal_or_none(data.get("low_24h")),
        quote_volume_24h=decimal_or_none(data.get("quote_volume_24h")),
        price_change_24h=decimal_or_none(data.get("price_change_24h")),
        price_change_percent_24h=decimal_or_none(data.get("price_change_percent_24h")),
        as_of=time(data.get("timestamp")),
    )


def order_book(body: Json, *, market_id: str) -> OrderBook:
    """Read a book, each best price first whatever order it came in."""
    data = body["data"]
    bids = rows(required(data, "buy", "bids"), _level)
    asks = rows(required(data, "sell", "asks"), _level)
    return OrderBook(
        market_id=normal_market_id(market_id),
        bids=tuple(sorted(bids, key=lambda level: -level.price)),
        asks=tuple(sorted(asks, key=lambda level: level.price)),
    )


def _level(data: Json) -> Level:
    return Level(
        price=decimal(data["price"]),
        quantity=decimal(required(data, "quantity", "size")),
        total=decimal_or_none(data.get("total")),
        order_count=whole_or_none(data.get("order_count")),
    )


def public_trade(data: Json, *, market_id: str) -> PublicTrade:
    """Read a trade as everybody may see it."""
    return PublicTrade(
        id=text(required(data, "trade_id", "id")),
        market_id=normal_market_id(text(data.get("market_id") or market_id)),
        price=decimal(data["price"]),
        quantity=decimal(required(data, "quantity", "size")),
        side=label(data.get("side")),
        executed_at=time(first(data, "execution_timestamp", "timestamp")),
    )


def market_statistics(body: Json, *, market_id: str) -> MarketStatistics:
    """Read the last 24 hours of a market, in either set of names."""
    data = body["data"]
    return MarketStatistics(
        market_id=normal_market_id(market_id),
        current_price=decimal_or_none(first(data, "current_price", "close")),
        price_change_24h=decimal_or_none(data.get("price_change_24h")),
        price_change_24h_percent=decimal_or_none(
            first(data, "price_change_24h_percent", "price_change_percent_24h")
        ),
        high_24h=decimal_or_none(first(data, "high_24h", "high")),
        low_24h=decimal_or_none(first(data, "low_24h", "low")),
        volume_24h=decimal_or_none(first(data, "volume_24h", "volume")),
        volume_24h_tokens=decimal_or_none(data.get("volume_24h_tokens")),
        volume_24h_usd=decimal_or_none(data.get("volume_24h_value")),
    )
