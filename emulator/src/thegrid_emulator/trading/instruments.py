"""Instruments, scope `trade:read`."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.instrument_views import (
    LISTED,
    LISTING,
    Listed,
    find_by_id,
    find_by_symbol,
    instrument_detail,
    instrument_summary,
)
from thegrid_emulator.listings import page_answer
from thegrid_emulator.requests import venue_of
from thegrid_emulator.responses import data
from thegrid_emulator.trading.authentication import authenticate

_SCOPE = "trade:read"


async def _list(request: Request) -> Response:
    await authenticate(request, _SCOPE)
    return page_answer(request, LISTING, LISTED, instrument_summary)


async def _read(request: Request) -> Response:
    await authenticate(request, _SCOPE)
    return _detail(request, find_by_id(request.path_params["instrument_id"]))


async def _read_by_symbol(request: Request) -> Response:
    await authenticate(request, _SCOPE)
    return _detail(request, find_by_symbol(request.path_params["symbol"]))


def _detail(request: Request, instrument: Listed) -> Response:
    venue = venue_of(request)
    return data(instrument_detail(instrument, venue.exchange, venue.clock.now()))


ROUTES = [
    Route("/instruments", _list, methods=["GET"]),
    Route("/instruments/by-symbol/{symbol}", _read_by_symbol, methods=["GET"]),
    Route("/instruments/{instrument_id}", _read, methods=["GET"]),
]
