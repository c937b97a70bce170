"""The world beyond this process: the doors of markets, the time, and waiting.

What belongs here: whatever but the API server (`kube`) an answer or a moment can come from. Tests
run the operator in another world, with a market in the same process and a clock that they move.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from thegrid.client import Client, Clock, Endpoints, OAuth, clock_for
from thegrid.client.first_answer import FirstAnswer, first_answer
from thegrid.client.inference import catalogue_checks_keys
from thegrid.client.key_check import KeyCheck
from thegrid.core.egress import Address, Answer, Outcome
from thegrid.core.secret import Secret
from thegrid_operator.resolving import NameServer, ask_all, name_servers_in

PATIENCE_SECONDS = 2.0
"""Who sleeps for one account's limit is missed by all others; the queue waits for longer."""

_RESOLV_CONF = Path("/etc/resolv.conf")
_DNS_PORT = 53


class Outside:
    """The real world.

    Args:
        asked: Told of every request to a market's platform: method and status, 0 for no answer.
    """

    def __init__(self, asked: Callable[[str, int], None] | None = None) -> None:
        self._asked = asked
        self._key_check = KeyCheck()

    def clock(self, endpoints: Endpoints | None = None) -> Clock:
        """Return the clock to use with a market, or by itself."""
        return clock_for(endpoints) if endpoints else Clock()

    def client(self, endpoints: Endpoints, token: Secret) -> Client:
        """Open a market's platform with an access token."""
        return Client(endpoints, token, patience=PATIENCE_SECONDS, asked=self._asked)

    def oauth(self, endpoints: Endpoints) -> OAuth:
        """Open a market's OAuth server."""
        return OAuth(endpoints)

    def accepts(self, endpoints: Endpoints, key: Secret) -> bool:
        """Ask whether a market accepts a consumption key."""
        return self._key_check.accepts(endpoints, key)

    def first_answer(self, endpoints: Endpoints, key: Secret, model: str) -> FirstAnswer:
        """Ask where a market would send an inference call, without going there."""
        return first_answer(endpoints, key, model)

    def checks_keys(self, endpoints: Endpoints) -> bool:
        """Ask whether a market's catalogue refuses wrong keys."""
        return catalogue_checks_keys(endpoints)

    def resolve(
        self, servers: Sequence[tuple[Address, int]], hosts: Iterable[str]
    ) -> tuple[Answer, ...]:
        """Ask name servers for the addresses of hosts.

        Args:
            servers: Addresses and ports; none for those that this process uses itself.
            hosts: The names.

        Returns:
            What each server said about each host, failures included.
        """
        servers = servers or [(it, _DNS_PORT) for it in name_servers_in(_own_resolv_conf())]
        if servers:
            return ask_all([NameServer(*server) for server in servers], hosts)
        where, problem = str(_RESOLV_CONF), "it names no name server"
        return tuple(Answer(it, where, 4, Outcome.FAILED, problem=problem) for it in hosts)

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        return time.monotonic()

    def event(self) -> threading.Event:
        """Return what a thread waits on for an end."""
        return threading.Event()

    def condition(self) -> threading.Condition:
        """Return what workers wait on for work."""
        return threading.Condition()


def _own_resolv_conf() -> str:
    try:
        return _RESOLV_CONF.read_text()
    except OSError:
        return ""
