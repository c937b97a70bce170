"""What a watch tells of an object, made small, and who of those that are due goes first. Pure.

What belongs here: what is kept of an object between two looks. What does not: following a watch
(`cache`) and waiting for a due time (`queue`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TypeAlias

from thegrid_operator.kube import GRID_ACCOUNT, Json

Rank: TypeAlias = tuple[int, float]
"""Lower ones go first."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What was last seen of an object; only its last lines change by our own status writes.

    Attributes:
        uid: The object's uid.
        generation: Counts changes of the declaration.
        annotations: A hash of the annotations.
        deleted: Whether deletion was asked for.
        account: Namespace and name of the account that it uses; empty for none.
        synced: Whether it was ever in order.
        due_at: When its next rotation is due, as a Unix time; infinite for never.
        ends_at: When its key dies by itself, likewise.
    """

    uid: str
    generation: int
    annotations: int
    deleted: bool
    account: tuple[str, str]
    synced: bool
    due_at: float
    ends_at: float

    @classmethod
    def of(cls, item: Json) -> Sight:
        """Reduce an object to its sight."""
        meta, status = item["metadata"], item.get("status") or {}
        annotations = meta.get("annotations") or {}
        return cls(
            uid=meta["uid"],
            generation=meta.get("generation", 0),
            annotations=hash(frozenset(annotations.items())),
            deleted="deletionTimestamp" in meta,
            account=_account_of(item),
            synced=any(status.get(it) for it in ("keyId", "accountId", "domains")),
            due_at=_time(status.get("nextRotationAt")),
            ends_at=_time(status.get("expiresAt")),
        )

    def asks_for_the_same_as(self, other: Sight | None) -> bool:
        """Tell whether nothing but the status differs."""
        return other is not None and (
            (self.uid, self.generation, self.annotations, self.deleted)
            == (other.uid, other.generation, other.annotations, other.deleted)
        )


def rank(kind: str, sight: Sight | None, now: float) -> Rank:
    """Tell how early an object that is due goes.

    Accounts come first, since nothing can be done without them; then what was never in order; then
    rotations that are due, the key that dies soonest ahead; then what is only looked at.

    Args:
        kind: The object's kind.
        sight: What was last seen of it; None for what is gone.
        now: The present as a Unix time.
    """
    if kind == GRID_ACCOUNT.kind:
        return 0, 0.0
    if sight and not sight.synced:
        return 1, 0.0
    if sight and sight.due_at <= now:
        return 2, sight.ends_at
    return 3, 0.0


def _account_of(item: Json) -> tuple[str, str]:
    reference = item.get("spec", {}).get("accountRef") or {}
    namespace = reference.get("namespace") or item["metadata"]["namespace"]
    return _shared(namespace, reference["name"]) if "name" in reference else _shared("", "")


@cache
def _shared(namespace: str, name: str) -> tuple[str, str]:
    """Return the same pair each time: thousands of keys use one account."""
    return namespace, name


def _time(text: str | None) -> float:
    try:
        return datetime.fromisoformat(text or "").timestamp()
    except ValueError:
        return math.inf
