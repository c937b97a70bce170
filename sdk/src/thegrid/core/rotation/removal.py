"""How a declaration ends: which keys are revoked for good."""

from __future__ import annotations

from datetime import datetime

from thegrid.core.identity import Owner, owned_by
from thegrid.core.model import ListedKey
from thegrid.core.plan import Plan
from thegrid.core.rotation.record import Record
from thegrid.core.rotation.steps import Revoke, RotationPlan


def plan_removal(
    owner: Owner, keys: tuple[ListedKey, ...], now: datetime, record: Record | None = None
) -> RotationPlan:
    """Decide how to end a declaration: every live key of it is revoked.

    Args:
        owner: Whose declaration ends.
        keys: The account's listing.
        now: The market's time.
        record: What was written down, or None; its keys are revoked too, tagged or not, unless the
            listing says that they are dead.

    Returns:
        The revocations, oldest rotation first; empty when no key is alive.
    """
    numbers = {key_id: tag.number for key_id, (tag, _) in owned_by(owner, keys).items()}
    numbers |= {key.id: key.number for key in (record.held() if record else ())}
    dead = {key.id for key in keys if not key.is_live(now)}
    live = sorted((number, key_id) for key_id, number in numbers.items() if key_id not in dead)
    actions = tuple(Revoke(key_id) for _, key_id in live)
    return Plan(actions, "Removed", f"{len(live)} keys to revoke")
