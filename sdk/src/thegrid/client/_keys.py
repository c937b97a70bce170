"""Keys: those that consume and those that trade (The Grid's documentation, "Platform API")."""

from __future__ import annotations

from datetime import datetime

import httpx

from thegrid.client import _wire
from thegrid.client._base import Api
from thegrid.client._call import call, segment
from thegrid.client.clock import market_time
from thegrid.client.errors import Misuse, NotFound, Refused
from thegrid.core.model import ConsumptionKey, KeyListing, MintedKey, TradingKey

_NOT_OFFERED = (httpx.codes.NOT_FOUND, httpx.codes.METHOD_NOT_ALLOWED)


class KeysApi(Api):
    """Consumption keys and trading keys; all of it needs the scope `keys:manage`."""

    def list_consumption_keys(self) -> KeyListing:
        """List all consumption keys, revoked ones included (`GET /api-keys`, `keys:manage`)."""
        request = call("GET", self._platform, "/api-keys")
        answer = self._sender.send(request)
        keys = self._sender.read_answer(
            request, answer, _wire.consumption_keys, row=_wire.consumption_key
        )
        return KeyListing(keys, market_time(answer.headers) or self.clock.now())

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

    def consumption_key(self, key_id: str) -> ConsumptionKey:
        """Read one consumption key, without its secret (`GET /api-keys/{id}`, `keys:manage`).

        A market that does not offer this route is asked for its listing instead.

        Args:
            key_id: The market's identifier.

        Returns:
            The key, revoked or not.

        Raises:
            NotFound: The market does not know it.
            Refused: The market said no.
            Unreachable: No usable answer came.
        """
        path = f"/api-keys/{segment('key_id', key_id)}"
        try:
            return self._get(self._platform, path, lambda body: _wire.consumption_key(body["data"]))
        except Refused as refused:
            return self._listed_key(key_id, refused)

    def change_consumption_key(
        self, key_id: str, *, name: str | None = None, is_active: bool | None = None
    ) -> None:
        """Rename, deactivate or reactivate a consumption key (`PUT /api-keys/{id}`).

        A market that does not offer this route deactivates by revoking. Nothing stands in for a
        change of the name there: a new key has another secret, so make and revoke are left to the
        caller.

        Args:
            key_id: The market's identifier.
            name: The new name, or None to leave it.
            is_active: Whether the market shall accept it, or None to leave that.

        Raises:
            Misuse: Nothing is to be changed.
            NotFound: The market does not know the key.
            Refused: The market said no, or does not offer this.
            Unreachable: No usable answer came; changing again is safe.
        """
        change = _wire.consumption_key_change(name=name, is_active=is_active)
        if not change["api_key"]:
            raise Misuse("name, is_active: at least one must be given")
        path = f"/api-keys/{segment('key_id', key_id)}"
        try:
            self._sender.send(call("PUT", self._platform, path, body=change))
        except Refused as refused:
            self._listed_key(key_id, refused)
            if name is not None or is_active:
                raise
            self.revoke_consumption_key(key_id)

    def revoke_consumption_key(self, key_id: str) -> None:
        """Revoke a consumption key (`DELETE /api-keys/{id}`); an unknown one counts as gone."""
        self._delete("/api-keys", key_id)

    def find_consumption_key(self, key_id: str) -> ConsumptionKey | None:
        """Return one consumption key from the listing, revoked or not, or None."""
        return next((key for key in self.list_consumption_keys().keys if key.id == key_id), None)

    def list_trading_keys(self) -> tuple[TradingKey, ...]:
        """List all trading keys, revoked ones included (`GET /signing-keys`, `keys:manage`)."""
        return self._get(self._platform, "/signing-keys", _wire.trading_keys)

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

    def _delete(self, path: str, key_id: str) -> None:
        request = call("DELETE", self._platform, f"{path}/{segment('key_id', key_id)}")
        try:
            self._sender.send(request)
        except NotFound:
            return

    def _listed_key(self, key_id: str, refused: Refused) -> ConsumptionKey:
        """Return a key from the listing where a route for one key is not offered."""
        listed = self.find_consumption_key(key_id) if refused.status in _NOT_OFFERED else None
        if listed is None:
            raise refused
        return listed
