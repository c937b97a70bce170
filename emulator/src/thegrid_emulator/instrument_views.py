"""Instruments as two hosts show them: the Trading API to its callers, the Platform to everybody.

A list tells what there is; the detail adds what it promises and how it trades. USD is listed too.
"""

from collections.abc import Iterator
from datetime import datetime

from thegrid_emulator.errors import not_found
from thegrid_emulator.exchange import Exchange, MarketFigures
from thegrid_emulator.filters import Filter, one_of
from thegrid_emulator.inference.answer import serving_model
from thegrid_emulator.ledger import TOKENS_PER_UNIT
from thegrid_emulator.paging import Listing
from thegrid_emulator.responses import decimal_string
from thegrid_emulator.state.catalogue import (
    INSTRUMENTS,
    LISTED_AT,
    USD,
    Currency,
    Instrument,
    Market,
    market_of,
)
from thegrid_emulator.state.identifiers import canonical_id
from thegrid_emulator.timestamps import iso, iso_or_none
from thegrid_emulator.views import JSONObject

Listed = Instrument | Currency

LISTED: tuple[Listed, ...] = (*INSTRUMENTS, USD)
"""Everything that is called an instrument, in the order of the catalogue."""

_COMMODITY, _CURRENCY = "ai_commodity", "currency"
_ACTIVE = "active"
_AVAILABILITY_TARGET = None  # nobody has published one
_UNIT = f"{TOKENS_PER_UNIT:,} tokens, input and output counted alike"


def find_by_id(instrument_id: str) -> Listed:
    """Return the instrument with an id in any of its forms.

    Raises:
        MarketError: 404 if there is none.
    """
    return _found(
        it for it in LISTED if it.instrument_id == canonical_id("instrument", instrument_id)
    )


def find_by_symbol(symbol: str) -> Listed:
    """Return the instrument with a symbol, in whichever case.

    Raises:
        MarketError: 404 if there is none.
    """
    return _found(it for it in LISTED if it.symbol == symbol.lower())


def instrument_reference(instrument: Listed) -> JSONObject:
    """Return what a market says of an instrument."""
    return {
        "instrument_id": instrument.instrument_id,
        "symbol": instrument.symbol,
        "instrument_type": _type(instrument),
    }


def instrument_summary(instrument: Listed) -> JSONObject:
    """Return an instrument as lists show it."""
    return instrument_reference(instrument) | {
        "description": _description(instrument),
        "status": _ACTIVE,
        "created_at": iso(LISTED_AT),
        "updated_at": iso(LISTED_AT),
    }


def instrument_detail(instrument: Listed, exchange: Exchange, now: datetime) -> JSONObject:
    """Return everything about an instrument.

    Args:
        instrument: which.
        exchange: where it trades.
        now: the market's time.
    """
    common = instrument_summary(instrument) | {"name": _name(instrument), "is_active": True}
    if isinstance(instrument, Currency):
        return common | _currency_detail(instrument)
    market = market_of(instrument.instrument_id)
    return (
        common | _promises(instrument, market) | _trading(exchange.figures(market.market_id, now))
    )


def _currency_detail(currency: Currency) -> JSONObject:
    """Return the detail of what is paid with: it promises nothing and has no market."""
    return {
        "precision": currency.precision,
        "basic_info": {"currency_code": currency.code, "precision": currency.precision},
        **dict.fromkeys(("ai_specs", "sla_requirements", "trading_params")),
        **_trading(None),
    }


def _promises(instrument: Instrument, market: Market) -> JSONObject:
    promised = instrument.service_level
    return {
        "precision": 0,
        "basic_info": {"service_type": "text_generation"},
        "ai_specs": {
            "context_window": instrument.context_length,
            "max_output_length": instrument.max_completion_tokens,
            "token_throughput": promised.throughput,
            "tokens_per_unit": TOKENS_PER_UNIT,
            "unit_definition": _UNIT,
            "qualifying_models": [serving_model(instrument.symbol)],
        },
        "sla_requirements": {
            "availability_target": _AVAILABILITY_TARGET,
            "max_latency_ms": promised.first_token_ms,
            "quality_score_min": promised.quality,
        },
        "trading_params": {
            "min_quantity": market.controls.min_order_size,
            "max_quantity": market.controls.max_order_size,
            "quantity_increment": market.controls.lot_size,
        },
    }


def _trading(figures: MarketFigures | None) -> JSONObject:
    """Return how an instrument has traded; None stands for one that is in no market."""
    return {
        "last_trade_price": decimal_string(figures.last_price) if figures else None,
        "price_range_24h_high": decimal_string(figures.high_24h) if figures else None,
        "price_range_24h_low": decimal_string(figures.low_24h) if figures else None,
        "volume_24h": str(figures.volume_24h if figures else 0),
        "total_volume": str(figures.total_volume if figures else 0),
        "total_trades": figures.total_trades if figures else 0,
        "total_quotes": figures.total_quotes if figures else 0,
        "last_trade_at": iso_or_none(figures.last_trade_at) if figures else None,
        "last_quote_at": iso_or_none(figures.last_quote_at) if figures else None,
    }


def _type(instrument: Listed) -> str:
    return _CURRENCY if isinstance(instrument, Currency) else _COMMODITY


def _name(instrument: Listed) -> str:
    return instrument.code if isinstance(instrument, Currency) else instrument.display_name


def _description(instrument: Listed) -> str:
    if isinstance(instrument, Currency):
        return f"{instrument.code}, in which every market is priced"
    return f"{instrument.display_name}: one unit is {_UNIT}"


def _found(candidates: Iterator[Listed]) -> Listed:
    instrument = next(candidates, None)
    if instrument is None:
        raise not_found("instrument")
    return instrument


LISTING: Listing[Listed] = Listing(
    identify=lambda it: it.instrument_id,
    order_by={
        "created_at": lambda _: LISTED_AT,
        "symbol": lambda it: it.symbol,
        "instrument_type": _type,
    },
    filters={
        "symbol": Filter(lambda it: it.symbol),
        "instrument_type": Filter(_type, one_of(_COMMODITY, _CURRENCY, "token")),
        "status": Filter(lambda _: _ACTIVE, one_of(_ACTIVE, "inactive", "deprecated")),
    },
)
