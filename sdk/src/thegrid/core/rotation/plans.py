"""Plans that several rules make: to wait, to make a key, to finish one that was made."""

from __future__ import annotations

from datetime import datetime, timedelta

from thegrid.core.identity import KeyTag
from thegrid.core.model import ListedKey
from thegrid.core.plan import Plan
from thegrid.core.rotation.situation import LISTING_GRACE, Situation, Verdict
from thegrid.core.rotation.steps import (
    Mint,
    RotationAction,
    RotationPlan,
    SwapPending,
    TestPending,
)

MINT_WINDOW = timedelta(hours=1)
MINTS_PER_WINDOW = 3
"""So many keys that never came into use are enough; then the window must pass."""

LOOK_AT_LEAST_EVERY = timedelta(minutes=10)
"""A target that was deleted or edited by hand is found within this time."""


def wait(s: Situation, reason: str, message: str, *times: datetime) -> RotationPlan:
    """Do nothing until the first of some times, but look at target and listing meanwhile.

    Args:
        s: The situation.
        reason: One word in CamelCase.
        message: The same for people.
        *times: When the facts may call for something else.

    Returns:
        A plan without actions.
    """
    listed = {key.id for key in s.keys}
    unlisted = any(key.id not in listed for key in s.record.held())
    look_again_in = LISTING_GRACE if unlisted else LOOK_AT_LEAST_EVERY
    return Plan((), reason, message, min([s.now + look_again_in, *times]))


def mint(
    s: Situation, reason: str, message: str, *, then: tuple[RotationAction, ...] = ()
) -> RotationPlan:
    """Make a key, test it and swap it in, unless too many were made in vain.

    Args:
        s: The situation.
        reason: One word in CamelCase.
        message: The same for people.
        then: What is done after the swap.

    Returns:
        The plan; one without actions where the next key has to wait.
    """
    attempts = sorted(
        born for born in _births_of_keys_never_swapped_in(s) if born > s.now - MINT_WINDOW
    )
    if len(attempts) >= MINTS_PER_WINDOW:
        text = f"{len(attempts)} keys made within an hour never came into use; waiting"
        return wait(s, "TooManyMints", text, attempts[-MINTS_PER_WINDOW] + MINT_WINDOW)
    number = s.next_number()
    name = KeyTag(s.owner, number).name(s.label)
    lifetime = s.policy.lifetime
    expires_at = None if lifetime is None else s.now + lifetime
    mint = Mint(name, number, expires_at, s.trigger, s.emergency if s.is_emergency() else "")
    return Plan((mint, *finish(s), *then), reason, message)


def finish(s: Situation) -> tuple[RotationAction, ...]:
    """Return what brings a stored key into use: its test, unless that was passed, and the swap."""
    if s.record.pending and s.verdict is Verdict.ACCEPTED:
        return (SwapPending(),)
    return (TestPending(), SwapPending())


def _births_of_keys_never_swapped_in(s: Situation) -> list[datetime]:
    """Our keys that came after the current one: their test failed, or their answer was lost."""
    reached = s.record.current.number if s.record.current else 0
    born = (_birth(s, key) for tag, key in s.mine().values() if tag.number > reached)
    return [time for time in born if time]


def _birth(s: Situation, key: ListedKey) -> datetime | None:
    """Where the market does not say when a key was made, its expiry tells.

    After the policy was shortened that would lie ahead, and tells nothing.
    """
    lifetime = s.policy.lifetime
    if key.created_at or key.expires_at is None or lifetime is None:
        return key.created_at
    born = key.expires_at - lifetime
    return born if born <= s.now else None
