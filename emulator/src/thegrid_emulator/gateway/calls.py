"""Calls that followed a redirect, whole or as server-sent events."""

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from thegrid_emulator.inference.chat import CHAT
from thegrid_emulator.inference.messages import MESSAGES
from thegrid_emulator.inference.shape import Reply, Shape
from thegrid_emulator.requests import json_object, venue_of
from thegrid_emulator.state.redirects import Redirect


async def _complete_chat(request: Request) -> Response:
    return await _answer(request, CHAT)


async def _create_message(request: Request) -> Response:
    return await _answer(request, MESSAGES)


async def _answer(request: Request, shape: Shape) -> Response:
    redirect = _redeem(request)
    asked = shape.read(await json_object(request))
    reply = Reply(asked, redirect.request_id, redirect.instrument, venue_of(request).clock.now())
    headers = {"x-grid-request-id": redirect.request_id}
    if not asked.stream:
        return JSONResponse(shape.whole(reply), headers=headers)
    return StreamingResponse(
        _frames(shape, reply),
        headers=headers | {"cache-control": "no-cache"},
        media_type="text/event-stream",
    )


def _redeem(request: Request) -> Redirect:
    venue = venue_of(request)
    token = request.query_params.get("token", "")
    return venue.redirects.redeem(token, request.url.path, venue.clock.now())


async def _frames(shape: Shape, reply: Reply) -> AsyncIterator[str]:
    for event in shape.events(reply):
        yield shape.frame(event.content)
    if shape.closing:
        yield shape.closing


ROUTES = [
    Route("/chat/completions", _complete_chat, methods=["POST"]),
    Route("/messages", _create_message, methods=["POST"]),
]
