"""Which market to talk to and as whom, as Pulumi's configuration and the environment say.

Credentials come, in Pulumi's usual order, from the arguments of an explicit provider, from the
stack's configuration, and from `THEGRID_*` variables. Nothing is asked of the market before a
resource needs it, so that a preview needs no login.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

from thegrid.client import Client, Clock, Endpoints, Misuse, WrongAccount, clock_for, credentials

CONFIGURATION = {
    "access_token": "accessToken",
    "platform_url": "platformUrl",
    "trading_url": "tradingUrl",
    "consumption_url": "consumptionUrl",
    "messages_url": "messagesUrl",
    "platform_prefix": "platformPrefix",
    "refresh_token": "refreshToken",
}
"""The settings, and the key of each in the configuration namespace `thegrid`."""

ROTATION_KEY = "rotation"
ROTATION_MODES = ("clock", "hold")


class Connection:
    """One login to one market. Safe for several threads.

    Args:
        layers: Settings by the names of `thegrid.client.credentials.ENVIRONMENT`, the strongest
            first.
        hold: Whether the clock is ignored when it is decided if a key is rotated.

    Raises:
        Misuse: An address cannot be used.
    """

    def __init__(self, *layers: Mapping[str, str], hold: bool = False) -> None:
        self.endpoints: Endpoints = credentials.settle_endpoints(*layers)
        self.clock: Clock = clock_for(self.endpoints)
        self.hold = hold
        self._layers = layers
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._account_id: str | None = None

    def client(self) -> Client:
        """Return the client.

        Raises:
            Misuse: There is no access token, or a refresh token was given.
        """
        with self._lock:
            if self._client is None:
                settled = credentials.settle(*self._layers)
                self._client = Client(settled.endpoints, settled.access_token)
            return self._client

    def account_id(self) -> str:
        """Return the user id of the login, which is asked for once.

        Raises:
            Misuse: There is no access token, or a refresh token was given.
            Refused: The market does not accept the login.
            Unreachable: No usable answer came.
        """
        client = self.client()
        with self._lock:
            if self._account_id is None:
                self._account_id = client.account().user_id
            return self._account_id

    def client_of(self, account_id: str) -> Client:
        """Return the client for things that were made in an account.

        Raises:
            WrongAccount: The login belongs to another account.
            Misuse: There is no access token, or a refresh token was given.
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
        Misuse: An address or the rotation mode cannot be used.
    """
    configured = {name: setting(key) for name, key in CONFIGURATION.items()}
    layers = (
        {name: str(value) for name, value in configured.items() if value},
        credentials.from_environment(os.environ),
    )
    mode = setting(ROTATION_KEY) or ROTATION_MODES[0]
    if mode not in ROTATION_MODES:
        raise Misuse(f"thegrid:{ROTATION_KEY}: {mode!r} is not allowed; write clock or hold")
    identity = (*(tuple(sorted(layer.items())) for layer in layers), mode)
    with _connections_lock:
        if identity not in _connections:
            _connections[identity] = Connection(*layers, hold=mode == "hold")
        return _connections[identity]


_connections: dict[object, Connection] = {}
_connections_lock = threading.Lock()
