"""Whole answers between the application and the client, for those who say them in other words."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

_JSON = "application/json"


class Empty:
    """The body of an answer that has none."""


EMPTY: Final = Empty()


@dataclass(frozen=True)
class Answer:
    """An answer without its headers.

    Attributes:
        method: of the request.
        path: of the request, after the surface's prefix.
        status: HTTP status.
        body: a JSON value, or `EMPTY`.
    """

    method: str
    path: str
    status: int
    body: object

    @property
    def succeeded(self) -> bool:
        """Whether the market did what was asked."""
        return 200 <= self.status < 300  # noqa: PLR2004 -- the class of RFC 9110, section 15


Change = Callable[[Answer], Answer]


class Reworded:
    """Sends JSON answers and empty ones as a function words them; streams pass untouched.

    Args:
        send: to the client.
        method: of the request.
        path: of the request, after the surface's prefix.
        change: what words them.
    """

    def __init__(self, send: Send, method: str, path: str, change: Change) -> None:
        self._send = send
        self._method = method
        self._path = path
        self._change = change
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        """Take a message of the application (ASGI)."""
        if message["type"] == "http.response.start" and _can_be_read(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._send_changed(self._start)

    async def _send_changed(self, start: Message) -> None:
        body = json.loads(self._body) if self._body else EMPTY
        was = Answer(self._method, self._path, int(start["status"]), body)
        now = self._change(was)
        if now != was:
            start, self._body = _headed(start, now), bytearray(_bytes(now.body))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": bytes(self._body)})


def _can_be_read(start: Message) -> bool:
    headers = MutableHeaders(scope=start)
    return "location" not in headers and headers.get("content-type", _JSON) == _JSON


def _bytes(body: object) -> bytes:
    return b"" if body is EMPTY else json.dumps(body, separators=(",", ":")).encode()


def _headed(start: Message, answer: Answer) -> Message:
    headed = {**start, "status": answer.status, "headers": list(start["headers"])}
    headers = MutableHeaders(scope=headed)
    if answer.body is EMPTY:
        del headers["content-type"], headers["content-length"]
    else:
        headers["content-type"] = _JSON
        headers["content-length"] = str(len(_bytes(answer.body)))
    return headed
