"""A trading key, generated here or brought along by its public half. Replaced, never changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pulumi_thegrid._connection import Connection
from pulumi_thegrid._lifecycles.checks import Check
from pulumi_thegrid._lifecycles.lifecycle import Checked, Difference, Lifecycle, Properties
from thegrid.client import Misuse, SigningKey
from thegrid.client.signing_key import FINGERPRINT_PREFIX_LENGTH, fingerprint, parse_public_key
from thegrid.core.identity import KeyTag, Owner
from thegrid.core.model import TradingKey

_DECLARED = frozenset({"label", "public_key"})
_FIXED = (
    "label",
    "public_key",
    "private_key",
    "fingerprint",
    "key_id",
    "number",
    "owner",
    "account_id",
)


class TradingKeyLifecycle(Lifecycle):
    """The label at the market carries the owner's tag, by which a lost answer is found again."""

    kind = "TradingKey"
    label_field = "label"
    inputs = _DECLARED | {"owner"}
    secret_outputs = frozenset({"private_key"})

    def check(self, inputs: Properties) -> Checked:
        """Check the label and, where one is brought along, the public key."""
        check = Check(inputs, self.inputs)
        check.label("label")
        if check.known("public_key"):
            try:
                parse_public_key(str(inputs["public_key"]))
            except Misuse as error:
                check.refuse("public_key", str(error).removeprefix("public_key: "))
        return check.result()

    def diff(self, connection: Connection, old: Properties, new: Properties) -> Difference:  # noqa: ARG002
        """Another label or public key is another key; one that is unknown yet may be another."""
        replaces = []
        if new.get("label") != old["label"]:
            replaces.append("label")
        if "public_key" not in new or _another_public_key(old, new["public_key"]):
            replaces.append("public_key")
        strays = old.get("strays") or ()
        notice = f"to be revoked, since their private keys were lost: {', '.join(strays)}"
        return Difference(
            changes=bool(replaces or strays),
            replaces=tuple(replaces),
            notices=(notice,) if strays else (),
        )

    def create(self, connection: Connection, inputs: Properties) -> tuple[str, dict[str, Any]]:
        """Look the owner up, then register.

        A public key that this owner has registered already, because the answer was lost or because
        a replaced half still lives, is revoked first: the market takes an active key only once.
        """
        owner, brought = Owner(inputs["owner"]), inputs.get("public_key")
        account_id, client = connection.account_id(), connection.client()
        listed = client.list_trading_keys()
        pair = None if brought else SigningKey.generate()
        public_key = pair.public_key if pair else str(brought)
        full = fingerprint(parse_public_key(public_key))
        live = [key for _, key in _owned(owner, listed) if key.is_active]
        for key in live:
            if _is_printed(key, full):
                client.revoke_trading_key(key.id)
        number = 1 + max((number for number, _ in _owned(owner, listed)), default=0)
        name = KeyTag(owner, number).name(inputs["label"])
        made = client.create_trading_key(name, public_key)
        return made.id, {
            "label": inputs["label"],
            "public_key": public_key,
            "private_key": pair and pair.private_key.reveal(),
            "fingerprint": full,
            "key_id": made.id,
            "number": number,
            "strays": [key.id for key in live if not _is_printed(key, full)],
            "owner": owner,
            "account_id": account_id,
        }

    def read(self, connection: Connection, old: Properties) -> dict[str, Any] | None:
        """Look the key up; a revoked or missing one is gone."""
        listed = connection.client_of(old["account_id"]).list_trading_keys()
        live = {key.id for key in listed if key.is_active}
        if old["key_id"] not in live:
            return None
        owned = [key.id for _, key in _owned(Owner(old["owner"]), listed) if key.is_active]
        return _repeated(old, strays=[key_id for key_id in owned if key_id != old["key_id"]])

    def update(self, connection: Connection, old: Properties, new: Properties) -> dict[str, Any]:  # noqa: ARG002
        """Revoke the strays; everything else is a replacement."""
        client = connection.client_of(old["account_id"])
        for key_id in old.get("strays") or ():
            client.revoke_trading_key(key_id)
        return _repeated(old, strays=[])

    def delete(self, connection: Connection, old: Properties) -> tuple[str, ...]:
        """Revoke the key and the owner's earlier ones, but not a replacement's."""
        client = connection.client_of(old["account_id"])
        listed = client.list_trading_keys()
        named = {old["key_id"], *(old.get("strays") or ())}
        earlier = {
            key.id for number, key in _owned(Owner(old["owner"]), listed) if number <= old["number"]
        }
        for key in listed:
            if key.is_active and key.id in named | earlier:
                client.revoke_trading_key(key.id)
        return ()


def _repeated(old: Properties, *, strays: list[str]) -> dict[str, Any]:
    return {name: old.get(name) for name in _FIXED} | {"strays": strays}


def _another_public_key(old: Properties, declared: str | None) -> bool:
    generated = old.get("private_key") is not None
    if declared is None or generated:
        return generated is not (declared is None)
    registered: str = old["fingerprint"]
    return fingerprint(parse_public_key(declared)) != registered


def _owned(owner: Owner, keys: Iterable[TradingKey]) -> list[tuple[int, TradingKey]]:
    """Return the keys whose labels carry the owner's tag, with their numbers."""
    tagged = ((KeyTag.parse(key.label), key) for key in keys)
    return [(tag.number, key) for tag, key in tagged if tag and tag.owner == owner]


def _is_printed(key: TradingKey, full: str) -> bool:
    """Tell whether a listed key may be the one with a fingerprint; listings give its beginning."""
    return key.fingerprint_prefix == full[:FINGERPRINT_PREFIX_LENGTH]
