"""Carries out faults: one ASGI application around another.

Which fault strikes which request is decided in `thegrid_emulator.state.faults`.
"""

import asyncio
import contextlib

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from thegrid_emulator.connection import Connection, connection_of
from thegrid_emulator.responses import fixed_answer
from thegrid_emulator.state.faults import Delay, Drop, Fault, FixedAnswer, Hold, Spoil


class Struck:
    """An application that a fault strikes.

    Args:
        application: what answers.
        fault: what goes wrong.
        stopping: set when the emulator ends, so that nothing goes on waiting.
    """

    def __init__(self, application: ASGIApp, fault: Fault, stopping: asyncio.Event) -> None:
        self._application = application
        self._fault = fault
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        connection = connection_of(scope)
        match self._fault:
            case FixedAnswer(status, body, retry_after):
                await fixed_answer(status, body, retry_after)(scope, receive, send)
                return
            case Drop("before"):
                await connection.cut()
                return
            case Delay(seconds):
                if await self._stops_within(seconds):
                    await connection.cut()
                    return
            case Hold(seconds):
                send = self._held(send, seconds)
            case Drop("middle"):
                send = _EndInTheMiddle(send, connection)
            case Drop("after"):
                send = _CutInsteadOfSend(connection)
            case Spoil("malformed"):
                send = _without_opening_quotes(send)
            case Spoil("truncated"):
                send = _EndInTheMiddle(send)
        await self._application(scope, receive, send)

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


class _CutInsteadOfSend:
    """Cuts the connection when the application begins its answer, and swallows the answer."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._connection.cut()


class _EndInTheMiddle:
    """Sends half of a whole answer, or the first part of a streamed one, and swallows the rest.

    Args:
        send: to the client.
        connection: cut in the middle; None ends the message there as if it were whole.
    """

    def __init__(self, send: Send, connection: Connection | None = None) -> None:
        self._send = send
        self._connection = connection
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        elif self._start is not None:
            start, self._start = self._start, None
            await self._send_part(start, message)

    async def _send_part(self, start: Message, message: Message) -> None:
        body = message.get("body", b"")
        part = body if message.get("more_body") else body[: len(body) // 2]
        if self._connection is None:
            headers = MutableHeaders(scope=start)
            if "content-length" in headers:
                headers["content-length"] = str(len(part))
            await self._send(start)
            await self._send({"type": "http.response.body", "body": part})
            return
        if part:
            await self._send(start)
            await self._send({"type": "http.response.body", "body": part, "more_body": True})
        await self._connection.cut()


def _without_opening_quotes(send: Send) -> Send:
    async def send_malformed(message: Message) -> None:
        body = message.get("body", b"")  # as long as before, so that its length stays true
        await send({**message, "body": body.replace(b'{"', b"{ ")} if body else message)

    return send_malformed
