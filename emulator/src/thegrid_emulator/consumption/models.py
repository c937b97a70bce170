"""The public model list."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from thegrid_emulator.consumption.authentication import authenticate_bearer
from thegrid_emulator.state.catalogue import INSTRUMENTS, LISTED_AT, Instrument
from thegrid_emulator.timestamps import unix_seconds

_CREATED = unix_seconds(LISTED_AT)


async def _list(request: Request) -> Response:
    if "authorization" in request.headers:  # no key is fine, a bad one is not
        authenticate_bearer(request)
    return JSONResponse({"object": "list", "data": [_view(entry) for entry in INSTRUMENTS]})


def _view(instrument: Instrument) -> dict[str, object]:
    return {
        "id": instrument.symbol,
        "object": "model",
        "display_name": instrument.display_name,
        "created": _CREATED,
        "owned_by": "thegrid",
        "context_length": instrument.context_length,
        "max_completion_tokens": instrument.max_completion_tokens,
        "capabilities": instrument.capabilities,
        "pricing": None,
    }


ROUTES = [Route("/models", _list, methods=["GET"])]
