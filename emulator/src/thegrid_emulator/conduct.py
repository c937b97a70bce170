"""What the market does with every request: journal, limits, faults, common headers.

It stands between the HTTP server and a surface's own application, as one ASGI application around
another. Admin routes and pages are not part of the market: of them it only asks that no other web
site sent the request.
"""

import asyncio
import contextlib
from email.utils import format_datetime
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from thegrid_emulator.connection import Connection, connection_of
from thegrid_emulator.errors import MarketError
from thegrid_emulator.own_site import OwnSiteOnly
from thegrid_emulator.responses import fixed_answer, new_request_id
from thegrid_emulator.state.faults import Delay, Drop, FixedAnswer, Hold
from thegrid_emulator.state.rate_limits import Allowance
from thegrid_emulator.state.venue import Venue
from thegrid_emulator.surface import Surface


class Conduct:
    """Wraps the application of one surface.

    Args:
        surface: what answers.
        venue: what is behind it.
        stopping: set when the emulator ends, so that nothing goes on waiting.
    """

    def __init__(self, surface: Surface, venue: Venue, stopping: asyncio.Event) -> None:
        self._surface = surface
        self._application: ASGIApp = surface.application
        self._beside_the_market = OwnSiteOnly(surface.application)
        self._venue = venue
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        with contextlib.suppress(ClientDisconnect):
            if self._surface.stands_beside_the_market(scope["path"]):
                await self._beside_the_market(scope, receive, send)
            else:
                await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        now = self._venue.clock.now()
        self._venue.catch_up(now)
        entry = self._venue.journal.record(
            surface=self._surface.name,
            method=scope["method"],
            path=scope["path"],
            request_id=new_request_id(),
            now=now,
        )
        scope["state"]["journal_entry"] = entry
        allowance = self._venue.rate_limits.count(self._surface.name, _credential(scope), now)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = int(message["status"])
                headers = MutableHeaders(scope=message)
                headers["date"] = format_datetime(self._venue.clock.now(), usegmt=True)
                headers["x-request-id"] = entry.request_id
                _add_limit_headers(headers, allowance)
            await send(message)

        if allowance.retry_after is not None:
            error = MarketError(HTTPStatus.TOO_MANY_REQUESTS, "rate_limit_exceeded")
            refusal = JSONResponse(error.body() | dict(self._surface.error_members), error.status)
            await refusal(scope, receive, send_with_headers)
        else:
            await self._serve_unless_faulty(scope, receive, send_with_headers)

    async def _serve_unless_faulty(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = self._path_after_prefix(scope["path"])
        match self._venue.faults.take(self._surface.name, scope["method"], path):
            case None:
                await self._application(scope, receive, send)
            case FixedAnswer(status, body, retry_after):
                await fixed_answer(status, body, retry_after)(scope, receive, send)
            case Delay(seconds):
                if await self._stops_within(seconds):
                    await connection_of(scope).cut()
                else:
                    await self._application(scope, receive, send)
            case Hold(seconds):
                await self._application(scope, receive, self._held(send, seconds))
            case Drop("before"):
                await connection_of(scope).cut()
            case Drop("after"):
                await self._application(scope, receive, _CutInsteadOfSend(connection_of(scope)))

    def _held(self, send: Send, seconds: float) -> Send:
        async def send_later(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._stops_within(seconds)
            await send(message)

        return send_later

    async def _stops_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(self._stopping.wait(), seconds)
        return False

    def _path_after_prefix(self, path: str) -> str:
        for prefix in self._surface.prefixes:
            if path.startswith(prefix + "/"):
                return path.removeprefix(prefix)
        return path


class _CutInsteadOfSend:
    """Cuts the connection when the application begins its answer, and swallows the answer."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._connection.cut()


def _credential(scope: Scope) -> str:
    """Return what a request presents to be recognised by, good or bad."""
    headers = Headers(scope=scope)
    for name in ("authorization", "x-api-key", "x-thegrid-fingerprint"):
        if name in headers:
            return f"{name} {headers[name]}"
    return QueryParams(scope["query_string"]).get("token", "")


def _add_limit_headers(headers: MutableHeaders, allowance: Allowance) -> None:
    headers["x-ratelimit-limit"] = str(allowance.limit)
    headers["x-ratelimit-remaining"] = str(allowance.remaining)
    headers["x-ratelimit-reset"] = str(allowance.resets_at)
    if allowance.retry_after is not None:
        headers["retry-after"] = str(allowance.retry_after)
        headers["x-ratelimit-retry-after"] = str(allowance.retry_after)
