"""Calls that followed a redirect."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.errors import MarketError
from thegrid_emulator.gateway.answers import answer_call
from thegrid_emulator.inference.chat import CHAT
from thegrid_emulator.inference.messages import MESSAGES
from thegrid_emulator.inference.shape import Shape
from thegrid_emulator.requests import journal_entry_of, json_object, venue_of


async def _complete_chat(request: Request) -> Response:
    return await _answer(request, CHAT)


async def _create_message(request: Request) -> Response:
    return await _answer(request, MESSAGES)


async def _answer(request: Request, shape: Shape) -> Response:
    venue = venue_of(request)
    body = await _body(request)
    token = request.query_params.get("token", "")
    receipt = venue.redirects.redeem(token, request.url.path, body, venue.clock.now())
    entry = journal_entry_of(request)
    entry.user_id, entry.api_key_id = receipt.user_id, receipt.api_key_id
    return answer_call(venue, receipt, shape, shape.read(body or {}))


async def _body(request: Request) -> dict[str, object] | None:
    """Return the body as parsed, or None: that it is none counts less than a bad token."""
    try:
        return await json_object(request)
    except MarketError:
        return None


ROUTES = [
    Route("/chat/completions", _complete_chat, methods=["POST"]),
    Route("/messages", _create_message, methods=["POST"]),
]
