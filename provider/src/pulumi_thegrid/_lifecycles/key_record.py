"""A rotating key's declaration and record, as every kind of key has them. Pure.

What belongs here: what the rotation of any key needs. What does not: the names of a kind's
properties, which each kind's lifecycle knows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pulumi_thegrid._lifecycles.holders import Holder
from pulumi_thegrid._lifecycles.lifecycle import Properties, time_of, time_text
from thegrid.core.duration import parse_duration
from thegrid.core.identity import KeyTag, Owner
from thegrid.core.model import ListedKey
from thegrid.core.rotation import HeldKey, Record, RotationPolicy
from thegrid.core.secret import Secret


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a program says about a key.

    Attributes:
        label: The readable part of the key's name at the market.
        rotate_after: The age at which it is replaced, as in `14d`, or None for never.
        overlap: How long the old key works on, as in `2d`.
        triggers: Values whose change asks for a rotation.
        adopt: The id of the key at the market that was taken over at creation, or None.
        public_key: The public half of a pair that was brought along, or None.
    """

    label: str
    rotate_after: str | None
    overlap: str
    triggers: tuple[Any, ...]
    adopt: str | None = None
    public_key: str | None = None

    @property
    def policy(self) -> RotationPolicy:
        """Return how the key is to be rotated; a rotation that is due ends an overlap early."""
        return RotationPolicy(
            None if self.rotate_after is None else parse_duration(self.rotate_after),
            parse_duration(self.overlap),
            cut_overlap_short=True,
        )

    @property
    def request(self) -> str:
        """Return a text that changes when a rotation is asked for."""
        return json.dumps([self.label, list(self.triggers), self.public_key], sort_keys=True)

    def outputs(self) -> dict[str, Any]:
        """Return the outputs that repeat the inputs which every kind of key has."""
        return {
            "rotate_after": self.rotate_after,
            "overlap": self.overlap,
            "triggers": list(self.triggers),
            "adopt": self.adopt,
        }


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key that the state holds.

    Attributes:
        held: What the rotation needs to know of it.
        secret: The secret half, or None where it was adopted or never left its owner.
        public_key: The public half of a trading key where it is known, else an empty text.
    """

    held: HeldKey
    secret: Secret | None
    public_key: str = ""


@dataclass(frozen=True, slots=True)
class SeenKey:
    """A key at the market, whatever it is for, as the planner is shown it."""

    id: str
    name: str
    is_active: bool
    expires_at: datetime | None = None
    created_at: datetime | None = None

    @classmethod
    def of(cls, key: ListedKey, now: datetime) -> SeenKey:
        """Take over what a listing says about a key of either kind."""
        return cls(key.id, key.name, key.is_live(now), key.expires_at, key.created_at)

    def is_live(self, now: datetime) -> bool:
        """Tell whether the market accepts this key at `now`."""
        return self.is_active and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What the state holds about a key beside its declaration.

    Attributes:
        owner: Whose tag the names of its keys carry; fixed at creation.
        account_id: The user id of the account that it was made in.
        anchor: Where the grid of rotation times begins; fixed at creation.
        current: The key to use.
        previous: The key before it, while its overlap lasts.
        strays: Ids of live keys of this owner whose secret nobody has; to be revoked.
        current_is_dead: Whether a look at the market found the current key dead, while another one
            of this owner lives.
    """

    owner: Owner
    account_id: str
    anchor: datetime
    current: StoredKey
    previous: StoredKey | None = None
    strays: tuple[str, ...] = ()
    current_is_dead: bool = False

    @property
    def holder(self) -> Holder:
        """Return what tells this resource from another one that holds its key too."""
        return self.owner, self.anchor

    def stored(self) -> tuple[StoredKey, ...]:
        """Return the current key and the previous one, if there is one."""
        return (self.current, self.previous) if self.previous else (self.current,)

    def rotations(self, declaration: Declaration) -> Record:
        """Return the record as the core's planner reads it.

        Args:
            declaration: The declaration that was acted on last.
        """
        previous = self.previous.held if self.previous else None
        return Record(None, self.current.held, previous, self.anchor, declaration.request)

    def listing(self) -> tuple[SeenKey, ...]:
        """Return the market's listing as the record alone foretells it."""
        return tuple(
            SeenKey(
                key.held.id,
                KeyTag(self.owner, key.held.number).name(""),
                is_active=not (self.current_is_dead and key is self.current),
                expires_at=key.held.expires_at,
            )
            for key in self.stored()
        )

    def holds(self, key_id: str) -> bool:
        """Tell whether a key is the current or the previous one."""
        return any(key.held.id == key_id for key in self.stored())

    def swapped(self, minted: StoredKey) -> KeyRecord:
        """Return the record after a new key became the current one.

        Where the one until now is dead, the one before that remains what workloads may still use.
        """
        previous = self.previous if self.current_is_dead else self.current
        return replace(self, current=minted, previous=previous, current_is_dead=False)

    def without_previous(self, key_id: str) -> KeyRecord:
        """Return the record without the previous key, if it is the one with this id."""
        if self.previous is None or self.previous.held.id != key_id:
            return self
        return replace(self, previous=None)


def read_held(outputs: Properties, prefix: str) -> HeldKey | None:
    """Read what the rotation needs to know of a recorded key, or None where there is none."""
    key_id, since = outputs.get(f"{prefix}key_id"), time_of(outputs.get(f"{prefix}key_since"))
    if not key_id or since is None:
        return None
    number = int(outputs[f"{prefix}key_number"])
    return HeldKey(key_id, number, since, time_of(outputs.get(f"{prefix}expires_at")))


def written_held(key: StoredKey | None, prefix: str) -> Mapping[str, Any]:
    """Write what `read_held` reads, but for the time of death, which only some kinds have."""
    return {
        f"{prefix}key_id": key and key.held.id,
        f"{prefix}key_number": key and key.held.number,
        f"{prefix}key_since": key and time_text(key.held.since),
    }
