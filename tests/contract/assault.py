"""Sends hostile requests over a few connections, and says which answers are no proper refusals."""

import json
import socket
import ssl
from contextlib import ExitStack
from http.client import HTTPException, HTTPResponse, RemoteDisconnected
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
        self._tls = ssl.create_default_context()

    def __enter__(self):
        return self

    def __exit__(self, *_failure):
        self._closing.close()

    def send(self, hostile):
        """Send one request; return what is wrong with its answer, None if it is refused well."""
        reused = hostile.surface in self._open
        try:
            try:
                status, content = self._exchange(hostile)
            except RemoteDisconnected:
                if not reused:
                    raise
                # An idle connection may be closed at any time (RFC 9112, section 9.5).
                status, content = self._exchange(hostile)
        except (OSError, HTTPException) as problem:
            return None if _may_be_cut(hostile) else f"{hostile.what}: no answer ({problem!r})"
        return _problem(hostile, status, content)

    def _exchange(self, hostile):
        """Send over the surface's connection, which is kept only if both sides want it."""
        connection = self._connection(hostile.surface)
        kept = False
        try:
            connection.sendall(hostile.wire)
            if not hostile.is_http and not isinstance(connection, ssl.SSLSocket):
                connection.shutdown(socket.SHUT_WR)
            response = HTTPResponse(connection, method=hostile.method)
            response.begin()
            content = response.read()
            kept = hostile.is_http and not response.will_close
        finally:
            if not kept:
                self._drop(hostile.surface)
        return response.status, content

    def _connection(self, surface):
        if surface not in self._open:
            address = urlsplit(getattr(self._addresses, surface))
            assert address.hostname == "127.0.0.1"
            connection = socket.create_connection(
                (address.hostname, address.port), timeout=_PATIENCE_SECONDS
            )
            if address.scheme == "https":
                connection = self._tls.wrap_socket(connection, server_hostname=address.hostname)
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
