"""Read and move the market's clock."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from thegrid_emulator.admin.fields import Fields
from thegrid_emulator.clock import Clock
from thegrid_emulator.errors import InvalidFieldsError
from thegrid_emulator.requests import json_object, venue_of
from thegrid_emulator.timestamps import iso


async def _read(request: Request) -> Response:
    return JSONResponse(_view(venue_of(request).clock))


async def _advance(request: Request) -> Response:
    fields = Fields(await json_object(request), ("advance_seconds",))
    clock = venue_of(request).clock
    try:
        clock.advance(fields.seconds("advance_seconds"))
    except ValueError:
        raise InvalidFieldsError("advance_seconds", "leads out of the calendar") from None
    return JSONResponse(_view(clock))


def _view(clock: Clock) -> dict[str, object]:
    return {"now": iso(clock.now()), "offset_seconds": clock.offset_seconds}


ROUTES = [
    Route("/clock", _read, methods=["GET"]),
    Route("/clock", _advance, methods=["POST"]),
]
