"""Core values to Secrets and back. Pure.

The record of a key's rotations lives in the annotations of two Secrets: the companion, which no
workload mounts and which alone holds pending and previous keys, and the target, which workloads
read. A swap is one write of the target; the companion follows. `read_record` therefore believes
the target where the two differ.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from thegrid.core.rotation import HeldKey, Record
from thegrid.core.secret import Secret
from thegrid_operator.kube import Json
from thegrid_operator.resources import Meta

OWNER_UID = "thegrid.ai/owner-uid"
OWNER = "thegrid.ai/owner"
RECORD = "thegrid.ai/record"
MANAGED_BY = {"app.kubernetes.io/managed-by": "thegrid-operator"}
COMPANION_TYPE = "thegrid.ai/rotation"
TARGET_TYPE = "Opaque"

_MOST_ROTATIONS = 10**8
"""A tag has room for nine digits, and numbers only grow."""

_YEARS = range(2000, 2200)
"""Times beyond are nobody's rotation, and reckoning with them could overflow."""


def companion_name(resource: str) -> str:
    """Name the companion of a `ConsumptionKey`."""
    return f"{resource}-thegrid-rotation"


@dataclass(frozen=True, slots=True)
class Holding:
    """What our two Secrets hold.

    Attributes:
        record: The rotations.
        secrets: The keys' secrets by id.
        pending_trigger: The request for a rotation that the pending key handles; it is handled
            once that key is swapped in.
    """

    record: Record
    secrets: Mapping[str, Secret]
    pending_trigger: str = ""

    def swapped(self, current: HeldKey) -> Holding:
        """Return the holding after a swap to a key; whatever was current becomes previous."""
        record, trigger = self.record, self.pending_trigger
        if record.pending and record.pending.id == current.id:
            record, trigger = replace(record, pending=None, trigger=trigger), ""
        record = replace(record, current=current, previous=self.record.current)
        return replace(self, record=record, pending_trigger=trigger)

    def without(self, strangers: Set[str]) -> Holding:
        """Return the holding without keys that are not ours, whatever an annotation claims."""

        def ours(key: HeldKey | None) -> HeldKey | None:
            return None if key and key.id in strangers else key

        record = self.record
        record = replace(
            record,
            pending=ours(record.pending),
            current=ours(record.current),
            previous=ours(record.previous),
        )
        return replace(self, record=record)


def is_ours(secret: Json, owner: Meta) -> bool:
    """Tell whether a Secret belongs to a resource."""
    return _annotations(secret).get(OWNER_UID) == owner.uid


def companion(owner: Meta, holding: Holding) -> Json:
    """Build the companion Secret."""
    record = holding.record
    slots = {"pending": record.pending, "current": record.current, "previous": record.previous}
    data = {
        slot: encode(holding.secrets[key.id].reveal())
        for slot, key in slots.items()
        if key and key.id in holding.secrets
    }
    return _secret(owner, companion_name(owner.name), COMPANION_TYPE, _write_record(holding), data)


def target(owner: Meta, name: str, current: HeldKey, entries: Mapping[str, str]) -> Json:
    """Build the Secret that workloads read.

    Args:
        owner: The resource.
        name: The Secret's name.
        current: The key that it holds.
        entries: Its content, by entry.
    """
    data = {entry: encode(value) for entry, value in entries.items()}
    return _secret(owner, name, TARGET_TYPE, json.dumps(_key_fields(current)), data)


def read_holding(companion: Json | None, target: Json | None, key_entry: str) -> Holding:
    """Read what our two Secrets hold.

    Args:
        companion: The companion, or None.
        target: The target, ours, or None.
        key_entry: The entry of the target that is the key itself.

    Returns:
        The holding. A target ahead of the companion is a swap whose second write was lost.
    """
    record = _read_record(companion)
    trigger = str(_record_fields(companion).get("pendingTrigger", ""))
    holding = Holding(record, _companion_secrets(companion, record), trigger)
    shown = _read_target(target)
    if target is None or shown is None:
        return _without_lost_keys(holding)
    if record.current is None or shown.number > record.current.number:
        holding = holding.swapped(shown)
    if holding.record.current == shown and shown.id not in holding.secrets:
        secret = decode((target.get("data") or {}).get(key_entry, ""))
        if secret:
            holding = replace(holding, secrets={**holding.secrets, shown.id: Secret(secret)})
    return _without_lost_keys(holding)


def _without_lost_keys(holding: Holding) -> Holding:
    """A key whose secret is gone serves nobody any more; its tag at the market still names it."""
    record, secrets = holding.record, holding.secrets
    record = replace(
        record,
        pending=record.pending if record.pending and record.pending.id in secrets else None,
        current=record.current if record.current and record.current.id in secrets else None,
    )
    return replace(holding, record=record)


def change(seen: Json, wanted: Json, *, whole: bool) -> Json | None:
    """Say how to turn a Secret into what is wanted.

    Args:
        seen: The Secret as read.
        wanted: What it is to hold.
        whole: Whether entries that are not wanted are removed.

    Returns:
        A merge patch, or None when nothing is to be changed.
    """
    held = seen.get("data") or {}
    data: dict[str, str | None] = {
        entry: value for entry, value in wanted["data"].items() if held.get(entry) != value
    }
    if whole:
        data |= dict.fromkeys(held.keys() - wanted["data"].keys())
    patch: Json = {"data": data} if data else {}
    for field in ("labels", "annotations"):
        has = seen["metadata"].get(field) or {}
        differs = {k: v for k, v in wanted["metadata"][field].items() if has.get(k) != v}
        if differs:
            patch.setdefault("metadata", {})[field] = differs
    return patch or None


def _secret(owner: Meta, name: str, kind: str, record: str, data: dict[str, str]) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": name,
            "namespace": owner.namespace,
            "labels": dict(MANAGED_BY),
            "annotations": {
                OWNER_UID: owner.uid,
                OWNER: f"{owner.namespace}/{owner.name}",
                RECORD: record,
            },
        },
        "type": kind,
        "data": data,
    }


def _write_record(holding: Holding) -> str:
    record = holding.record
    fields = {
        "pending": record.pending and _key_fields(record.pending),
        "current": record.current and _key_fields(record.current),
        "previous": record.previous and _key_fields(record.previous),
        "trigger": record.trigger,
        "pendingTrigger": record.pending and holding.pending_trigger,
    }
    return json.dumps({name: value for name, value in fields.items() if value})


def _read_record(companion: Json | None) -> Record:
    fields = _record_fields(companion)
    try:
        return Record(
            pending=_read_key(fields.get("pending")),
            current=_read_key(fields.get("current")),
            previous=_read_key(fields.get("previous")),
            trigger=str(fields.get("trigger", "")),
        )
    except (KeyError, TypeError, ValueError):
        return Record()  # edited by hand: what it named is found by its tag at the market


def _read_target(target: Json | None) -> HeldKey | None:
    try:
        return _read_key(_record_fields(target))
    except (KeyError, TypeError, ValueError):
        return None


def _record_fields(secret: Json | None) -> dict[str, Any]:
    try:
        fields = json.loads(_annotations(secret).get(RECORD, "{}"))
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def _companion_secrets(companion: Json | None, record: Record) -> dict[str, Secret]:
    data = (companion or {}).get("data") or {}
    slots = {"pending": record.pending, "current": record.current, "previous": record.previous}
    return {
        key.id: Secret(decode(data[slot])) for slot, key in slots.items() if key and slot in data
    }


def _key_fields(key: HeldKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "number": key.number,
        "since": key.since.isoformat(),
        "expiresAt": key.expires_at.isoformat() if key.expires_at else None,
    }


def _read_key(fields: Any) -> HeldKey | None:
    """Read a key. People can edit annotations, so nothing is taken for granted."""
    if not fields:
        return None
    key_id, number, expires = fields["id"], fields["number"], fields["expiresAt"]
    if not isinstance(key_id, str) or not key_id:
        raise ValueError("id must be a text")
    if type(number) is not int or not 0 < number < _MOST_ROTATIONS:
        raise ValueError("number must be a small positive integer")
    since, expires_at = _read_time(fields["since"]), expires and _read_time(expires)
    return HeldKey(key_id, number, since, expires_at or None)


def _read_time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None or time.year not in _YEARS:
        raise ValueError("a time must have a zone and be near the present")
    return time


def _annotations(item: Json | None) -> dict[str, str]:
    return (item or {}).get("metadata", {}).get("annotations") or {}


def encode(text: str) -> str:
    """Write a Secret's entry."""
    return base64.b64encode(text.encode()).decode()


def decode(entry: str) -> str:
    """Read a Secret's entry; bytes that are not UTF-8 become replacement characters."""
    return base64.b64decode(entry).decode(errors="replace")
