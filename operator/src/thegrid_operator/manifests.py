"""Core values to Secrets and back. Pure.

The record of a key's rotations lives in the annotations of two Secrets: the companion, which no
workload mounts and which alone holds pending and previous keys, and the target, which workloads
read. A swap is one write of the target; the companion follows. `read_holding` therefore believes
the target where the two differ.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from thegrid.core.rotation import HeldKey, Record
from thegrid.core.secret import Secret
from thegrid_operator.kube import Json
from thegrid_operator.record import (
    RECORD,
    Requests,
    Shown,
    Written,
    read_record,
    read_target_record,
    write_record,
    write_target_record,
)
from thegrid_operator.resources import Meta, Target
from thegrid_operator.templates import key_entry

OWNER_UID = "thegrid.ai/owner-uid"
OWNER = "thegrid.ai/owner"
MANAGED_BY = {"app.kubernetes.io/managed-by": "thegrid-operator"}
COMPANION_TYPE = "thegrid.ai/rotation"
TARGET_TYPE = "Opaque"


def companion_name(resource: str) -> str:
    """Name the companion of a `ConsumptionKey`."""
    return f"{resource}-thegrid-rotation"


@dataclass(frozen=True, slots=True)
class Holding:
    """What our two Secrets hold.

    Attributes:
        record: The rotations.
        secrets: The keys' secrets by id.
        pending: What the pending key handles.
    """

    record: Record
    secrets: Mapping[str, Secret]
    pending: Requests = field(default_factory=Requests)

    def swapped(self, current: HeldKey) -> Holding:
        """Return the holding after a swap to a key; whatever was current becomes previous."""
        record, pending = self.record, self.pending
        before = record.current
        record = replace(record, current=current, previous=before, urgent=False)
        if record.pending and record.pending.id == current.id:
            record = replace(
                record,
                pending=None,
                trigger=pending.trigger,
                emergency=pending.emergency or record.emergency,
                urgent=bool(pending.emergency) and before is not None,
            )
            pending = Requests()
        return replace(self, record=record, pending=pending)

    def without_secret(self, key_id: str) -> Holding:
        """Return the holding after a key's secret has proved to be lost, if it is current."""
        record = self.record
        if record.current is None or record.current.id != key_id:
            return self
        return replace(self, record=replace(record, current=None))

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
    data = {
        slot: encode(holding.secrets[key.id].reveal())
        for slot, key in _slots(holding.record).items()
        if key.id in holding.secrets
    }
    text = write_record(holding.record, holding.pending)
    return _secret(owner, companion_name(owner.name), COMPANION_TYPE, text, data)


def target(
    owner: Meta,
    wanted: Target,
    current: HeldKey,
    content: Mapping[str, str],
    emergency: str = "",
    *,
    trigger: str = "",
    told: Mapping[str, int] = MappingProxyType({}),
) -> Json:
    """Build the Secret that workloads read.

    Args:
        owner: The resource.
        wanted: What the resource asks for.
        current: The key that the Secret holds.
        content: What `wanted.entries` became, by entry.
        emergency: The request for an emergency rotation that was handled last.
        trigger: The request for a rotation that was handled last.
        told: Entries that told a key and do not any more, with the last rotation that they told.
    """
    written = Written(
        frozenset(content),
        frozenset(wanted.labels),
        frozenset(wanted.annotations),
        key_entry(wanted.entries),
        told,
    )
    data = {entry: encode(value) for entry, value in content.items()}
    text = write_target_record(Shown(current, written, emergency, trigger))
    built = _secret(owner, wanted.name, TARGET_TYPE, text, data)
    meta = built["metadata"]
    meta["labels"] = {**wanted.labels, **meta["labels"]}
    meta["annotations"] = {**wanted.annotations, **meta["annotations"]}
    return built


def read_holding(companion: Json | None, target: Json | None) -> Holding:
    """Read what our two Secrets hold.

    Args:
        companion: The companion, or None.
        target: The target, ours, or None.

    Returns:
        The holding. A target ahead of the companion is a swap whose second write was lost. Where
        the companion is lost too, the key is read from the entry that the target's record names.
    """
    record, pending = read_record(companion)
    holding = Holding(record, _companion_secrets(companion, record), pending)
    found = read_target_record(target)
    if target is None or found is None:
        return _without_lost_keys(holding)
    shown = found.key
    if record.current is None or shown.number > record.current.number:
        holding = holding.swapped(shown)
        record = holding.record
        handled = (found.trigger or record.trigger, found.emergency or record.emergency)
        record = replace(record, trigger=handled[0], emergency=handled[1])
        holding = replace(holding, record=record)
    if holding.record.current == shown and shown.id not in holding.secrets:
        secret = shown_secret(target, shown)
        if secret:
            holding = replace(holding, secrets={**holding.secrets, shown.id: secret})
    return _without_lost_keys(holding)


def shown_secret(target: Json | None, key: HeldKey) -> Secret | None:
    """Read what a target of ours shows as the secret of a key, or None where it shows none."""
    found = read_target_record(target)
    if target is None or found is None or found.key.id != key.id:
        return None
    text = decode((target.get("data") or {}).get(found.written.key_entry, ""))
    return Secret(text) if text else None


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
        whole: Whether entries that are not wanted are removed. Otherwise only those go that we
            wrote before, and labels and annotations with them.

    Returns:
        A merge patch, or None when nothing is to be changed.
    """
    ours = _written_before(seen, wanted)
    held = seen.get("data") or {}
    data = _difference(held, wanted["data"], frozenset(held) if whole else ours.entries)
    patch: Json = {"data": data} if data else {}
    for part, removable in (("labels", ours.labels), ("annotations", ours.annotations)):
        has = seen["metadata"].get(part) or {}
        differs = _difference(has, wanted["metadata"][part], removable)
        if differs:
            patch.setdefault("metadata", {})[part] = differs
    return patch or None


def untied(secret: Json, ours: Set[str] = frozenset()) -> Json:
    """Return the patch after which a Secret is nobody's.

    Args:
        secret: A Secret of ours, as read.
        ours: The entries to take away too.
    """
    meta = secret["metadata"]
    patch: Json = {"metadata": {"annotations": dict.fromkeys((OWNER_UID, OWNER, RECORD))}}
    labels = meta.get("labels") or {}
    tied = [name for name, value in MANAGED_BY.items() if labels.get(name) == value]
    if tied:
        patch["metadata"]["labels"] = dict.fromkeys(tied)
    if ours:
        patch["data"] = dict.fromkeys(ours)
    return patch


def entries_of_others(secret: Json, asked: Set[str]) -> Set[str]:
    """Return the entries of a target of ours that somebody else has put there.

    Args:
        secret: The target, as read.
        asked: The entries that the resource asks for; ours even if the target's record is lost.
    """
    found = read_target_record(secret)
    ours = asked | (found.written.entries if found else frozenset())
    return (secret.get("data") or {}).keys() - ours


def _written_before(seen: Json, wanted: Json) -> Written:
    """Read what of a Secret is ours. Nothing is, where it is another's or does not say."""
    owners = (_annotations(each).get(OWNER_UID) for each in (seen, wanted))
    found = read_target_record(seen) if len(set(owners)) == 1 else None
    nothing: frozenset[str] = frozenset()
    return found.written if found else Written(nothing, nothing, nothing)


def _difference(
    has: Mapping[str, str], wanted: Mapping[str, str], removable: Set[str]
) -> dict[str, str | None]:
    changed: dict[str, str | None] = {k: v for k, v in wanted.items() if has.get(k) != v}
    return changed | dict.fromkeys((removable & has.keys()) - wanted.keys())


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


def _companion_secrets(companion: Json | None, record: Record) -> dict[str, Secret]:
    data = (companion or {}).get("data") or {}
    slots = _slots(record).items()
    return {key.id: Secret(decode(data[slot])) for slot, key in slots if slot in data}


def _slots(record: Record) -> dict[str, HeldKey]:
    """Return the keys of a record by the entries of the companion that hold their secrets."""
    slots = {"pending": record.pending, "current": record.current, "previous": record.previous}
    return {slot: key for slot, key in slots.items() if key}


def _annotations(item: Json | None) -> dict[str, str]:
    return (item or {}).get("metadata", {}).get("annotations") or {}


def encode(text: str) -> str:
    """Write a Secret's entry."""
    return base64.b64encode(text.encode()).decode()


def decode(entry: str) -> str:
    """Read a Secret's entry; bytes that are not UTF-8 become replacement characters."""
    return base64.b64decode(entry).decode(errors="replace")
