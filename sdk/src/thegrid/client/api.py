"""The market for programs: one method per endpoint, core values in and out.

What belongs here: how a client is opened. What does not: the endpoints, which are in one file per
subject.
"""

from __future__ import annotations

from collections.abc import Callable

import httpx

from thegrid.client._account import AccountApi
from thegrid.client._auth import BearerAuth, FixedToken, SignatureAuth, TokenSource
from thegrid.client._balances import BalancesApi
from thegrid.client._http import Sender
from thegrid.client._keys import KeysApi
from thegrid.client._market import MarketApi
from thegrid.client._orders import OrdersApi
from thegrid.client._retry import LONGEST_WAIT_SECONDS
from thegrid.client.clock import Clock, clock_for
from thegrid.client.endpoints import Endpoints
from thegrid.client.signing_key import SigningKey
from thegrid.core.secret import Secret


class Client(AccountApi, KeysApi, MarketApi, OrdersApi, BalancesApi):
    """Talks to one market with one login. Safe for several threads; never pickled.

    Every method raises `Refused` (the market said no), `Unreachable` (no usable answer, asking
    again is safe) and, where it creates something, `InDoubt` (no usable answer, it may exist).

    Args:
        endpoints: Where the market is.
        login: An access token, a source of tokens, or a trading key; a trading key opens the
            trading host only.
        transport: Another network than the real one, for tests.
        clock: Another clock than the market's usual one, for tests.
        patience: The longest wait for the market's limits that is slept through, in seconds; for a
            longer one `RateLimited` is raised, which says when to come back.
        asked: Told of every request's method and status; 0 stands for no answer.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        login: Secret | TokenSource | SigningKey,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Clock | None = None,
        patience: float = LONGEST_WAIT_SECONDS,
        asked: Callable[[str, int], None] | None = None,
    ) -> None:
        clock = clock or clock_for(endpoints)
        auth, credential = _login(login, clock)
        sender = Sender(
            clock,
            auth=auth,
            credential=credential,
            transport=transport,
            patience=patience,
            asked=asked,
        )
        super().__init__(endpoints, clock, sender)

    def requests_left(self) -> int | None:
        """Tell how many requests the platform has left for this login, as far as it has told."""
        return self._sender.requests_left(self._platform)


def _login(
    login: Secret | TokenSource | SigningKey, clock: Clock
) -> tuple[httpx.Auth, Callable[[], str]]:
    """Tell how requests are authenticated, and what the market counts them by."""
    if isinstance(login, SigningKey):
        return SignatureAuth(login, clock), lambda: login.fingerprint
    source = FixedToken(login) if isinstance(login, Secret) else login
    return BearerAuth(source), lambda: source.token().reveal()
