"""The connections to the API server, and the only importer of the `kubernetes` package.

What belongs here: where the API server is, the token, and bytes. What does not: objects, guards and
errors (`kube`). The package reads the configuration and renews the token. Its client stays unused:
before each request it copied the body and looked through the whole environment for a proxy.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

import urllib3
from kubernetes import config as kubernetes_config
from kubernetes.client import Configuration
from kubernetes.client.rest import RESTClientObject

TOKEN_SECONDS = 10.0
"""How long a token is taken for current; the package reads a pod's own once a minute."""

_USER_AGENT = "thegrid-operator"
_JSON = "application/json"


Send: TypeAlias = Callable[..., urllib3.BaseHTTPResponse]
"""Sends one request, as `Wire.send` does."""


class Wire:
    """The connections of one process. Safe for several threads.

    Args:
        configuration: Where the server is and how to log in.
        clock: Seconds that only grow.
    """

    def __init__(
        self, configuration: Configuration, clock: Callable[[], float] = time.monotonic
    ) -> None:
        manager = RESTClientObject(configuration).pool_manager
        self._pool = manager.connection_from_url(configuration.host)
        by_proxy_alone = self._pool.proxy is not None and self._pool.scheme == "http"
        host = configuration.host.rstrip("/")
        self._before_paths = host if by_proxy_alone else urlsplit(host).path
        self._configuration = configuration
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
        answer: urllib3.BaseHTTPResponse = self._pool.urlopen(
            method,
            self._before_paths + path,
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
            token = self._configuration.get_api_key_with_prefix("BearerToken")
            self._login = {"Authorization": token} if token else {}
            self._current_until = self._clock() + TOKEN_SECONDS
        return self._login


def wire(kubeconfig: Path | None, *, connections: int, context: str | None) -> Send:
    """Read the configuration and make connections of it.

    Args:
        kubeconfig: A kubeconfig file, or None for the pod's ServiceAccount.
        connections: How many requests may be open at once.
        context: Which of the file's clusters and users; None takes its current one.

    Returns:
        What sends requests.

    Raises:
        Exception: Of any kind, and perhaps with a text that quotes the file.
    """
    configuration = Configuration()
    if kubeconfig is None:
        kubernetes_config.load_incluster_config(client_configuration=configuration)
    else:
        kubernetes_config.load_kube_config(
            str(kubeconfig), context=context, client_configuration=configuration
        )
    configuration.connection_pool_maxsize = connections
    return Wire(configuration).send
