"""A trading key, generated here or brought along by its public half, from first to last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
from pulumi_thegrid._lifecycles.lifecycle import Checked, Properties
from pulumi_thegrid._lifecycles.rotating_key import RotatingKeyLifecycle
from pulumi_thegrid._lifecycles.trading_key_market import (
    TradingKeyMarket,
    refuse_own_key,
)
from thegrid.client import Client, Endpoints, Misuse
from thegrid.client.signing_key import canonical_public_key, fingerprint, parse_public_key
from thegrid.core.model import TradingKey
from thegrid.core.rotation import Mint, RotationPlan
from thegrid.core.secret import Secret

_NOT_WITH_PUBLIC_KEY = (
    "cannot be given beside public_key: a key that was brought along is rotated by bringing the "
    "next one"
)


class TradingKeyLifecycle(RotatingKeyLifecycle):
    """A new key signs a request before it takes its place, where its private half is here."""

    kind = "TradingKey"
    label_field = "label"
    asked_by = "the label, the public key or the triggers"
    inputs = frozenset(
        {"label", "public_key", "rotate_after", "overlap", "triggers", "adopt", "owner"}
    )
    secret_outputs = frozenset({"private_key", "previous_private_key", "profile"})

    def check(self, inputs: Properties) -> Checked:
        """Check the label, the times and, where one is brought along, the public key."""
        check = Check(inputs, self.inputs)
        check.label("label")
        check.rotation(must_rotate=False)
        check.key_id("adopt")
        if not check.known("public_key"):
            return check.result()
        try:
            check.settle("public_key", canonical_public_key(str(inputs["public_key"])))
        except Misuse as error:
            check.refuse("public_key", str(error).removeprefix("public_key: "))
        for field in ("rotate_after", "triggers"):
            if inputs.get(field):
                check.refuse(field, _NOT_WITH_PUBLIC_KEY)
        return check.result()

    def declaration(self, properties: Properties) -> Declaration:
        """Read checked inputs, or outputs, where a private key tells that the pair is ours."""
        ours = properties.get("private_key") is not None
        return Declaration(
            label=properties["label"],
            rotate_after=properties.get("rotate_after"),
            overlap=properties["overlap"],
            triggers=tuple(properties.get("triggers") or ()),
            adopt=properties.get("adopt"),
            public_key=None if ours else properties.get("public_key"),
        )

    def stored(self, outputs: Properties, prefix: str) -> StoredKey | None:
        """Read a recorded key."""
        held, secret = read_held(outputs, prefix), outputs.get(f"{prefix}private_key")
        public_key = outputs.get(f"{prefix}public_key") or ""
        return StoredKey(held, Secret(secret) if secret else None, public_key) if held else None

    def written(self, key: StoredKey | None, prefix: str) -> Mapping[str, Any]:
        """Write a key for the record."""
        return {
            f"{prefix}private_key": key and key.secret and key.secret.reveal(),
            f"{prefix}public_key": (key and key.public_key) or None,
            f"{prefix}fingerprint": _fingerprint(key),
            **written_held(key, prefix),
        }

    def handed_over(self, key: StoredKey, endpoints: Endpoints) -> Mapping[str, Any]:
        """Return a profile for the vendor's command line."""
        if key.secret is None:
            return {"profile": None}
        return {
            "profile": {
                "auth_type": "signing_key",
                "api_url": endpoints.trading,
                "consumption_api_url": endpoints.consumption,
                "signing_key": key.secret.reveal(),
                "signing_key_fingerprint": _fingerprint(key),
            }
        }

    def list_keys(self, client: Client) -> Iterable[TradingKey]:
        """List the account's trading keys."""
        return client.list_trading_keys()

    def market(
        self, connection: Connection, client: Client, listed: Iterable[TradingKey]
    ) -> KeyMarket[TradingKey]:
        """Deal with the account's trading keys."""
        return TradingKeyMarket(client, connection, listed)

    def refuse_change(self, record: KeyRecord, done: Declaration, wanted: Declaration) -> None:
        """Refuse another label for the public key that is registered."""
        super().refuse_change(record, done, wanted)
        if (
            wanted.public_key
            and wanted.public_key == done.public_key
            and wanted.label != done.label
        ):
            raise Misuse(
                f"label: cannot become {wanted.label!r} while the same public_key is registered: "
                "the market changes no label, and takes a public key only once while it is active; "
                f"bring another public_key, or go back to {done.label!r}"
            )

    def refuse_revocation(
        self, connection: Connection, record: KeyRecord, key_ids: list[str]
    ) -> None:
        """Refuse at preview to revoke the key that the provider itself signs with."""
        for key in record.stored():
            if key.held.id in key_ids:
                refuse_own_key(connection, key.held.id, _fingerprint(key) or "")

    def notices(self, record: KeyRecord, wanted: Declaration, steps: RotationPlan) -> list[str]:
        """Say also where a new key cannot be proven."""
        notices = super().notices(record, wanted, steps)
        if wanted.public_key and any(isinstance(action, Mint) for action in steps.actions):
            notices.append(
                "the new key cannot be proven here, since its private half is not: sign with it "
                f"before the overlap of {wanted.overlap} ends"
            )
        return notices

    def look_up(self, connection: Connection, id_: str, inputs: Properties) -> dict[str, Any]:  # noqa: ARG002
        """Read a live key by the market's id. The market tells neither half of it."""
        account_id = connection.account_id()
        client = connection.client()
        key = self.market(connection, client, self.list_keys(client)).find(id_)
        if key is None or not key.is_active:
            raise Misuse(f"this login's account has no live key {id_}")
        return {"label": key.label, "key_id": key.id, "account_id": account_id}


def _fingerprint(key: StoredKey | None) -> str | None:
    return fingerprint(parse_public_key(key.public_key)) if key and key.public_key else None
