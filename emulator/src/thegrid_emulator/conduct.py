"""What the market does with every request: journal, limits, faults, lag, words, common headers.

It stands between the HTTP server and a surface's own application, as one ASGI application around
another. Admin routes and pages are not part of the market: of them it only asks that no other web
site sent the request.
"""

import asyncio
import contextlib
from datetime import datetime
from email.utils import format_datetime

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from thegrid_emulator.answers import Answer, Reworded
from thegrid_emulator.dialect import RULES, Dialect, applied
from thegrid_emulator.fault_injection import Struck
from thegrid_emulator.lag import is_late, pending_cancels
from thegrid_emulator.limit_headers import limit_headers
from thegrid_emulator.limits import rate_limit_exceeded, tightest
from thegrid_emulator.own_site import OwnSiteOnly
from thegrid_emulator.responses import new_request_id
from thegrid_emulator.state.venue import Venue
from thegrid_emulator.surface import Surface

_READING = ("GET", "HEAD")


class Conduct:
    """Wraps the application of one surface.

    Args:
        surface: what answers.
        venue: what is behind it.
        stopping: set when the emulator ends, so that nothing goes on waiting.
        dialect: in which words it answers.
    """

    def __init__(
        self, surface: Surface, venue: Venue, stopping: asyncio.Event, dialect: Dialect
    ) -> None:
        self._surface = surface
        self._application: ASGIApp = surface.application
        self._beside_the_market = OwnSiteOnly(surface.application)
        self._venue = venue
        self._stopping = stopping
        self._dialect: Dialect = dialect

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
        allowances = scope["state"]["allowances"] = [allowance]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = int(message["status"])
                headers = MutableHeaders(scope=message)
                headers["date"] = format_datetime(self._venue.clock.now(), usegmt=True)
                headers["x-request-id"] = entry.request_id
                headers.update(limit_headers(tightest(allowances), now, self._dialect))
            await send(message)

        path = self._path_after_prefix(scope["path"])
        refused = allowance.retry_after is not None
        application = (
            self._reworded(self._refusal(), path)
            if refused
            else self._struck(scope["method"], path)
        )
        self._show_late(scope, path, now)
        await application(scope, receive, send_with_headers)

    def _show_late(self, scope: Scope, path: str, now: datetime) -> None:
        """Remember what is about to change, or let a listing see what was true a lag ago."""
        if is_late(self._surface.name, scope["method"], path):
            scope["state"]["late_venue"] = self._venue.as_listed(now)
        elif scope["method"] not in _READING:
            self._venue.remember(now)

    def _refusal(self) -> ASGIApp:
        error = rate_limit_exceeded()
        return JSONResponse(error.body() | dict(self._surface.error_members), error.status)

    def _struck(self, method: str, path: str) -> ASGIApp:
        fault = self._venue.faults.take(self._surface.name, method, path)
        spoken = self._reworded(self._application, path)
        return spoken if fault is None else Struck(spoken, fault, self._stopping)

    def _reworded(self, application: ASGIApp, path: str) -> ASGIApp:
        """Return the application in the words of the lag and of the dialect."""

        async def speak(scope: Scope, receive: Receive, send: Send) -> None:
            await application(scope, receive, Reworded(send, scope["method"], path, self._words))

        lag = self._venue.history.lag
        return speak if lag or self._dialect == "alternate" else application

    def _words(self, answer: Answer) -> Answer:
        if self._surface.name == "trading":
            now = self._venue.clock.now()
            answer = pending_cancels(self._venue.history.lag, now)(answer)
        if self._dialect == "alternate":
            answer = applied(RULES, self._surface.name, answer)
        return answer

    def _path_after_prefix(self, path: str) -> str:
        for prefix in self._surface.prefixes:
            if path.startswith(prefix + "/"):
                return path.removeprefix(prefix)
        return path


def _credential(scope: Scope) -> str:
    """Return what a request presents to be recognised by, good or bad."""
    headers = Headers(scope=scope)
    for name in ("authorization", "x-api-key", "x-thegrid-fingerprint"):
        if name in headers:
            return f"{name} {headers[name]}"
    return QueryParams(scope["query_string"]).get("token", "")
