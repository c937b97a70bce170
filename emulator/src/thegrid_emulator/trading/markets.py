"""Markets: what they are, and what everybody may see of their trading. Scope `trade:read`."""

import re
from collections.abc import Sequence
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.errors import impossible_parameter, wrong_parameter
from thegrid_emulator.exchange import DepthLevel, MarketFigures, Trade
from thegrid_emulator.filters import Filter, identifier
from thegrid_emulator.instrument_views import instrument_reference
from thegrid_emulator.ledger import TOKENS_PER_UNIT
from thegrid_emulator.listings import page_answer
from thegrid_emulator.paging import Listing, page_size
from thegrid_emulator.requests import venue_of
from thegrid_emulator.responses import data, decimal_string
from thegrid_emulator.state.catalogue import (
    LISTED_AT,
    MARKETS,
    USD,
    Market,
    MarketStatus,
    find_market,
)
from thegrid_emulator.state.identifiers import canonical_id
from thegrid_emulator.timestamps import iso, iso_or_none
from thegrid_emulator.trading.authentication import authenticate
from thegrid_emulator.views import JSONObject

_SCOPE = "trade:read"
_DEFAULT_DEPTH = 20
_DEEPEST = 100
_INTEGER = re.compile(r"-?[0-9]{1,9}", re.ASCII)


def traded_market(market_id: str) -> Market:
    """Return the market of an order or a trade that the exchange has taken."""
    market = find_market(market_id)
    assert market is not None  # noqa: S101 -- the exchange takes none for other markets
    return market


async def _list(request: Request) -> Response:
    await authenticate(request, _SCOPE)
    exchange = venue_of(request).exchange
    return page_answer(
        request, LISTING, MARKETS, lambda it: _view(it, exchange.status(it.market_id))
    )


async def _read(request: Request) -> Response:
    market = await _market(request)
    return data(_view(market, venue_of(request).exchange.status(market.market_id)))


async def _read_ticker(request: Request) -> Response:
    market = await _market(request)
    now = venue_of(request).clock.now()
    return data(_ticker(market, _figures(request, market), now))


async def _read_stats(request: Request) -> Response:
    market = await _market(request)
    return data(_stats(_figures(request, market)))


async def _read_order_book(request: Request) -> Response:
    market = await _market(request)
    depth = venue_of(request).exchange.depth(market.market_id, _asked_depth(request))
    return data({"buy": _levels(depth.buy), "sell": _levels(depth.sell)})


async def _list_prints(request: Request) -> Response:
    market = await _market(request)
    limit = page_size(request.query_params)
    return data([_print(it) for it in venue_of(request).exchange.prints(market.market_id, limit)])


async def _market(request: Request) -> Market:
    await authenticate(request, _SCOPE)
    market_id = canonical_id("market", request.path_params["market_id"])
    return venue_of(request).exchange.market(market_id)


def _figures(request: Request, market: Market) -> MarketFigures:
    venue = venue_of(request)
    return venue.exchange.figures(market.market_id, venue.clock.now())


def _asked_depth(request: Request) -> int:
    text = request.query_params.get("depth") or str(_DEFAULT_DEPTH)
    if not _INTEGER.fullmatch(text):
        raise wrong_parameter("depth", "an integer")
    if not 1 <= int(text) <= _DEEPEST:
        raise impossible_parameter("depth", f"must be from 1 to {_DEEPEST}")
    return int(text)


def _view(market: Market, status: MarketStatus) -> JSONObject:
    controls = market.controls
    return {
        "market_id": market.market_id,
        "id": market.market_id,
        "name": market.name,
        "description": f"{market.instrument.display_name} against USD",
        "market_type": "spot",
        "status": status,
        "associated_instruments": [market.instrument.instrument_id, USD.instrument_id],
        "instruments": [instrument_reference(market.instrument)],
        "order_controls": {
            "tick_size": decimal_string(controls.tick_size),
            "lot_size": str(controls.lot_size),
            "min_order_size": str(controls.min_order_size),
            "max_order_size": str(controls.max_order_size),
        },
        "created_at": iso(LISTED_AT),
        "updated_at": iso(LISTED_AT),
    }


def _ticker(market: Market, figures: MarketFigures, now: datetime) -> JSONObject:
    return {
        "market_id": market.market_id,
        "symbol": market.instrument.symbol,
        "last_price": decimal_string(figures.last_price),
        "highest_bid": decimal_string(figures.highest_bid),
        "lowest_ask": decimal_string(figures.lowest_ask),
        "last_trade_quantity": figures.last_quantity,
        "last_trade_timestamp": iso_or_none(figures.last_trade_at),
        "volume_24h": figures.volume_24h,
        "high_24h": decimal_string(figures.high_24h),
        "low_24h": decimal_string(figures.low_24h),
        "quote_volume_24h": decimal_string(figures.value_24h),
        "price_change_24h": decimal_string(figures.change_24h),
        "price_change_percent_24h": decimal_string(figures.change_percent_24h),
        "timestamp": iso(now),
    }


def _stats(figures: MarketFigures) -> JSONObject:
    return {
        "current_price": decimal_string(figures.last_price),
        "price_change_24h": decimal_string(figures.change_24h),
        "price_change_24h_percent": decimal_string(figures.change_percent_24h),
        "high_24h": decimal_string(figures.high_24h),
        "low_24h": decimal_string(figures.low_24h),
        "volume_24h": figures.volume_24h,
        "volume_24h_tokens": str(figures.volume_24h * TOKENS_PER_UNIT),
        "volume_24h_value": decimal_string(figures.value_24h),
    }


def _levels(levels: Sequence[DepthLevel]) -> list[JSONObject]:
    return [
        {
            "price": decimal_string(level.price),
            "quantity": level.quantity,
            "total": level.total,
            "order_count": level.order_count,
        }
        for level in levels
    ]


def _print(trade: Trade) -> JSONObject:
    """Return a trade as everybody sees it: without its users and orders."""
    return {
        "trade_id": trade.trade_id,
        "market_id": trade.market_id,
        "price": decimal_string(trade.price),
        "quantity": trade.quantity,
        "side": trade.taker_side,
        "execution_timestamp": iso(trade.executed_at),
    }


LISTING: Listing[Market] = Listing(
    identify=lambda it: it.market_id,
    order_by={"created_at": lambda _: LISTED_AT, "name": lambda it: it.name},
    filters={
        "market_id": Filter(lambda it: it.market_id, identifier("market")),
        "instrument_id": Filter(lambda it: it.instrument.instrument_id, identifier("instrument")),
    },
)

_MARKET = "/markets/{market_id}"

ROUTES = [
    Route("/markets", _list, methods=["GET"]),
    Route(_MARKET, _read, methods=["GET"]),
    Route(f"{_MARKET}/ticker", _read_ticker, methods=["GET"]),
    Route(f"{_MARKET}/orderbook", _read_order_book, methods=["GET"]),
    Route(f"{_MARKET}/trades", _list_prints, methods=["GET"]),
    Route(f"{_MARKET}/stats", _read_stats, methods=["GET"]),
]
