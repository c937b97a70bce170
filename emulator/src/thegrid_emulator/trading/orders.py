"""Orders: reads with `trade:read`, writes with `trade:write`.

In easy mode the platform trades for its user: every write is refused before it is looked at.
"""

from collections import Counter
from http import HTTPStatus
from typing import get_args

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.errors import MarketError
from thegrid_emulator.exchange import Order, OrderStatus, OrderType, Side
from thegrid_emulator.filters import Filter, identifier, moment, one_of
from thegrid_emulator.limits import check_order_rate
from thegrid_emulator.listings import page_answer
from thegrid_emulator.paging import Listing
from thegrid_emulator.requests import json_object, venue_of
from thegrid_emulator.responses import data, decimal_string, no_content
from thegrid_emulator.state.accounts import Account
from thegrid_emulator.state.identifiers import canonical_id
from thegrid_emulator.timestamps import iso, iso_or_none
from thegrid_emulator.trading.authentication import authenticate
from thegrid_emulator.trading.markets import traded_market
from thegrid_emulator.trading.order_bodies import new_order, order_change
from thegrid_emulator.views import JSONObject

_STATUSES = ("pending", "cancellation_pending", "rejected", "expired", *get_args(OrderStatus))
_LARGEST_PAGE = 500


async def _list(request: Request) -> Response:
    user_id = (await authenticate(request, "trade:read")).user_id
    return page_answer(request, LISTING, venue_of(request).exchange.orders_of(user_id), order_view)


async def _count(request: Request) -> Response:
    user_id = (await authenticate(request, "trade:read")).user_id
    waiting = Counter(it.market_id for it in venue_of(request).exchange.open_orders_of(user_id))
    by_market = [
        {"market_id": market_id, "count": waiting[market_id]} for market_id in sorted(waiting)
    ]
    return data({"count": waiting.total(), "by_market": by_market})


async def _read(request: Request) -> Response:
    user_id = (await authenticate(request, "trade:read")).user_id
    return data(order_view(_order(request, user_id)))


async def _place(request: Request) -> Response:
    account = await _authenticate_write(request)
    wanted = new_order(account.user_id, await json_object(request))
    check_order_rate(request, account.user_id, wanted.market_id)
    venue = venue_of(request)
    order = venue.exchange.place(wanted, venue.clock.now())
    return data(order_view(order), HTTPStatus.CREATED)


async def _change(request: Request) -> Response:
    account = await _authenticate_write(request)
    change = order_change(await json_object(request))
    venue = venue_of(request)
    order = _order_to_write(request, account)
    venue.exchange.change(order, change, venue.clock.now())
    return data(order_view(order))


async def _cancel(request: Request) -> Response:
    account = await _authenticate_write(request)
    venue = venue_of(request)
    order = _order_to_write(request, account)
    venue.exchange.cancel(order, "user_cancelled", venue.clock.now())
    return no_content()


async def _cancel_all(request: Request) -> Response:
    """Cancel everything, or everything in the market that the path names."""
    account = await _authenticate_write(request)
    venue = venue_of(request)
    market_id = request.path_params.get("market_id")
    if market_id is not None:
        market_id = canonical_id("market", market_id)
    cancelled = venue.exchange.cancel_all(account.user_id, market_id, venue.clock.now())
    return data({"cancelled": cancelled})


async def _authenticate_write(request: Request) -> Account:
    account = await authenticate(request, "trade:write")
    if account.settings.account_mode == "easy":
        raise MarketError(
            HTTPStatus.FORBIDDEN,
            "auto_mode_trading_restricted",
            "orders cannot be placed, changed or cancelled by hand in easy mode",
        )
    return account


def _order(request: Request, user_id: str) -> Order:
    return venue_of(request).exchange.order(user_id, request.path_params["order_id"])


def _order_to_write(request: Request, account: Account) -> Order:
    order = _order(request, account.user_id)
    check_order_rate(request, account.user_id, order.market_id)
    return order


def order_view(order: Order) -> JSONObject:
    """Return an order as its owner sees it."""
    market = traded_market(order.market_id)
    return {
        "order_id": order.order_id,
        "id": order.order_id,
        "client_order_id": order.client_order_id,
        "market_id": market.market_id,
        "market_name": market.name,
        "instrument_id": market.instrument.instrument_id,
        "instrument_symbol": market.instrument.symbol,
        "instrument_name": market.instrument.display_name,
        "trader_id": order.user_id,
        "side": order.side,
        "type": order.order_type,
        "status": order.status,
        "quantity": order.quantity,
        "filled_quantity": order.filled_quantity,
        "price": decimal_string(order.price),
        "average_price": decimal_string(order.average_price),
        "stop_price": None,
        "fee": decimal_string(order.fee),
        "time_in_force": order.time_in_force,
        "closure_reason": order.closure_reason,
        "closed_at": iso_or_none(order.closed_at),
        "submitted_at": iso(order.submitted_at),
        "created_at": iso(order.submitted_at),
        "updated_at": iso(order.updated_at),
    }


LISTING: Listing[Order] = Listing(
    identify=lambda it: it.order_id,
    order_by={
        "submitted_at": lambda it: it.submitted_at,
        "updated_at": lambda it: it.updated_at,
        "closed_at": lambda it: it.closed_at,
        "price": lambda it: it.price,
        "quantity": lambda it: it.quantity,
        "status": lambda it: it.status,
    },
    filters={
        "market_id": Filter(lambda it: it.market_id, identifier("market")),
        "instrument_id": Filter(
            lambda it: traded_market(it.market_id).instrument.instrument_id,
            identifier("instrument"),
        ),
        "trader_id": Filter(lambda it: it.user_id),
        "side": Filter(lambda it: it.side, one_of(*get_args(Side))),
        "status": Filter(lambda it: it.status, one_of(*_STATUSES)),
        "type": Filter(lambda it: it.order_type, one_of(*get_args(OrderType))),
        "start_datetime": Filter(lambda it: it.submitted_at, moment, ">="),
        "end_datetime": Filter(lambda it: it.submitted_at, moment, "<="),
    },
    largest_page=_LARGEST_PAGE,
)

ROUTES = [
    Route("/orders", _list, methods=["GET"]),
    Route("/orders", _place, methods=["POST"]),
    Route("/orders", _cancel_all, methods=["DELETE"]),
    Route("/orders/count", _count, methods=["GET"]),
    Route("/orders/{order_id}", _read, methods=["GET"]),
    Route("/orders/{order_id}", _change, methods=["PUT"]),
    Route("/orders/{order_id}", _cancel, methods=["DELETE"]),
    Route("/markets/{market_id}/orders", _cancel_all, methods=["DELETE"]),
]
