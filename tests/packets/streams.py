"""One connection from a pod that stays open, over which questions are asked."""

import select
import socket
import ssl
import time
from http.client import HTTPConnection

from tests.packets.listeners import FAMILIES

_PATIENCE_SECONDS = 15.0
_POLL_SECONDS = 0.005


class Stream:
    """An open TLS connection, over which one question has been answered.

    Args:
        town: Where the pod is.
        pod: Who opens it.
        host: By what name.
        address: To which address.
    """

    def __init__(self, town, pod, host, address):
        family = FAMILIES[6 if ":" in address else 4][0]
        raw = town.net.at(pod, lambda: socket.socket(family))
        raw.settimeout(_PATIENCE_SECONDS)
        raw.connect((address, 443))
        trust = ssl.create_default_context(cafile=town.authority_file)
        self._http = HTTPConnection(host)
        self._http.sock = trust.wrap_socket(raw, server_hostname=host)
        self._enforcer = town.enforcer
        self._http.request("GET", "/")
        self._http.getresponse().read()  # what TLS has to say first has been said by now

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._http.close()

    def is_answered(self):
        """Ask once: an answer comes, or a packet is dropped on its way."""
        before = self._enforcer.refused()
        self._http.request("GET", "/")
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < give_up_at:
            if select.select([self._http.sock], [], [], _POLL_SECONDS)[0]:
                return bool(self._http.getresponse().read())
            if self._enforcer.refused() > before:
                return False
        raise AssertionError("neither an answer nor a dropped packet")
