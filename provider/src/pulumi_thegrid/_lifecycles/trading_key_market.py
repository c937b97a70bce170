"""The trading keys of an account: registered, proven by a signature, revoked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pulumi_thegrid._connection import Connection
from pulumi_thegrid._lifecycles.key_market import KeyMarket
from pulumi_thegrid._lifecycles.key_record import Declaration, KeyRecord, StoredKey
from thegrid.client import Client, Misuse, SigningKey, WrongAccount
from thegrid.client.signing_key import FINGERPRINT_PREFIX_LENGTH, fingerprint, parse_public_key
from thegrid.core.identity import KeyTag, owned_by
from thegrid.core.model import TradingKey
from thegrid.core.rotation import HeldKey, Mint


class TradingKeyMarket(KeyMarket[TradingKey]):
    """An account's trading keys.

    Args:
        client: The market.
        connection: Where the trading host is, and which key the provider itself signs with.
        listed: What the market has listed.
    """

    def __init__(
        self, client: Client, connection: Connection, listed: Iterable[TradingKey]
    ) -> None:
        self._client = client
        self._connection = connection
        super().__init__(listed)

    def refuse_to_revoke(self, key_ids: Iterable[str]) -> None:
        """Refuse to revoke the key that the provider itself signs with."""
        for key in filter(None, map(self.find, key_ids)):
            refuse_own_key(self._connection, key.id, key.fingerprint_prefix)

    def mint(
        self, action: Mint, wanted: Declaration, now: datetime, record: KeyRecord | None = None
    ) -> StoredKey:
        """Generate a pair, or take the one that was brought along, and register it.

        A public key that is registered for this resource already, because an answer was lost or
        a replaced half still lives, is revoked first: the market takes an active key only once.
        """
        pair = None if wanted.public_key else SigningKey.generate()
        public_key = pair.public_key if pair else str(wanted.public_key)
        if pair is None:
            for key_id in self._registrations(public_key, action, record):
                self.revoke(key_id)
        made = self._client.create_trading_key(action.name, public_key)
        held = HeldKey(made.id, action.number, now, None)
        return StoredKey(held, pair.private_key if pair else None, public_key)

    def adopt(self, key_id: str, wanted: Declaration, tag: KeyTag, now: datetime) -> StoredKey:
        """Take over a key, whose fingerprint must be that of the public key if one is given."""
        adopted = super().adopt(key_id, wanted, tag, now)
        if wanted.public_key and adopted.held.id not in self._printed(wanted.public_key):
            raise Misuse(f"public_key: is not that of key {key_id}, which is to be adopted")
        return adopted

    def prove(self, key: StoredKey, account_id: str) -> None:
        """Read the account on the trading host, signed with the new key."""
        if key.secret is None:
            return
        signing, clock = SigningKey.parse(key.secret.reveal()), self._connection.clock
        with Client(self._connection.endpoints, signing, clock=clock) as client:
            opened = client.trading_account().user_id
        if opened != account_id:
            raise WrongAccount(account_id, opened)

    def _revoke(self, key_id: str) -> None:
        self._client.revoke_trading_key(key_id)

    def _registrations(self, public_key: str, action: Mint, record: KeyRecord | None) -> list[str]:
        """Return this resource's live keys whose fingerprints begin as that of a public key."""
        tag = KeyTag.parse(action.name)
        mine = owned_by(tag.owner, tuple(self._listed.values())).keys() if tag else set()
        held = {key.held.id for key in record.stored()} if record else set()
        return [key_id for key_id in self._printed(public_key) if key_id in mine | held]

    def _printed(self, public_key: str) -> list[str]:
        """Return the account's live keys that may be a public key: listings give a beginning."""
        prefix = fingerprint(parse_public_key(public_key))[:FINGERPRINT_PREFIX_LENGTH]
        keys = self._listed.values()
        return [key.id for key in keys if key.is_active and key.fingerprint_prefix == prefix]


def refuse_own_key(connection: Connection, key_id: str, printed: str) -> None:
    """Raise Misuse where a fingerprint, or its beginning, is that of the provider's own key."""
    own = connection.login.signing_fingerprint
    if own and printed and own.startswith(printed):
        raise Misuse(
            f"key {key_id} is the one that the provider's own profile signs with, so it is not "
            "revoked: put another signing_key into the profile first"
        )
