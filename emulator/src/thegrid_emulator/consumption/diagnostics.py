"""Whether the caller's account is fit to be used."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.consumption.authentication import authenticate_bearer
from thegrid_emulator.diagnostics import diagnose
from thegrid_emulator.requests import venue_of
from thegrid_emulator.responses import data


async def _read(request: Request) -> Response:
    caller = authenticate_bearer(request)
    venue = venue_of(request)
    account = venue.accounts.get(caller.user_id)
    return data(diagnose("consumption", account, venue.clock.now()))


ROUTES = [Route("/diagnostics", _read, methods=["GET"])]
