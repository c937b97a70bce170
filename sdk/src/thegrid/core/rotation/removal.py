"""How a declaration ends: which of its keys are left, and how they are revoked for good."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from thegrid.core.identity import Owner, owned_by
from thegrid.core.model import ListedKey
from thegrid.core.plan import Plan
from thegrid.core.rotation.record import HeldKey, Record
from thegrid.core.rotation.schedule import next_rotation_at
from thegrid.core.rotation.situation import LISTING_GRACE, Situation
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


def unlisted_until(s: Situation, took_over_at: datetime | None) -> datetime | None:
    """Tell until when a key of a declaration that ends may live that its listing does not show.

    A key that nobody wrote down is found in the listing alone. Whoever acted before may have made
    one and died before it was stored. It did so because a key was wanted: so one is wanted still,
    or another one was made since.

    Args:
        s: The situation before anything is revoked.
        took_over_at: Since when nobody else has acted, by the market's clock; None where whoever
            did before has ended in good order, or there was nobody.

    Returns:
        The time, or None where the listing shows all.
    """
    doubts = [s.in_doubt_since] if s.in_doubt_since else []
    if took_over_at:
        made = [] if _is_one_wanted(s) else [max(key.since for key in s.record.held())]
        doubts.append(min([took_over_at, *made]))
    untils = [doubt + LISTING_GRACE for doubt in doubts]
    return max((until for until in untils if s.now < until), default=None)


def _is_one_wanted(s: Situation) -> bool:
    """Tell whether a key is to be made, now or once an older one has gone."""
    current = s.record.current
    if current is None or s.is_asked():
        return True
    if not any(key.id == current.id and key.is_live(s.now) for key in s.keys):
        return not s.stays_revoked()
    due = next_rotation_at(s.policy, s.record)
    newer = any(tag.number >= current.number for tag, _ in s.strays())
    return newer or (due is not None and s.now >= due)


def keys_left(
    owner: Owner,
    keys: tuple[ListedKey, ...],
    now: datetime,
    held: Iterable[HeldKey],
    others: Iterable[str] = (),
) -> tuple[str, ...]:
    """Tell which keys of a declaration live, as far as one look at the market shows.

    Without any it is gone. With one it must be kept, whatever became of its current key: nobody
    else would ever end the others.

    Args:
        owner: Whose declaration it is.
        keys: The account's listing.
        now: The market's time.
        held: The recorded keys, tagged or not. One that the listing lacks counts as alive only
            until the listing's grace after it took its place has passed.
        others: Ids of further keys that were noted, tagged or not; alive if the listing says so.

    Returns:
        Their ids, oldest rotation first, and the others last.
    """
    recorded = tuple(held)
    numbers = {key_id: tag.number for key_id, (tag, _) in owned_by(owner, keys).items()}
    numbers |= {key.id: key.number for key in recorded}
    live = {key.id for key in keys if key.is_live(now)}
    unseen = {key.id for key in recorded if now - key.since < LISTING_GRACE}
    live |= unseen - {key.id for key in keys}
    known = (*sorted(numbers, key=lambda key_id: (numbers[key_id], key_id)), *others)
    return tuple(key_id for key_id in dict.fromkeys(known) if key_id in live)
