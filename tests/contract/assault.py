"""Sends hostile requests over a few connections, and says which answers are no proper refusals."""

import json
import socket
from contextlib import ExitStack
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlsplit

from tests.contract.shapes import misfits

_PATIENCE_SECONDS = 10
_SHAPES = {
    "platform": "Refusal",
    "trading": "ApiRefusal",
    "consumption": "ApiRefusal",
    "messages": "MessagesRefusal",
    "gateway": "ApiRefusal",
}


class Assault:
    """Keeps one connection to each surface.

    Args:
        addresses: base of each surface, all on loopback.
    """

    def __init__(self, addresses):
        self._addresses = addresses
        self._open = {}
        self._closing = ExitStack()

    def __enter__(self):
        return self

    def __exit__(self, *_failure):
        self._closing.close()

    def send(self, hostile):
        """Send one request; return what is wrong with its answer, None if it is refused well."""
        connection = self._connection(hostile.surface)
        try:
            connection.sendall(hostile.wire)
            if not hostile.is_http:
                connection.shutdown(socket.SHUT_WR)
            response = HTTPResponse(connection, method=hostile.method)
            response.begin()
            content = response.read()
        except (OSError, HTTPException) as problem:
            self._drop(hostile.surface)
            return None if _may_be_cut(hostile) else f"{hostile.what}: no answer ({problem!r})"
        if response.will_close or not hostile.is_http:
            self._drop(hostile.surface)
        return _problem(hostile, response.status, content)

    def _connection(self, surface):
        if surface not in self._open:
            address = urlsplit(getattr(self._addresses, surface))
            assert address.hostname == "127.0.0.1"
            connection = socket.create_connection(
                (address.hostname, address.port), timeout=_PATIENCE_SECONDS
            )
            self._open[surface] = self._closing.enter_context(connection)
        return self._open[surface]

    def _drop(self, surface):
        self._open.pop(surface).close()


def _may_be_cut(hostile):
    """Whether the server may hang up instead of answering."""
    return not hostile.is_http


def _problem(hostile, status, content):
    if not 400 <= status < 500:
        return f"{hostile.what}: {status} {content[:200]!r}"
    if not hostile.is_http or hostile.method == "HEAD":
        return None
    try:
        body = json.loads(content)
    except ValueError:
        return f"{hostile.what}: {status} without an envelope: {content[:200]!r}"
    wrong = misfits(_SHAPES[hostile.surface], body)
    return f"{hostile.what}: {status} {body}: {wrong[0]}" if wrong else None
