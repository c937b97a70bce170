"""What is traded and at what prices: instruments, markets, order books, public trades.

Routes follow The Grid's documentation, "Trading API". All of it needs a trading key, or a login
with the scope `trade:read`. Every method raises `Refused` (the market said no, `NotFound` for what
it does not know) and `Unreachable` (no usable answer came).
"""

from __future__ import annotations

from thegrid.client import _wire
from thegrid.client._base import Api
from thegrid.client._call import segment, within
from thegrid.client._listing import PAGE_SIZE, Listing
from thegrid.client.errors import Misuse
from thegrid.core.model import (
    Instrument,
    Market,
    MarketStatistics,
    OrderBook,
    PublicTrade,
    Ticker,
    normal_instrument_id,
    normal_market_id,
)

_CURRENCY = "currency"
_MOST_LEVELS = 100
_MOST_PRINTS = 100


class MarketApi(Api):
    """Instruments, markets and prices."""

    def instruments(
        self,
        *,
        symbol: str | None = None,
        instrument_type: str | None = None,
        status: str | None = None,
        order_by: str | None = None,
        order_direction: str | None = None,
        page_size: int = PAGE_SIZE,
    ) -> Listing[Instrument]:
        """List instruments in short form (`GET /instruments`).

        Args:
            symbol: Only the one of this symbol, or None.
            instrument_type: Only `ai_commodity` or `currency`, or None.
            status: Only `active`, `inactive` or `deprecated`, or None.
            order_by: The market's name of a field, or None.
            order_direction: `asc` or `desc`, or None.
            page_size: Rows to ask for at once, from 1 to 100.

        Returns:
            The instruments.
        """
        query = {
            "symbol": symbol,
            "instrument_type": instrument_type,
            "status": status,
            "order_by": order_by,
            "order_direction": order_direction,
            "limit": within("page_size", page_size, PAGE_SIZE),
        }
        return self._list("/instruments", _wire.instrument, lambda row: row.id, query)

    def instrument(self, instrument_id: str) -> Instrument:
        """Read one instrument in full (`GET /instruments/{instrument_id}`)."""
        identifier = segment("instrument_id", normal_instrument_id(instrument_id))
        return self._get_data(f"/instruments/{identifier}", _wire.instrument)

    def instrument_by_symbol(self, symbol: str) -> Instrument:
        """Read one instrument in full (`GET /instruments/by-symbol/{symbol}`)."""
        return self._get_data(
            f"/instruments/by-symbol/{segment('symbol', symbol)}", _wire.instrument
        )

    def markets(self) -> Listing[Market]:
        """List all markets (`GET /markets`)."""
        return self._list("/markets", _wire.market, lambda row: row.id, {})

    def market(self, market_id: str) -> Market:
        """Read one market (`GET /markets/{market_id}`)."""
        return self._get_data(self._market_path(market_id), _wire.market)

    def market_of(self, symbol: str) -> Market:
        """Find the market of an instrument among all markets.

        Args:
            symbol: The instrument's symbol, such as `text-prime`, in any case.

        Returns:
            The market.

        Raises:
            Misuse: The instrument has no market.
            NotFound: There is no such instrument.
            Truncated: The listing of markets broke off before it was found.
            Refused: The market said no.
            Unreachable: No usable answer came.
        """
        markets = self.markets()
        for market in markets:
            if any(it.symbol.lower() == symbol.lower() for it in market.instruments):
                return market
        instrument = self.instrument_by_symbol(symbol)
        if instrument.type != _CURRENCY:  # which belongs to every market
            for market in markets.complete():
                if instrument.id in market.instrument_ids:
                    return market
        raise Misuse(f"symbol: {symbol!r} has no market")

    def ticker(self, market_id: str) -> Ticker:
        """Read where a market stands (`GET /markets/{market_id}/ticker`)."""
        return self._get(
            self._trading,
            f"{self._market_path(market_id)}/ticker",
            lambda body: _wire.ticker(body, market_id=market_id),
        )

    def order_book(self, market_id: str, depth: int = 20) -> OrderBook:
        """Read what is offered and asked (`GET /markets/{market_id}/orderbook`).

        Args:
            market_id: The market.
            depth: Levels of each side, from 1 to 100.

        Returns:
            Both sides, each best price first.

        Raises:
            Misuse: `depth` is outside.
            NotFound: There is no such market.
            Refused: The market said no.
            Unreachable: No usable answer came.
        """
        return self._get(
            self._trading,
            f"{self._market_path(market_id)}/orderbook",
            lambda body: _wire.order_book(body, market_id=market_id),
            {"depth": within("depth", depth, _MOST_LEVELS)},
        )

    def market_trades(self, market_id: str, limit: int = 50) -> tuple[PublicTrade, ...]:
        """Read the latest trades of everybody (`GET /markets/{market_id}/trades`).

        Args:
            market_id: The market.
            limit: At most so many, from 1 to 100.

        Returns:
            The trades, in the market's order.

        Raises:
            Misuse: `limit` is outside.
            NotFound: There is no such market.
            Refused: The market said no.
            Unreachable: No usable answer came.
        """
        page = self._get(
            self._trading,
            f"{self._market_path(market_id)}/trades",
            lambda body: _wire.page(body, lambda row: _wire.public_trade(row, market_id=market_id)),
            {"limit": within("limit", limit, _MOST_PRINTS)},
        )
        return page.items

    def market_statistics(self, market_id: str) -> MarketStatistics:
        """Read the last 24 hours of a market (`GET /markets/{market_id}/stats`)."""
        return self._get(
            self._trading,
            f"{self._market_path(market_id)}/stats",
            lambda body: _wire.market_statistics(body, market_id=market_id),
        )

    def _market_path(self, market_id: str) -> str:
        return f"/markets/{segment('market_id', normal_market_id(market_id))}"
