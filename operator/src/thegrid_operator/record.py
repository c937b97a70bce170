"""The record of a key's rotations as the annotations of two Secrets. Pure.

People can edit annotations, so nothing that is read here is taken for granted. Fields that an
older version did not write are absent from what it left behind, and nothing is written for them
while they say what that version meant: an upgrade then changes no Secret.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from thegrid.core.rotation import HeldKey, Record
from thegrid_operator.kube import Json

RECORD = "thegrid.ai/record"

_MOST_ROTATIONS = 10**8
"""A tag has room for nine digits, and numbers only grow."""

_YEARS = range(2000, 2200)
"""Times beyond are nobody's rotation, and reckoning with them could overflow."""

_FIRST_KEY_ENTRY = "OPENAI_API_KEY"
_FIRST_ENTRIES = frozenset(
    {
        _FIRST_KEY_ENTRY,
        "OPENAI_BASE_URL",
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_CUSTOM_HEADERS",
        "ANTHROPIC_BASE_URL",
    }
)
"""What a record means that does not say. Never to be changed, whatever targets hold by default."""


_LONGEST_REQUEST = 1000
"""An annotation may be 256 KiB long, but so may all of a Secret's together."""


def as_recorded(request: str) -> str:
    """Return a request as it is written down: a long text by its digest."""
    if len(request) <= _LONGEST_REQUEST:
        return request
    return f"sha256:{hashlib.sha256(request.encode(errors='replace')).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Written:
    """What of a target is ours, so that it can be taken away again.

    Attributes:
        entries: Names of entries.
        labels: Keys of labels that the resource asked for.
        annotations: Keys of annotations that the resource asked for.
        key_entry: The entry that is the key itself, empty for none.
        told: Entries that told a key and do not any more, with the last rotation that they told.
    """

    entries: frozenset[str] = _FIRST_ENTRIES
    labels: frozenset[str] = frozenset()
    annotations: frozenset[str] = frozenset()
    key_entry: str = _FIRST_KEY_ENTRY
    told: Mapping[str, int] = field(default_factory=dict)

    def fields(self) -> dict[str, Any]:
        """Return what is to be recorded: whatever differs from the default."""
        usual = Written()
        fields: dict[str, Any] = {
            name: sorted(getattr(self, name))
            for name in ("entries", "labels", "annotations")
            if getattr(self, name) != getattr(usual, name)
        }
        if self.key_entry != usual.key_entry:
            fields["keyEntry"] = self.key_entry
        if self.told:
            fields["told"] = dict(sorted(self.told.items()))
        return fields


@dataclass(frozen=True, slots=True)
class Shown:
    """What a target says about itself.

    Attributes:
        key: The key that it holds.
        written: What of it is ours.
        emergency: The request for an emergency rotation that was handled last. It stands here too,
            so that a companion that is lost or put back does not have it handled again.
        trigger: The same of the last request for a rotation; empty where nothing says so.
    """

    key: HeldKey
    written: Written
    emergency: str = ""
    trigger: str = ""


def write_target_record(shown: Shown) -> str:
    """Write what a target says about itself."""
    requests = {"emergency": shown.emergency, "trigger": shown.trigger}
    handled = {name: request for name, request in requests.items() if request}
    return json.dumps(_key_fields(shown.key) | shown.written.fields() | handled)


def read_target_record(target: Json | None) -> Shown | None:
    """Read what a target says about itself, or None where that cannot be read."""
    fields = record_fields(target)
    try:
        key = _read_key(fields)
    except (KeyError, TypeError, ValueError):
        return None
    handled = [as_recorded(str(fields.get(name, ""))) for name in ("emergency", "trigger")]
    return Shown(key, _read_written(fields), *handled) if key else None


def _read_written(fields: Mapping[str, Any]) -> Written:
    usual = Written()
    lists = {
        name: _names(fields[name]) if name in fields else getattr(usual, name)
        for name in ("entries", "labels", "annotations")
    }
    key_entry = str(fields.get("keyEntry", usual.key_entry))
    return Written(**lists, key_entry=key_entry, told=_numbers(fields.get("told")))


def _numbers(value: Any) -> dict[str, int]:
    found = value.items() if isinstance(value, dict) else ()
    return {name: number for name, number in found if type(number) is int}


def _names(value: Any) -> frozenset[str]:
    names = value if isinstance(value, list) else []
    return frozenset(each for each in names if isinstance(each, str))


@dataclass(frozen=True, slots=True)
class Requests:
    """The requests that a pending key handles; they count as handled once it is swapped in.

    Attributes:
        trigger: For a rotation.
        emergency: For an emergency rotation; empty for none.
    """

    trigger: str = ""
    emergency: str = ""


def write_record(record: Record, pending: Requests) -> str:
    """Write the companion's record."""
    fields = {
        "pending": record.pending and _key_fields(record.pending),
        "current": record.current and _key_fields(record.current),
        "previous": record.previous and _key_fields(record.previous),
        "trigger": record.trigger,
        "pendingTrigger": record.pending and pending.trigger,
        "emergency": record.emergency,
        "urgent": record.urgent,
        "pendingEmergency": record.pending and pending.emergency,
    }
    return json.dumps({name: value for name, value in fields.items() if value})


def read_record(companion: Json | None) -> tuple[Record, Requests]:
    """Read the companion's record, and what its pending key handles."""
    fields = record_fields(companion)
    names = ("pendingTrigger", "pendingEmergency")
    pending = Requests(*(as_recorded(str(fields.get(name, ""))) for name in names))
    try:
        record = Record(
            pending=_read_key(fields.get("pending")),
            current=_read_key(fields.get("current")),
            previous=_read_key(fields.get("previous")),
            trigger=as_recorded(str(fields.get("trigger", ""))),
            emergency=as_recorded(str(fields.get("emergency", ""))),
            urgent=fields.get("urgent") is True,
        )
    except (KeyError, TypeError, ValueError):
        record = Record()  # edited by hand: what it named is found by its tag at the market
    return record, pending


def record_fields(secret: Json | None) -> dict[str, Any]:
    """Return the fields of a Secret's record; none where it is missing or no record."""
    annotations = (secret or {}).get("metadata", {}).get("annotations") or {}
    try:
        fields = json.loads(annotations.get(RECORD, "{}"))
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def _key_fields(key: HeldKey) -> dict[str, Any]:
    spread = {"spread": True} if key.spread else {}
    fields = {
        "id": key.id,
        "number": key.number,
        "since": key.since.isoformat(),
        "expiresAt": key.expires_at.isoformat() if key.expires_at else None,
    }
    return fields | spread


def _read_key(fields: Any) -> HeldKey | None:
    if not fields:
        return None
    key_id, number, expires = fields["id"], fields["number"], fields["expiresAt"]
    if not isinstance(key_id, str) or not key_id:
        raise ValueError("id must be a text")
    if type(number) is not int or not 0 < number < _MOST_ROTATIONS:
        raise ValueError("number must be a small positive integer")
    since, expires_at = _read_time(fields["since"]), expires and _read_time(expires)
    spread = fields.get("spread") is True
    return HeldKey(key_id, number, since, expires_at or None, spread)


def _read_time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None or time.year not in _YEARS:
        raise ValueError("a time must have a zone and be near the present")
    return time
