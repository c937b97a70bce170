"""Whether the caller's account is fit to be used, scope `account:read`."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.diagnostics import diagnose
from thegrid_emulator.platform.authorization import authorize
from thegrid_emulator.requests import venue_of
from thegrid_emulator.responses import data


async def _read(request: Request) -> Response:
    account = authorize(request, "account:read")
    return data(diagnose("platform", account, venue_of(request).clock.now()))


ROUTES = [Route("/diagnostics", _read, methods=["GET"])]
