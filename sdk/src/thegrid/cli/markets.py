"""`thegrid markets` and `thegrid market`: what is traded, and at what prices."""

from __future__ import annotations

from itertools import zip_longest
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from thegrid.cli.options import AsJson, ProfileName, trading_client
from thegrid.cli.output import Output, facts, table, time_text
from thegrid.client import Client, Misuse, NotFound
from thegrid.core.model import Level, Market, OrderBook, Ticker

DEFAULT_DEPTH = 10
_MOST_LEVELS = 100


def markets(profile: ProfileName = None, as_json: AsJson = False) -> None:
    """List the markets with their best prices, in US dollars per unit of a million tokens.

    Needs the scope trade:read or a trading key.
    """
    with trading_client(profile) as client:
        rows = [(market, client.ticker(market.id)) for market in client.markets().complete()]
    Output(as_json=as_json).show(
        {"markets": [_market(*row) for row in rows]},
        table(
            ("INSTRUMENT", ">BID", ">ASK", ">LAST", ">UNITS IN 24 H", "STATUS"),
            [
                (
                    _symbol(market, ticker),
                    ticker.highest_bid,
                    ticker.lowest_ask,
                    ticker.last_price,
                    ticker.volume_24h,
                    market.status,
                )
                for market, ticker in rows
            ],
        ),
    )


def market(
    symbol: Annotated[
        str,
        typer.Argument(metavar="SYMBOL", help="An instrument, such as text-prime, in any case."),
    ],
    depth: Annotated[
        int, typer.Option("--depth", min=1, max=_MOST_LEVELS, help="Levels of each side.")
    ] = DEFAULT_DEPTH,
    profile: ProfileName = None,
    as_json: AsJson = False,
) -> None:
    """Show where one market stands, and its order book: buyers left, sellers right.

    Prices are US dollars per unit of a million tokens. Needs the scope trade:read or a trading key.
    """
    with trading_client(profile) as client:
        found = _found(client, symbol)
        ticker = client.ticker(found.id)
        book = client.order_book(found.id, depth)
    Output(as_json=as_json).show(
        _market(found, ticker) | {"bids": _levels(book.bids), "asks": _levels(book.asks)},
        facts(
            {
                "instrument": _symbol(found, ticker),
                "market": f"{found.id}, {found.status}",
                "last": _last(ticker),
                "24 hours": _day(ticker),
            }
        ),
        "",
        _book(book),
    )


def _found(client: Client, symbol: str) -> Market:
    try:
        return client.market_of(symbol)
    except NotFound:
        raise Misuse(f"no instrument is called {symbol!r}: thegrid markets lists them") from None


def _last(ticker: Ticker) -> str | None:
    if ticker.last_price is None:
        return "no trade yet"
    quantity = ticker.last_trade_quantity
    return f"{ticker.last_price:f} USD" + (f" for {quantity:f} units" if quantity else "")


def _day(ticker: Ticker) -> str | None:
    if ticker.volume_24h is None:
        return None
    traded = f"{ticker.volume_24h:f} units"
    if ticker.low_24h is None or ticker.high_24h is None:
        return traded
    return f"{traded}, {ticker.low_24h:f} to {ticker.high_24h:f} USD"


def _book(book: OrderBook) -> RenderableType:
    rows = [
        (
            bid and bid.total,
            bid and bid.quantity,
            bid and bid.price,
            ask and ask.price,
            ask and ask.quantity,
            ask and ask.total,
        )
        for bid, ask in zip_longest(book.bids, book.asks)
    ]
    return table((">TOTAL", ">UNITS", ">BID", ">ASK", ">UNITS", ">TOTAL"), rows)


def _symbol(market: Market, ticker: Ticker) -> str:
    named = next((it.symbol for it in market.instruments if it.symbol), "")
    return named or ticker.symbol or market.name


def _market(market: Market, ticker: Ticker) -> dict[str, Any]:
    return {
        "symbol": _symbol(market, ticker),
        "market_id": market.id,
        "status": market.status,
        "bid": ticker.highest_bid,
        "ask": ticker.lowest_ask,
        "last_price": ticker.last_price,
        "last_trade_quantity": ticker.last_trade_quantity,
        "last_trade_at": time_text(ticker.last_trade_at),
        "volume_24h": ticker.volume_24h,
        "high_24h": ticker.high_24h,
        "low_24h": ticker.low_24h,
    }


def _levels(levels: tuple[Level, ...]) -> list[dict[str, Any]]:
    return [
        {
            "price": level.price,
            "quantity": level.quantity,
            "total": level.total,
            "order_count": level.order_count,
        }
        for level in levels
    ]
