"""A consumption key's declaration and record, read from properties and written to them. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pulumi_thegrid._lifecycles.lifecycle import Properties, time_of, time_text
from thegrid.client import Endpoints
from thegrid.client.environment import variables_for
from thegrid.core.duration import parse_duration
from thegrid.core.identity import KeyTag, Owner
from thegrid.core.model import ConsumptionKey
from thegrid.core.rotation import HeldKey, Record, RotationPolicy, next_rotation_at
from thegrid.core.secret import Secret


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a program says about a key.

    Attributes:
        name: The readable part of the key's name at the market.
        rotate_after: The age at which it is replaced, as in `14d`.
        overlap: How long the old key works on, as in `2d`.
        triggers: Values whose change asks for a rotation.
    """

    name: str
    rotate_after: str
    overlap: str
    triggers: tuple[Any, ...]

    @classmethod
    def read(cls, properties: Properties) -> Declaration:
        """Read checked inputs, or outputs, which repeat them."""
        return cls(
            properties["name"],
            properties["rotate_after"],
            properties["overlap"],
            tuple(properties.get("triggers") or ()),
        )

    @property
    def policy(self) -> RotationPolicy:
        """Return how the key is to be rotated; a rotation that is due ends an overlap early."""
        return RotationPolicy(
            parse_duration(self.rotate_after),
            parse_duration(self.overlap),
            cut_overlap_short=True,
        )

    @property
    def request(self) -> str:
        """Return a text that changes when a rotation is asked for: by a trigger or a new name."""
        return json.dumps([self.name, list(self.triggers)], sort_keys=True)

    def outputs(self) -> dict[str, Any]:
        """Return the outputs that repeat the inputs."""
        return {
            "name": self.name,
            "rotate_after": self.rotate_after,
            "overlap": self.overlap,
            "triggers": list(self.triggers),
        }


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key with its secret."""

    held: HeldKey
    secret: Secret


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
    """

    owner: Owner
    account_id: str
    anchor: datetime
    current: StoredKey
    previous: StoredKey | None = None
    strays: tuple[str, ...] = ()

    @classmethod
    def read(cls, outputs: Properties) -> KeyRecord:
        """Read recorded outputs."""
        anchor = time_of(outputs["first_created_at"])
        current = _stored(outputs, "")
        if anchor is None or current is None:
            raise ValueError("the state holds no key; it cannot be managed")
        return cls(
            owner=Owner(outputs["owner"]),
            account_id=outputs["account_id"],
            anchor=anchor,
            current=current,
            previous=_stored(outputs, "previous_"),
            strays=tuple(outputs.get("strays") or ()),
        )

    def outputs(self, declaration: Declaration, endpoints: Endpoints) -> dict[str, Any]:
        """Return all outputs of the resource.

        Args:
            declaration: The inputs they answer.
            endpoints: The market, whose addresses workloads are given.
        """
        due = next_rotation_at(declaration.policy, self.rotations(declaration))
        return {
            **declaration.outputs(),
            "owner": self.owner,
            "account_id": self.account_id,
            "first_created_at": time_text(self.anchor),
            **_written(self.current, ""),
            **_written(self.previous, "previous_"),
            "next_rotation": time_text(due),
            "strays": list(self.strays),
            "env": variables_for(endpoints, self.current.secret),
        }

    def rotations(self, declaration: Declaration) -> Record:
        """Return the record as the core's planner reads it.

        Args:
            declaration: The declaration that was acted on last.
        """
        previous = self.previous.held if self.previous else None
        return Record(None, self.current.held, previous, self.anchor, declaration.request)

    def listing(self) -> tuple[ConsumptionKey, ...]:
        """Return the market's listing as the record alone foretells it."""
        stored = (self.current, self.previous) if self.previous else (self.current,)
        return tuple(
            ConsumptionKey(
                id=key.held.id,
                name=KeyTag(self.owner, key.held.number).name(""),
                is_active=True,
                expires_at=key.held.expires_at,
            )
            for key in stored
        )

    def holds(self, key_id: str) -> bool:
        """Tell whether a key is the current or the previous one."""
        return key_id == self.current.held.id or (
            self.previous is not None and key_id == self.previous.held.id
        )

    def swapped(self, minted: StoredKey) -> KeyRecord:
        """Return the record after a new key became the current one."""
        return replace(self, current=minted, previous=self.current)


def _stored(outputs: Properties, prefix: str) -> StoredKey | None:
    secret, key_id = outputs.get(f"{prefix}key"), outputs.get(f"{prefix}key_id")
    since = time_of(outputs.get(f"{prefix}key_since"))
    if not secret or not key_id or since is None:
        return None
    number = int(outputs[f"{prefix}key_number"])
    expires_at = time_of(outputs.get(f"{prefix}expires_at"))
    return StoredKey(HeldKey(key_id, number, since, expires_at), Secret(secret))


def _written(key: StoredKey | None, prefix: str) -> Mapping[str, Any]:
    return {
        f"{prefix}key": key and key.secret.reveal(),
        f"{prefix}key_id": key and key.held.id,
        f"{prefix}key_number": key and key.held.number,
        f"{prefix}key_since": key and time_text(key.held.since),
        f"{prefix}expires_at": key and time_text(key.held.expires_at),
    }
