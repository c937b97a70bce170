"""Choose where inference calls are sent on to; see which were, lately."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from thegrid_emulator.admin.fields import Fields
from thegrid_emulator.errors import InvalidFieldsError
from thegrid_emulator.requests import json_object, venue_of
from thegrid_emulator.responses import data
from thegrid_emulator.state.suppliers import Suppliers
from thegrid_emulator.state.venue import Venue
from thegrid_emulator.views import redirect_view


async def _read(request: Request) -> Response:
    return JSONResponse(_view(venue_of(request).suppliers))


async def _choose(request: Request) -> Response:
    fields = Fields(await json_object(request), ("hosts", "direct"))
    hosts = fields.optional("hosts", list) or []
    if not all(isinstance(host, str) for host in hosts):
        raise InvalidFieldsError("hosts", "must be an array of strings")
    suppliers = venue_of(request).suppliers
    direct = fields.optional("direct", bool) or False
    request.app.state.doors.choose(suppliers, hosts, direct=direct)
    return JSONResponse(_view(suppliers))


async def _list_redirects(request: Request) -> Response:
    return data(recent_redirects(venue_of(request)))


def recent_redirects(venue: Venue) -> list[dict[str, object]]:
    """Return the latest redirects, newest first, as they stand now."""
    venue.catch_up(venue.clock.now())
    return [redirect_view(redirect) for redirect in venue.redirects.recent]


def _view(suppliers: Suppliers) -> dict[str, object]:
    return {"hosts": list(suppliers.hosts), "direct": suppliers.direct}


ROUTES = [
    Route("/redirects", _list_redirects, methods=["GET"]),
    Route("/suppliers", _read, methods=["GET"]),
    Route("/suppliers", _choose, methods=["POST"]),
]
