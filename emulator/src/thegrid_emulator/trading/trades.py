"""The caller's trades, scope `trade:read`."""

import uuid
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.exchange import Trade
from thegrid_emulator.filters import Filter, identifier, moment
from thegrid_emulator.ledger.account_ids import trading_account_id
from thegrid_emulator.listings import page_answer
from thegrid_emulator.paging import Listing
from thegrid_emulator.requests import venue_of
from thegrid_emulator.responses import data, decimal_string
from thegrid_emulator.timestamps import iso
from thegrid_emulator.trading.authentication import authenticate
from thegrid_emulator.trading.markets import traded_market
from thegrid_emulator.views import JSONObject

_SCOPE = "trade:read"


@dataclass(frozen=True)
class _OwnTrade:
    """A trade from one side."""

    trade: Trade
    user_id: str

    @property
    def order_id(self) -> str:
        return self.trade.order_id_of(self.user_id)


async def _list(request: Request) -> Response:
    user_id = (await authenticate(request, _SCOPE)).user_id
    trades = venue_of(request).exchange.trades_of(user_id)
    return page_answer(request, LISTING, [_OwnTrade(it, user_id) for it in trades], _view)


async def _read(request: Request) -> Response:
    user_id = (await authenticate(request, _SCOPE)).user_id
    trade = venue_of(request).exchange.trade(user_id, request.path_params["trade_id"])
    return data(_view(_OwnTrade(trade, user_id)))


def _view(own: _OwnTrade) -> JSONObject:
    trade = own.trade
    market = traded_market(trade.market_id)
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, trade.trade_id)),
        "trade_id": trade.trade_id,
        "market_id": market.market_id,
        "market_name": market.name,
        "instrument_id": market.instrument.instrument_id,
        "instrument_name": market.instrument.display_name,
        "instrument_symbol": market.instrument.symbol,
        "price": decimal_string(trade.price),
        "quantity": trade.quantity,
        "total_value": decimal_string(trade.value),
        "fee": decimal_string(trade.fee_of(own.user_id)),
        "side": trade.side_of(own.user_id),
        "status": "executed",
        "order_id": own.order_id,
        "trading_account_id": trading_account_id(own.user_id, market.instrument.instrument_id),
        "execution_timestamp": iso(trade.executed_at),
        "settlement_timestamp": iso(trade.executed_at),
    }


LISTING: Listing[_OwnTrade] = Listing(
    identify=lambda it: it.trade.trade_id,
    order_by={
        "execution_timestamp": lambda it: it.trade.executed_at,
        "price": lambda it: it.trade.price,
        "quantity": lambda it: it.trade.quantity,
    },
    filters={
        "market_id": Filter(lambda it: it.trade.market_id, identifier("market")),
        "order_id": Filter(lambda it: it.order_id),
        "start_datetime": Filter(lambda it: it.trade.executed_at, moment, ">="),
        "end_datetime": Filter(lambda it: it.trade.executed_at, moment, "<="),
    },
)

ROUTES = [
    Route("/trades", _list, methods=["GET"]),
    Route("/trades/{trade_id}", _read, methods=["GET"]),
]
