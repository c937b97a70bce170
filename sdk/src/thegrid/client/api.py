"""The market for programs: one method per endpoint, core values in and out.

Routes and scopes follow The Grid's documentation, "Platform API" and "Trading API".
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote

import httpx

from thegrid.client import _wire
from thegrid.client._auth import BearerAuth, FixedToken, SignatureAuth, TokenSource
from thegrid.client._http import Closing, Sender, call
from thegrid.client.clock import Clock, clock_for
from thegrid.client.endpoints import Endpoints
from thegrid.client.errors import Misuse, NotFound
from thegrid.client.signing_key import SigningKey
from thegrid.core.model import (
    Account,
    AccountMode,
    AccountSettings,
    ConsumptionKey,
    KeyListing,
    MintedKey,
    TradingKey,
)
from thegrid.core.secret import Secret
from thegrid.core.settings import SetAutoReload


class Client(Closing):
    """Talks to one market with one login. Safe for several threads; never pickled.

    Every method raises `Refused` (the market said no), `Unreachable` (no usable answer, asking
    again is safe) and, where it creates something, `InDoubt` (no usable answer, it may exist).

    Args:
        endpoints: Where the market is.
        login: An access token, a source of tokens, or a trading key; a trading key opens the
            trading host only.
        transport: Another network than the real one, for tests.
        clock: Another clock than the market's usual one, for tests.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        login: Secret | TokenSource | SigningKey,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.endpoints = endpoints
        self.clock = clock or clock_for(endpoints)
        self._platform = endpoints.platform + endpoints.platform_prefix
        self._sender = Sender(self.clock, auth=_auth(login, self.clock), transport=transport)

    def close(self) -> None:
        """Close the connections."""
        self._sender.close()

    def account(self) -> Account:
        """Read which account the login belongs to (`GET /users/self`, scope `account:read`)."""
        return self._sender.read(call("GET", self._platform, "/users/self"), _wire.account)

    def trading_account(self) -> Account:
        """Read the same on the trading host (`GET /me`), which a trading key opens too."""
        return self._sender.read(call("GET", self.endpoints.trading, "/me"), _wire.account)

    def list_consumption_keys(self) -> KeyListing:
        """List all consumption keys, revoked ones included (`GET /api-keys`, `keys:manage`)."""
        request = call("GET", self._platform, "/api-keys")
        answer = self._sender.send(request)
        keys = self._sender.read_answer(request, answer, _wire.consumption_keys)
        return KeyListing(keys, self._time_of(answer))

    def create_consumption_key(self, name: str, expires_at: datetime | None = None) -> MintedKey:
        """Make a consumption key (`POST /api-keys`, scope `keys:manage`).

        Args:
            name: Free text; a name that tells the key apart is what a doubt is settled by.
            expires_at: When it dies by itself, or None for never.

        Returns:
            The key with its secret, which no later call can give again.

        Raises:
            Refused: The market said no.
            Unreachable: Nothing was sent.
            InDoubt: The key may exist; its secret is lost.
        """
        key = {"name": name} | ({"expires_at": _wire.time_text(expires_at)} if expires_at else {})
        look_for = f"a consumption key named {name!r}"
        body = {"api_key": key}
        request = call("POST", self._platform, "/api-keys", body=body, look_for=look_for)
        return self._sender.read(request, _wire.minted_key)

    def revoke_consumption_key(self, key_id: str) -> None:
        """Revoke a consumption key (`DELETE /api-keys/{id}`); an unknown one counts as gone."""
        self._delete("/api-keys", key_id)

    def find_consumption_key(self, key_id: str) -> ConsumptionKey | None:
        """Return one consumption key from the listing, revoked or not, or None."""
        return next((key for key in self.list_consumption_keys().keys if key.id == key_id), None)

    def list_trading_keys(self) -> tuple[TradingKey, ...]:
        """List all trading keys, revoked ones included (`GET /signing-keys`, `keys:manage`)."""
        return self._sender.read(call("GET", self._platform, "/signing-keys"), _wire.trading_keys)

    def create_trading_key(self, label: str, public_key: str) -> TradingKey:
        """Register a public key for trading (`POST /signing-keys`, scope `keys:manage`).

        Args:
            label: Free text; it cannot be changed later.
            public_key: Base64 of the 32 raw bytes.

        Returns:
            The registered key.

        Raises:
            Refused: The market said no; an active key cannot be registered twice.
            Unreachable: Nothing was sent.
            InDoubt: The key may be registered.
        """
        body = {"signing_key": {"label": label, "public_key": public_key}}
        look_for = f"a trading key labelled {label!r}"
        request = call("POST", self._platform, "/signing-keys", body=body, look_for=look_for)
        return self._sender.read(request, lambda answer: _wire.trading_key(answer["data"]))

    def revoke_trading_key(self, key_id: str) -> None:
        """Revoke a trading key (`DELETE /signing-keys/{id}`); an unknown one counts as gone."""
        self._delete("/signing-keys", key_id)

    def settings(self) -> AccountSettings:
        """Read the account's settings (`GET /self/system-settings`, scope `account:read`)."""
        request = call("GET", self._platform, "/self/system-settings")
        return self._sender.read(request, _wire.settings)

    def set_account_mode(self, mode: AccountMode) -> None:
        """Write the account's mode (`POST …/account-mode`, scope `account:write`)."""
        path = "/self/system-settings/account-mode"
        look_for = "the mode in the account's settings"
        request = call("POST", self._platform, path, body={"mode": mode}, look_for=look_for)
        self._sender.send(request)

    def set_auto_buy(self, *, enabled: bool) -> None:
        """Write whether units are bought when they run out (`PATCH …/auto-buy`)."""
        path = "/self/system-settings/auto-buy"
        self._sender.send(call("PATCH", self._platform, path, body={"auto_buy_enabled": enabled}))

    def set_auto_reload(self, change: SetAutoReload) -> None:
        """Write reload settings; what is None stays as it is (`PATCH …/auto_reload`)."""
        path = "/self/system-settings/auto_reload"
        body = _wire.auto_reload_body(change)
        self._sender.send(call("PATCH", self._platform, path, body=body))

    def _delete(self, path: str, key_id: str) -> None:
        if not key_id.strip("."):  # "", "." and ".." would name another path
            raise Misuse(f"key_id: {key_id!r} is not an identifier")
        try:
            self._sender.send(call("DELETE", self._platform, f"{path}/{quote(key_id, safe='')}"))
        except NotFound:
            return

    def _time_of(self, answer: httpx.Response) -> datetime:
        try:
            time = parsedate_to_datetime(answer.headers["date"])
        except (KeyError, ValueError):
            return self.clock.now()
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def _auth(login: Secret | TokenSource | SigningKey, clock: Clock) -> httpx.Auth:
    if isinstance(login, SigningKey):
        return SignatureAuth(login, clock)
    return BearerAuth(FixedToken(login) if isinstance(login, Secret) else login)
