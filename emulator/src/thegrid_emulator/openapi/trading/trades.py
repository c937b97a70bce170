"""The caller's trades and positions."""

from thegrid_emulator.openapi import refusals
from thegrid_emulator.openapi.document import Subject
from thegrid_emulator.openapi.operation import (
    TIME_FILTER,
    in_path,
    in_query,
    operation,
    paged,
    sorted_by,
)
from thegrid_emulator.openapi.schema import (
    DECIMAL,
    MOMENT,
    POSITIVE,
    TEXT,
    WHOLE,
    component,
    either,
    enveloped,
    one_of,
    or_null,
    page_of,
    record,
)
from thegrid_emulator.openapi.trading.access import SIGNED_OR_BEARER

_TRADE = record(
    {
        "trade_id": TEXT,
        "id": TEXT,
        "market_id": TEXT,
        "market_name": or_null(TEXT),
        "instrument_id": TEXT,
        "instrument_name": or_null(TEXT),
        "instrument_symbol": or_null(TEXT),
        "price": DECIMAL,
        "total_value": DECIMAL,
        "fee": DECIMAL,
        "quantity": POSITIVE,
        "side": one_of("buy", "sell"),
        "status": TEXT,
        "order_id": or_null(TEXT),
        "trading_account_id": or_null(TEXT),
        "execution_timestamp": MOMENT,
        "settlement_timestamp": or_null(MOMENT),
    }
)

_POSITION = record(
    {
        "id": TEXT,
        "user_account_id": TEXT,
        "instrument_id": TEXT,
        "instrument_name": TEXT,
        "status": one_of("open", "closed"),
        "quantity": either(WHOLE, DECIMAL),
        "average_cost": or_null(DECIMAL),
        "total_cost": or_null(DECIMAL),
        "current_market_value": or_null(DECIMAL),
        "last_trade_price": or_null(DECIMAL),
        "opened_at": MOMENT,
        "closed_at": or_null(MOMENT),
        "inserted_at": MOMENT,
    }
)

SUBJECT = Subject(
    components={"Trade": _TRADE, "Position": _POSITION},
    paths={
        "/trades": {
            "get": operation(
                "listTrades",
                "The caller's trades, from the caller's side.",
                {200: page_of(component("Trade"))},
                refusals=refusals.of_trading(query=True),
                security=SIGNED_OR_BEARER,
                parameters=[
                    in_query("market_id"),
                    in_query("order_id"),
                    in_query("start_datetime", TIME_FILTER),
                    in_query("end_datetime", TIME_FILTER),
                    *sorted_by("execution_timestamp", "price", "quantity"),
                    *paged(),
                ],
            )
        },
        "/trades/{trade_id}": {
            "get": operation(
                "readTrade",
                "One trade of the caller.",
                {200: enveloped(component("Trade"))},
                refusals=refusals.of_trading(by_id=True),
                security=SIGNED_OR_BEARER,
                parameters=[in_path("trade_id")],
            )
        },
        "/positions": {
            "get": operation(
                "listPositions",
                "What the caller has bought and not sold, and what it cost.",
                {200: page_of(component("Position"))},
                refusals=refusals.of_trading(query=True),
                security=SIGNED_OR_BEARER,
                parameters=paged(),
            )
        },
    },
)
