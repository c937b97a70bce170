"""A consumption key from its first mint to its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pulumi_thegrid._connection import Connection
from pulumi_thegrid._lifecycles.checks import Check
from pulumi_thegrid._lifecycles.key_market import KeyMarket
from pulumi_thegrid._lifecycles.key_record import (
    Declaration,
    KeyRecord,
    StoredKey,
    read_held,
    written_held,
)
from pulumi_thegrid._lifecycles.lifecycle import Checked, Properties, time_text
from pulumi_thegrid._lifecycles.rotating_key import RotatingKeyLifecycle
from thegrid.client import Client, Endpoints, Misuse, perform
from thegrid.client.environment import variables_for
from thegrid.core.model import ConsumptionKey
from thegrid.core.rotation import HeldKey, Mint, Revoke
from thegrid.core.secret import Secret


class ConsumptionKeyLifecycle(RotatingKeyLifecycle):
    """The answer to its creation is all the test that a new key gets, so it is current at once."""

    kind = "ConsumptionKey"
    label_field = "name"
    asked_by = "the name or the triggers"
    inputs = frozenset({"name", "rotate_after", "overlap", "triggers", "adopt", "owner"})
    secret_outputs = frozenset({"key", "previous_key", "env"})

    def check(self, inputs: Properties) -> Checked:
        """Check the name, the durations and that the overlap fits between two rotations."""
        check = Check(inputs, self.inputs)
        check.label("name")
        check.rotation(must_rotate=True)
        check.key_id("adopt")
        return check.result()

    def declaration(self, properties: Properties) -> Declaration:
        """Read checked inputs, or outputs."""
        return Declaration(
            label=properties["name"],
            rotate_after=properties["rotate_after"],
            overlap=properties["overlap"],
            triggers=tuple(properties.get("triggers") or ()),
            adopt=properties.get("adopt"),
        )

    def stored(self, outputs: Properties, prefix: str) -> StoredKey | None:
        """Read a recorded key; one that was adopted has no secret."""
        held, secret = read_held(outputs, prefix), outputs.get(f"{prefix}key")
        return StoredKey(held, Secret(secret) if secret else None) if held else None

    def written(self, key: StoredKey | None, prefix: str) -> Mapping[str, Any]:
        """Write a key for the record."""
        return {
            f"{prefix}key": key and key.secret and key.secret.reveal(),
            **written_held(key, prefix),
            f"{prefix}expires_at": key and time_text(key.held.expires_at),
        }

    def handed_over(self, key: StoredKey, endpoints: Endpoints) -> Mapping[str, Any]:
        """Return the environment of a workload."""
        return {"env": variables_for(endpoints, key.secret) if key.secret else None}

    def list_keys(self, client: Client) -> Iterable[ConsumptionKey]:
        """List the account's consumption keys."""
        return client.list_consumption_keys().keys

    def market(
        self,
        connection: Connection,  # noqa: ARG002
        client: Client,
        listed: Iterable[ConsumptionKey],
    ) -> KeyMarket[ConsumptionKey]:
        """Deal with the account's consumption keys."""
        return ConsumptionKeyMarket(client, listed)

    def look_up(self, connection: Connection, id_: str, inputs: Properties) -> dict[str, Any]:  # noqa: ARG002
        """Read a live key by the market's id. Its secret is never told again."""
        account_id, client = connection.account_id(), connection.client()
        key = client.find_consumption_key(id_)
        if key is None or not key.is_live(connection.clock.now()):
            raise Misuse(f"this login's account has no live key {id_}")
        return {
            "name": key.name,
            "key_id": key.id,
            "expires_at": time_text(key.expires_at),
            "account_id": account_id,
        }


class ConsumptionKeyMarket(KeyMarket[ConsumptionKey]):
    """An account's consumption keys.

    Args:
        client: The market.
        listed: What it has listed.
    """

    def __init__(self, client: Client, listed: Iterable[ConsumptionKey]) -> None:
        self._client = client
        super().__init__(listed)

    def mint(
        self,
        action: Mint,
        wanted: Declaration,  # noqa: ARG002 - only its name matters, and the action has that
        now: datetime,
        record: KeyRecord | None = None,  # noqa: ARG002
    ) -> StoredKey:
        """Make a key."""
        minted = perform.mint(self._client, action)
        expires_at = minted.key.expires_at or action.expires_at
        return StoredKey(HeldKey(minted.key.id, action.number, now, expires_at), minted.secret)

    def _revoke(self, key_id: str) -> None:
        perform.revoke(self._client, Revoke(key_id))
