"""Inference calls: checked here, answered by the gateway behind a 307.

Checks in order: key, JSON, instrument, parameters, calls of the day, balance. An empty balance is
refilled if the account buys by itself: the call gets 503 then, and the next one works. Otherwise it
gets 402. The vendor's documentation describes both ("Errors and rate limits"); when which, is the
emulator's choice.
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
from thegrid_emulator.gateway.answers import answer_call
from thegrid_emulator.inference import checks
from thegrid_emulator.inference.chat import CHAT
from thegrid_emulator.inference.messages import MESSAGES
from thegrid_emulator.inference.shape import Asked, Shape
from thegrid_emulator.limits import check_daily_calls
from thegrid_emulator.requests import json_object, venue_of
from thegrid_emulator.state.catalogue import Instrument, find_instrument
from thegrid_emulator.state.metering import Caller, Need
from thegrid_emulator.state.receipts import Receipt
from thegrid_emulator.state.venue import Venue


async def _complete_chat(request: Request) -> Response:
    return await _accept(request, authenticate_bearer(request), CHAT)


async def _create_message(request: Request) -> Response:
    return await _accept(request, authenticate_key_header(request), MESSAGES)


async def _accept(request: Request, caller: Caller, shape: Shape) -> Response:
    body = await json_object(request)
    instrument = _instrument(body)
    asked = shape.read(body)
    _check_context(asked, instrument)
    venue = venue_of(request)
    check_daily_calls(request, venue.accounts.get(caller.user_id))
    receipt = _metered(venue, caller, instrument, shape, asked)
    if venue.suppliers.direct:
        return answer_call(venue, receipt, shape, asked)
    return _send_on(request, receipt, body)


def _instrument(body: checks.Body) -> Instrument:
    instrument = find_instrument(checks.text(body, "model"))
    if instrument is None:
        raise MarketError(HTTPStatus.NOT_FOUND, "model_not_found", "model: is not an instrument")
    return instrument


def _check_context(asked: Asked, instrument: Instrument) -> None:
    if asked.question.tokens > instrument.context_length:
        allowed = f"within the context of {instrument.context_length} tokens"
        raise checks.out_of_range("messages", allowed)


def _metered(
    venue: Venue, caller: Caller, instrument: Instrument, shape: Shape, asked: Asked
) -> Receipt:
    now = venue.clock.now()
    need = Need(asked.question.tokens, asked.choices, asked.question.token_budget)
    receipt = venue.metering.open(caller, instrument, shape.path, need, now)
    if receipt is not None:
        return receipt
    if venue.replenishment.buy(caller.user_id, instrument, now):
        raise MarketError(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "replenishment_in_progress",
            f"{instrument.symbol}: units are being bought; try again",
        )
    raise MarketError(
        HTTPStatus.PAYMENT_REQUIRED,
        "insufficient_balance",
        f"{instrument.symbol}: there are no units, and none are bought automatically",
    )


def _send_on(request: Request, receipt: Receipt, body: object) -> Response:
    venue = venue_of(request)
    origin = request.app.state.doors.origin_at(venue.suppliers.next_host())
    _, _, host = origin.partition("://")
    token = venue.redirects.issue(receipt, body, host, venue.clock.now())
    location = f"{origin}{receipt.endpoint}?{urlencode({'token': token})}"
    headers = {"location": location, "x-grid-request-id": receipt.request_id}
    return Response(status_code=HTTPStatus.TEMPORARY_REDIRECT, headers=headers)


CHAT_ROUTES = [Route("/chat/completions", _complete_chat, methods=["POST"])]
MESSAGES_ROUTES = [Route("/messages", _create_message, methods=["POST"])]
