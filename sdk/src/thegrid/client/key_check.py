"""Asking a market whether it accepts keys, many of them over the same connections.

What belongs here: one free call with each key. What does not: spending with a key (`inference`).
A program that makes keys asks once with each: to open and close connections takes longer than to
ask, and the market pays for it too.
"""

from __future__ import annotations

import httpx

from thegrid.client import _wire
from thegrid.client._auth import BearerAuth, FixedToken
from thegrid.client._call import call
from thegrid.client._http import Closing, Sender, connections
from thegrid.client.clock import Clock, clock_for
from thegrid.client.endpoints import Endpoints
from thegrid.client.errors import LoginRejected
from thegrid.core.secret import Secret


class KeyCheck(Closing):
    """Asks markets whether they accept keys. Safe for several threads.

    Nothing of one key is kept for the next: the key is a header of its own request.

    Args:
        transport: Another network than the real one, for tests.
        clock: Another clock than the market's usual one, for tests.
    """

    def __init__(
        self, *, transport: httpx.BaseTransport | None = None, clock: Clock | None = None
    ) -> None:
        self._http = connections(transport=transport)
        self._clock = clock

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def accepts(self, endpoints: Endpoints, key: Secret) -> bool:
        """Ask as `Inference.accepts_key` does; `catalogue_checks_keys` tells what that proves.

        Args:
            endpoints: Where the market is.
            key: The consumption key.

        Returns:
            False when the key is refused with 401.

        Raises:
            Misuse: The key cannot be sent.
            Refused: Another refusal than 401, such as a rate limit.
            Unreachable: No usable answer came.
        """
        clock = self._clock or clock_for(endpoints)
        auth = BearerAuth(FixedToken(key))
        sender = Sender(clock, auth=auth, credential=key.reveal, http=self._http)
        try:
            sender.read(call("GET", endpoints.consumption, "/models"), _wire.models)
        except LoginRejected:
            return False
        return True
