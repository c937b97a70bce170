"""The wire between the operator's `Kube` and the API server in memory.

It stands where `Wire` does, so that our own addresses, guards and errors are part of what is
tried. A watch brings what has happened and then says `Quiet`.
"""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlsplit

from tests.crash.api_rules import GONE, Refusal


class Quiet(BaseException):
    """There is nothing more to hear, or to do, before time passes."""


class Response:
    """An answer as urllib3 gives it."""

    def __init__(self, status, lines):
        self.status = status
        self._lines = lines

    @property
    def data(self):
        return b"".join(self._lines)

    def stream(self, _size):
        yield from self._lines

    def close(self):
        pass


class Connection:
    """One process's connection.

    Args:
        send: Sends a request: method, path, query, content type and body; returns the object.
        watch: Returns what a watch hears: events until there are no more.
    """

    def __init__(self, send, watch):
        self._send = send
        self._watch = watch

    def __call__(self, method, full, *, content_type, body, timeout, streamed):
        parts = urlsplit(full)
        query = dict(parse_qsl(parts.query))
        if streamed:
            heard = self._watch(parts.path, query.get("resourceVersion", ""))
            lines = (json.dumps(event).encode() + b"\n" for event in heard)
            return Response(200, lines)
        try:
            body = json.loads(json.dumps(body))  # what is sent cannot be changed any more
            status, answer = 200, self._send(method, parts.path, query, content_type, body)
        except Refusal as refusal:
            status, answer = refusal.status, refusal.body
        return Response(status, [json.dumps(answer).encode()])


def events_of(server, plural, since):
    """Yield what a watch hears of a kind.

    Args:
        server: The API server.
        plural: The kind.
        since: A version, or an empty text for all objects and then a bookmark.

    Raises:
        Quiet: There is nothing more.
    """
    if since and int(since) < server.forgotten_before:
        yield {"type": "ERROR", "object": {"code": GONE[0], "reason": GONE[1]}}
        return
    if not since:
        for item in server.items(plural):
            yield {"type": "ADDED", "object": item}
        meta = {
            "resourceVersion": str(server.version),
            "annotations": {"k8s.io/initial-events-end": "true"},
        }
        yield {"type": "BOOKMARK", "object": {"metadata": meta}}
    else:
        for kind, item in server.since(plural, int(since)):
            yield {"type": kind, "object": item}
    raise Quiet
