"""Inference calls: checked here, answered by the gateway behind a 307.

Checks in order: key, JSON, instrument, parameters.
"""

from http import HTTPStatus
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.consumption.authentication import (
    authenticate_bearer,
    authenticate_key_header,
)
from thegrid_emulator.errors import MarketError
from thegrid_emulator.inference import checks
from thegrid_emulator.inference.chat import CHAT
from thegrid_emulator.inference.messages import MESSAGES
from thegrid_emulator.requests import json_object, venue_of
from thegrid_emulator.state.catalogue import Instrument, find_instrument


async def _complete_chat(request: Request) -> Response:
    authenticate_bearer(request)
    body = await json_object(request)
    instrument = _instrument(body)
    CHAT.read(body)
    return _send_on(request, CHAT.path, instrument)


async def _create_message(request: Request) -> Response:
    authenticate_key_header(request)
    body = await json_object(request)
    instrument = _instrument(body)
    MESSAGES.read(body)
    return _send_on(request, MESSAGES.path, instrument)


def _instrument(body: checks.Body) -> Instrument:
    instrument = find_instrument(checks.text(body, "model"))
    if instrument is None:
        raise MarketError(HTTPStatus.NOT_FOUND, "model_not_found", "model: is not an instrument")
    return instrument


def _send_on(request: Request, path: str, instrument: Instrument) -> Response:
    venue = venue_of(request)
    redirect, token = venue.redirects.issue(path, instrument.symbol, venue.clock.now())
    location = f"{request.app.state.gateway_url}{path}?{urlencode({'token': token})}"
    headers = {"location": location, "x-grid-request-id": redirect.request_id}
    return Response(status_code=HTTPStatus.TEMPORARY_REDIRECT, headers=headers)


CHAT_ROUTES = [Route("/chat/completions", _complete_chat, methods=["POST"])]
MESSAGES_ROUTES = [Route("/messages", _create_message, methods=["POST"])]
