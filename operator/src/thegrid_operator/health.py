"""A small HTTP server for those who watch over the operator: metrics, and whether it is well.

`/metrics` tells what `metrics` counts, `/healthz` whether the process works, `/readyz` whether it
knows all resources, so that it can act as soon as it leads. Nothing that is served holds a secret,
and nothing can be changed here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET6

from prometheus_client import CONTENT_TYPE_LATEST

_TEXT = "text/plain; charset=utf-8"
_LONGEST_REQUEST_SECONDS = 10.0


class CannotServe(Exception):
    """The address cannot be listened on. One line for a person."""


class HealthServer:
    """Serves until it is closed.

    Args:
        address: Host and port to listen on; an empty host stands for all addresses.
        metrics: Returns the metrics in Prometheus' text format.
        healthy: Tells whether the process works.
        ready: Tells whether all resources are known.

    Raises:
        CannotServe: The address cannot be listened on.
    """

    def __init__(
        self,
        address: tuple[str, int],
        *,
        metrics: Callable[[], bytes],
        healthy: Callable[[], bool],
        ready: Callable[[], bool],
    ) -> None:
        pages = {"/metrics": metrics, "/healthz": _word(healthy), "/readyz": _word(ready)}
        server = _Server6 if ":" in address[0] else ThreadingHTTPServer
        try:
            self._server = server(address, _handler(pages))
        except OSError as problem:
            where = f"{address[0]}:{address[1]}"
            raise CannotServe(f"cannot listen on {where}: {problem.strerror}") from None
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, name="health", daemon=True).start()

    @property
    def port(self) -> int:
        """Return the port that is listened on."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()


class _Server6(ThreadingHTTPServer):
    address_family = AF_INET6


def _word(good: Callable[[], bool]) -> Callable[[], bytes]:
    return lambda: b"ok\n" if good() else b""


def _handler(pages: dict[str, Callable[[], bytes]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _LONGEST_REQUEST_SECONDS

        def do_GET(self) -> None:
            path = self.path.split("?")[0]
            page = pages.get(path)
            if page is None:
                self._answer(404, b"try /metrics, /healthz or /readyz\n", _TEXT)
                return
            body = page()
            kind = CONTENT_TYPE_LATEST if path == "/metrics" else _TEXT
            self._answer(200 if body else 503, body or b"not yet\n", kind)

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: a probe every few seconds would drown the log."""

    return Handler
