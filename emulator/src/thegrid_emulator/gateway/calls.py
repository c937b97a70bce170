"""Calls that followed a redirect, whole or as server-sent events."""

import json
from collections.abc import AsyncIterator, Iterable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from thegrid_emulator.inference import chat, messages
from thegrid_emulator.requests import json_object, venue_of
from thegrid_emulator.state.redirects import Redirect


async def _complete_chat(request: Request) -> Response:
    redirect = _redeem(request)
    asked = chat.read(await json_object(request))
    call = (asked, redirect.request_id, redirect.instrument, venue_of(request).clock.now())
    if asked.stream:
        return _stream(redirect, _chat_events(chat.chunks(*call)))
    return JSONResponse(chat.completion(*call), headers=_headers(redirect))


async def _create_message(request: Request) -> Response:
    redirect = _redeem(request)
    asked = messages.read(await json_object(request))
    call = (asked, redirect.request_id, redirect.instrument)
    if asked.stream:
        return _stream(redirect, _message_events(messages.events(*call)))
    return JSONResponse(messages.message(*call), headers=_headers(redirect))


def _redeem(request: Request) -> Redirect:
    venue = venue_of(request)
    token = request.query_params.get("token", "")
    return venue.redirects.redeem(token, request.url.path, venue.clock.now())


def _headers(redirect: Redirect) -> dict[str, str]:
    return {"x-grid-request-id": redirect.request_id}


def _stream(redirect: Redirect, events: AsyncIterator[str]) -> Response:
    headers = _headers(redirect) | {"cache-control": "no-cache"}
    return StreamingResponse(events, headers=headers, media_type="text/event-stream")


async def _chat_events(chunks: Iterable[dict[str, object]]) -> AsyncIterator[str]:
    for chunk in chunks:
        yield f"data: {json.dumps(chunk)}\n\n"
    yield "data: [DONE]\n\n"


async def _message_events(events: Iterable[dict[str, object]]) -> AsyncIterator[str]:
    for event in events:
        yield f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"


ROUTES = [
    Route("/chat/completions", _complete_chat, methods=["POST"]),
    Route("/messages", _create_message, methods=["POST"]),
]
