"""Logging in without a browser of our own, and staying logged in (RFC 8628, RFC 6749).

A refresh uses up its refresh token, so whoever refreshes must store the answer before anything
else; where that is stored is the caller's concern.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum

import httpx

from thegrid.client import _wire
from thegrid.client._call import call
from thegrid.client._http import Closing, Sender
from thegrid.client.clock import Clock, clock_for
from thegrid.client.endpoints import Endpoints
from thegrid.client.errors import GridError, InDoubt, RateLimited, Refused, Unreachable
from thegrid.core.model import DeviceLogin, TokenPair
from thegrid.core.secret import Secret

PUBLIC_CLIENT_ID = "grid-cli-public"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
SLOW_DOWN_SECONDS = 5
"""RFC 8628, section 3.5: what `slow_down` adds to the interval for good."""


class Waiting(Enum):
    """A device login that no person has decided on yet."""

    PENDING = "authorization_pending"
    SLOW_DOWN = "slow_down"


class OAuth(Closing):
    """The market's OAuth server. Safe for several threads.

    Args:
        endpoints: Where the market is.
        client_id: Which program asks; the vendor's public one unless the user registered another.
        transport: Another network than the real one, for tests.
        clock: Another clock than the market's usual one, for tests.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        *,
        client_id: str = PUBLIC_CLIENT_ID,
        transport: httpx.BaseTransport | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._base = endpoints.platform + endpoints.platform_prefix
        self._client_id = client_id
        self._clock = clock or clock_for(endpoints)
        self._sender = Sender(self._clock, transport=transport)

    def close(self) -> None:
        """Close the connections."""
        self._sender.close()

    def scopes(self) -> tuple[str, ...]:
        """Read which scopes this client may ask for (`GET /oauth/scopes`).

        Returns:
            The scopes, such as `keys:manage`.

        Raises:
            NotFound: The market does not know the client.
            Refused: The market said no.
            Unreachable: No usable answer came.
        """
        query = {"client_id": self._client_id}
        return self._sender.read(
            call("GET", self._base, "/oauth/scopes", query=query), _wire.scopes
        )

    def start_device_login(self, scopes: Iterable[str]) -> DeviceLogin:
        """Ask for a code that a person approves in a browser.

        Args:
            scopes: What the login shall be allowed to do, such as `keys:manage`.

        Returns:
            The code and where to enter it.

        Raises:
            Refused: The client or a scope is not accepted.
            Unreachable: No usable answer came.
            InDoubt: No usable answer came; the code, if any, dies by itself.
        """
        body = {"client_id": self._client_id, "scope": " ".join(scopes)}
        look_for = "nothing: an unused code dies by itself"
        request = call("POST", self._base, "/oauth/device/code", body=body, look_for=look_for)
        now = self._clock.now()
        return self._sender.read(request, lambda answer: _wire.device_login(answer, now=now))

    def poll_device_login(self, login: DeviceLogin) -> TokenPair | Waiting:
        """Ask once whether a person has approved. Wait the interval before each call.

        Args:
            login: What `start_device_login` returned.

        Returns:
            The tokens, or how to go on waiting.

        Raises:
            Refused: The person refused (`access_denied`) or the code died (`expired_token`).
            Unreachable: Nothing was sent.
            InDoubt: No usable answer came; poll again.
        """
        try:
            return self._token(
                {"grant_type": DEVICE_GRANT, "device_code": login.device_code.reveal()},
                look_for="the login by polling again",
            )
        except Refused as refusal:
            if refusal.code in {waiting.value for waiting in Waiting}:
                return Waiting(refusal.code)
            raise

    def wait_for_device_login(self, login: DeviceLogin, wait: Callable[[float], None]) -> TokenPair:
        """Poll until a person has approved, through passing trouble, until the code dies.

        Args:
            login: What `start_device_login` returned.
            wait: Waits for some seconds; it is called before each poll (RFC 8628, section 3.5).

        Returns:
            The tokens.

        Raises:
            Refused: The person refused (`access_denied`) or the code died (`expired_token`).
            Unreachable: The code died, and the market did not say so.
            InDoubt: The code died while no usable answer came.
        """
        interval = login.interval_seconds
        while True:
            wait(interval)
            try:
                answer = self.poll_device_login(login)
            except (InDoubt, RateLimited, Unreachable):
                if self._clock.now() >= login.expires_at:
                    raise
                continue
            if isinstance(answer, TokenPair):
                return answer
            if answer is Waiting.SLOW_DOWN:
                interval += SLOW_DOWN_SECONDS
            if self._clock.now() >= login.expires_at:
                raise Unreachable("POST /oauth/token: nobody decided before the code died")

    def refresh(self, refresh_token: Secret) -> TokenPair:
        """Trade a refresh token for a new pair. The old token is spent from here on.

        Args:
            refresh_token: The token to spend.

        Returns:
            The new pair; where the server gave no new refresh token, the old one.

        Raises:
            Refused: The token is spent, revoked or expired (`invalid_grant`): log in again.
            Unreachable: Nothing was sent; the token is not spent.
            InDoubt: No usable answer came; the token may be spent and the new pair lost.
        """
        pair = self._token(
            {"grant_type": "refresh_token", "refresh_token": refresh_token.reveal()},
            look_for="whether the refresh token still works",
        )
        if pair.refresh is not None:
            return pair
        return TokenPair(pair.access, refresh_token, pair.expires_at, pair.scopes)

    def revoke(self, token: Secret) -> bool:
        """End an access or refresh token. A failure is no error, since tokens die by themselves.

        Args:
            token: The token.

        Returns:
            Whether the market confirmed it.
        """
        body = {"token": token.reveal()}
        request = call("POST", self._base, "/oauth/revoke", body=body, look_for="nothing")
        try:
            self._sender.send(request)
        except GridError:
            return False
        return True

    def _token(self, grant: dict[str, str], *, look_for: str) -> TokenPair:
        body = grant | {"client_id": self._client_id}
        request = call("POST", self._base, "/oauth/token", body=body, look_for=look_for)
        now = self._clock.now()  # before it is sent, so that no token is thought to live longer
        return self._sender.read(request, lambda answer: _wire.token_pair(answer, now=now))
