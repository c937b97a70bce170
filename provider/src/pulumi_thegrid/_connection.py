"""One connection of a process to one market, with one login.

What belongs here: what is asked once and shared, and the refusal to act in another account. What
does not: where the login comes from (`_login`). Nothing is asked of the market before a resource
needs it, so that a preview needs no login.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from pulumi_thegrid._lifecycles.holders import Holders
from pulumi_thegrid._lifecycles.shared_listing import SharedListing
from pulumi_thegrid._login import Login, find_login, settings_of_environment
from pulumi_thegrid._settings import CONFIGURATION, ROTATION_KEY, ROTATION_MODES
from thegrid.client import Client, Clock, Misuse, WrongAccount, clock_for
from thegrid.client.profile_store import FILE_VARIABLE


class Connection:
    """One login to one market. Safe for several threads.

    Args:
        login: The login, or why there is none.
        hold: Whether the clock is ignored when it is decided if a key is rotated.
    """

    def __init__(self, login: Login, *, hold: bool = False) -> None:
        self.login = login
        self.endpoints = login.endpoints
        self.clock: Clock = clock_for(login.endpoints)
        self.hold = hold
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._account_id: str | None = None
        self.listings: defaultdict[str, SharedListing] = defaultdict(SharedListing)
        """What creations look at, by the kind of key."""
        self.holders = Holders()

    def client(self) -> Client:
        """Return the client.

        Raises:
            Misuse: There is no login that can be used.
        """
        with self._lock:
            if self._client is None:
                if self.login.source is None:
                    raise Misuse(self.login.problem)
                self._client = Client(self.endpoints, self.login.source)
            return self._client

    def account_id(self) -> str:
        """Return the user id of the login, which is asked for once.

        Raises:
            Misuse: There is no login that can be used.
            Refused: The market does not accept the login.
            Unreachable: No usable answer came.
        """
        client = self.client()
        with self._lock:
            if self._account_id is None:
                self._account_id = client.account().user_id
            return self._account_id

    def close(self) -> None:
        """Let go of what is open; a later use opens it again."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def client_of(self, account_id: str) -> Client:
        """Return the client for things that were made in an account.

        Raises:
            WrongAccount: The login belongs to another account.
            Misuse: There is no login that can be used.
            Refused: The market does not accept the login.
            Unreachable: No usable answer came.
        """
        actual = self.account_id()
        if actual != account_id:
            raise WrongAccount(account_id, actual)
        return self.client()


def connect(setting: Callable[[str], Any]) -> Connection:
    """Make the connection of a provider process, or return the one that it has already.

    Args:
        setting: Returns a value of the configuration namespace `thegrid` by its key, or None.

    Returns:
        The connection; providers with the same settings share it.

    Raises:
        Misuse: An address or the rotation mode cannot be used, or a refresh token was given.
    """
    said = {name: setting(key) for name, key in CONFIGURATION.items()}
    configured = {name: str(value) for name, value in said.items() if value}
    mode = setting(ROTATION_KEY) or ROTATION_MODES[0]
    if mode not in ROTATION_MODES:
        raise Misuse(f"thegrid:{ROTATION_KEY}: {mode!r} is not allowed; write clock or hold")
    layers = (configured, settings_of_environment(os.environ))
    profiles = os.environ.get(FILE_VARIABLE)
    identity = (*(tuple(sorted(layer.items())) for layer in layers), mode, profiles)
    with _connections_lock:
        if identity not in _connections:
            login = find_login(configured, os.environ)
            _connections[identity] = Connection(login, hold=mode == "hold")
        return _connections[identity]


_connections: dict[object, Connection] = {}
_connections_lock = threading.Lock()


@atexit.register
def _close_all() -> None:
    for connection in _connections.values():
        connection.close()
