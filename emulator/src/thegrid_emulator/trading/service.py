"""Service state, open to everybody."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.responses import data


async def _read_health(_request: Request) -> Response:
    return data({"status": "ok", "service": "thegrid-emulator"})


ROUTES = [Route("/health", _read_health, methods=["GET"])]
