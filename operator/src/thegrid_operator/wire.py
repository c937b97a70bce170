"""The connections to the API server: bytes there and back.

What belongs here: one request, the token, and the pool. What does not: where the server is
(`in_pod`, `by_kubeconfig`), and objects, guards and errors (`kube`).
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import urllib3

TOKEN_SECONDS = 10.0
"""How long a token is taken for current."""

_USER_AGENT = "thegrid-operator"
_JSON = "application/json"


Send: TypeAlias = Callable[..., urllib3.BaseHTTPResponse]
"""Sends one request, as `Wire.send` does."""


@dataclass(frozen=True, slots=True)
class Server:
    """An API server, and how to log in.

    Attributes:
        pool: Connections to it, or to the proxy before it.
        before_paths: What goes before each path: a path that the server lies below, or the whole
            address where a proxy wants it.
        authorization: Returns the header's value at present, or None where certificates will do.
    """

    pool: urllib3.HTTPConnectionPool
    before_paths: str
    authorization: Callable[[], str | None]


class Wire:
    """The connections of one process. Safe for several threads.

    Args:
        server: Where requests go.
        clock: Seconds that only grow.
    """

    def __init__(self, server: Server, clock: Callable[[], float] = time.monotonic) -> None:
        self._server = server
        self._clock = clock
        self._login: dict[str, str] = {}
        self._current_until = -math.inf

    def send(
        self,
        method: str,
        path: str,
        *,
        content_type: str,
        body: object,
        timeout: tuple[float, float],
        streamed: bool,
    ) -> urllib3.BaseHTTPResponse:
        """Send one request, once.

        Args:
            method: The HTTP method.
            path: The path below the server's address, with the query.
            content_type: What the body is.
            body: What to send as JSON, or None.
            timeout: Seconds to connect, and for each read.
            streamed: Whether the caller reads the answer bit by bit, and closes it.

        Returns:
            The answer, whatever its status; with its whole body unless it is streamed.

        Raises:
            Exception: Of any kind, and perhaps with a text that quotes the token.
        """
        headers = {"Accept": _JSON, "Content-Type": content_type, "User-Agent": _USER_AGENT}
        answer: urllib3.BaseHTTPResponse = self._server.pool.urlopen(
            method,
            self._server.before_paths + path,
            body=None if body is None else json.dumps(body).encode(),
            headers={**headers, **self._current_login()},
            timeout=urllib3.Timeout(connect=timeout[0], read=timeout[1]),
            retries=False,  # a repeated write must be the caller's to decide
            redirect=False,
            assert_same_host=False,
            preload_content=not streamed,
        )
        return answer

    def _current_login(self) -> dict[str, str]:
        if self._clock() >= self._current_until:
            token = self._server.authorization()
            self._login = {"Authorization": token} if token else {}
            self._current_until = self._clock() + TOKEN_SECONDS
        return self._login
