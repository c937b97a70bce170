"""Markets: their rules, books, prints and figures, scope `trade:read`."""

from thegrid_emulator.openapi import refusals
from thegrid_emulator.openapi.document import Subject
from thegrid_emulator.openapi.operation import (
    Answers,
    Parameter,
    in_path,
    in_query,
    operation,
    paged,
)
from thegrid_emulator.openapi.schema import (
    DECIMAL,
    MOMENT,
    POSITIVE,
    TEXT,
    WHOLE,
    Schema,
    always,
    array,
    component,
    enveloped,
    one_of,
    or_null,
    page_of,
    record,
)
from thegrid_emulator.openapi.trading.access import SIGNED_OR_BEARER

_MARKET = record(
    {
        "market_id": TEXT,
        "id": TEXT,
        "name": TEXT,
        "description": or_null(TEXT),
        "market_type": always("spot"),
        "status": one_of("active", "inactive", "suspended"),
        "associated_instruments": array(TEXT),
        "instruments": array(
            record({"instrument_id": TEXT, "instrument_type": TEXT, "symbol": TEXT})
        ),
        "order_controls": record(
            dict.fromkeys(("tick_size", "lot_size", "min_order_size", "max_order_size"), DECIMAL)
        ),
        "created_at": MOMENT,
        "updated_at": MOMENT,
    }
)

_TICKER = record(
    {
        "market_id": TEXT,
        "symbol": TEXT,
        "last_price": or_null(DECIMAL),
        "highest_bid": or_null(DECIMAL),
        "lowest_ask": or_null(DECIMAL),
        "last_trade_quantity": or_null(POSITIVE),
        "last_trade_timestamp": or_null(MOMENT),
        "volume_24h": WHOLE,
    },
    {
        "bid": or_null(DECIMAL),
        "ask": or_null(DECIMAL),
        **dict.fromkeys(
            (
                "high_24h",
                "low_24h",
                "quote_volume_24h",
                "price_change_24h",
                "price_change_percent_24h",
            ),
            or_null(DECIMAL),
        ),
        "timestamp": MOMENT,
    },
)

_LEVEL = record(
    {"price": DECIMAL, "quantity": POSITIVE, "total": POSITIVE, "order_count": POSITIVE}
)

_PRINT = record(
    {
        "trade_id": TEXT,
        "market_id": TEXT,
        "price": DECIMAL,
        "quantity": POSITIVE,
        "side": one_of("buy", "sell"),
        "execution_timestamp": MOMENT,
    }
)

_STATISTICS = record(
    {
        **dict.fromkeys(
            (
                "current_price",
                "price_change_24h",
                "price_change_24h_percent",
                "high_24h",
                "low_24h",
            ),
            or_null(DECIMAL),
        ),
        "volume_24h": WHOLE,
        "volume_24h_tokens": DECIMAL,
        "volume_24h_value": DECIMAL,
    }
)

_MARKET_ID = in_path("market_id")


def _read(
    name: str, summary: str, answer: Schema, *parameters: Parameter
) -> dict[str, dict[str, object]]:
    return {
        "get": operation(
            name,
            summary,
            {200: answer},
            refusals=refusals.of_trading(by_id=True, query=bool(parameters)),
            security=SIGNED_OR_BEARER,
            parameters=[_MARKET_ID, *parameters],
        )
    }


_DEPTH = in_query("depth", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20})
_PRINTS = in_query("limit", {"type": "integer", "minimum": 1, "default": 50})
_LIST_REFUSALS: Answers = refusals.of_trading(query=True)

SUBJECT = Subject(
    components={
        "Market": _MARKET,
        "Ticker": _TICKER,
        "Level": _LEVEL,
        "Print": _PRINT,
        "MarketStatistics": _STATISTICS,
    },
    paths={
        "/markets": {
            "get": operation(
                "listMarkets",
                "All markets, one for each instrument that can be consumed.",
                {200: page_of(component("Market"))},
                refusals=_LIST_REFUSALS,
                security=SIGNED_OR_BEARER,
                parameters=paged(),
            )
        },
        "/markets/{market_id}": _read("readMarket", "One market.", enveloped(component("Market"))),
        "/markets/{market_id}/ticker": _read(
            "readTicker", "Its last price and best offers.", enveloped(component("Ticker"))
        ),
        "/markets/{market_id}/orderbook": _read(
            "readOrderBook",
            "Its levels, the best first; `total` adds them up.",
            enveloped(
                record({"buy": array(component("Level")), "sell": array(component("Level"))})
            ),
            _DEPTH,
        ),
        "/markets/{market_id}/trades": _read(
            "listPrints",
            "Its newest trades, whoever made them.",
            {"anyOf": [page_of(component("Print")), enveloped(array(component("Print")))]},
            _PRINTS,
        ),
        "/markets/{market_id}/stats": _read(
            "readMarketStatistics",
            "Its last 24 hours.",
            enveloped(component("MarketStatistics")),
        ),
    },
)
