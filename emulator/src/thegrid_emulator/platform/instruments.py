"""The catalogue, open to everybody: what an application shows before its user has logged in."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.instrument_views import (
    LISTED,
    LISTING,
    find_by_symbol,
    instrument_detail,
    instrument_summary,
)
from thegrid_emulator.listings import page_answer
from thegrid_emulator.requests import venue_of
from thegrid_emulator.responses import data


async def _list(request: Request) -> Response:
    return page_answer(request, LISTING, LISTED, instrument_summary)


async def _read_by_symbol(request: Request) -> Response:
    venue = venue_of(request)
    instrument = find_by_symbol(request.path_params["symbol"])
    return data(instrument_detail(instrument, venue.exchange, venue.clock.now()))


ROUTES = [
    Route("/instruments", _list, methods=["GET"]),
    Route("/instruments/by-symbol/{symbol}", _read_by_symbol, methods=["GET"]),
]
