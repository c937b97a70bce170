"""Service state: health for everybody, diagnostics for the caller's account."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.diagnostics import diagnose
from thegrid_emulator.requests import venue_of
from thegrid_emulator.responses import data
from thegrid_emulator.trading.authentication import authenticate


async def _read_health(_request: Request) -> Response:
    return data({"status": "ok", "service": "thegrid-emulator"})


async def _read_diagnostics(request: Request) -> Response:
    account = await authenticate(request, "account:read")
    return data(diagnose("trading", account, venue_of(request).clock.now()))


ROUTES = [
    Route("/health", _read_health, methods=["GET"]),
    Route("/diagnostics", _read_diagnostics, methods=["GET"]),
]
