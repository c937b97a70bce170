"""What every part of the client stands on: the market's addresses, a sender, and short ways to ask.

What belongs here: what several subjects share. What does not: any endpoint; those are in one file
per subject, and `api` puts them together.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping

from thegrid.client import _wire
from thegrid.client._call import Filter, call
from thegrid.client._http import Closing, Sender
from thegrid.client._listing import Listing, listing
from thegrid.client._wire import T
from thegrid.client.clock import Clock
from thegrid.client.endpoints import Endpoints


class Api(Closing):
    """One login at one market.

    Args:
        endpoints: Where the market is.
        clock: Tells the time.
        sender: Sends the requests, with the login.
    """

    def __init__(self, endpoints: Endpoints, clock: Clock, sender: Sender) -> None:
        self.endpoints = endpoints
        self.clock = clock
        self._platform = endpoints.platform + endpoints.platform_prefix
        self._trading = endpoints.trading
        self._sender = sender

    def close(self) -> None:
        """Close the connections."""
        self._sender.close()

    def _get(
        self,
        base: str,
        path: str,
        reader: Callable[[_wire.Json], T],
        query: Mapping[str, Filter] | None = None,
    ) -> T:
        return self._sender.read(call("GET", base, path, query=query), reader)

    def _get_data(self, path: str, reader: Callable[[_wire.Json], T]) -> T:
        """Read one object of the trading host, which stands in the envelope `data`."""
        return self._get(self._trading, path, lambda body: reader(body["data"]))

    def _list(
        self,
        path: str,
        reader: Callable[[_wire.Json], T],
        identity: Callable[[T], Hashable],
        query: Mapping[str, Filter],
        keep: Callable[[T], bool] = lambda _: True,
    ) -> Listing[T]:
        """Open a listing of the trading host."""
        return listing(self._sender, self._trading, path, reader, identity, query=query, keep=keep)
