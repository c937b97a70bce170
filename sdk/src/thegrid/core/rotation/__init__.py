"""When a key is replaced, by what steps, and when the old one may go.

A rotation is: mint a key that carries our tag, store it where no workload looks, test it, swap it
into the place that workloads read, wait until nobody can still hold the old one, revoke that.
`plan_rotation` decides the next steps from facts alone; its rules, in their order, are in `rules`.

Always true, whatever is lost on the way: a key is never revoked while it is current; a known
previous key is revoked only after the overlap, and where workloads can be asked, only when none of
them may hold it or the deadline says so; a live key of ours that nobody recorded (its answer was
lost, or its record was) counts as a previous key, because a workload may hold it.

What does not belong here: how a key is stored, tested or delivered. See docs/decisions/0005.
"""

from thegrid.core.rotation.plans import LOOK_AT_LEAST_EVERY, MINT_WINDOW, MINTS_PER_WINDOW
from thegrid.core.rotation.record import HeldKey, Record
from thegrid.core.rotation.removal import keys_left, plan_removal, unlisted_until
from thegrid.core.rotation.rules import (
    LATEST_LOOK,
    LONGEST_QUIET,
    plan_rotation,
)
from thegrid.core.rotation.schedule import (
    SHORTEST_LIFETIME,
    AtDeadline,
    OnRevoked,
    RotationPolicy,
    next_rotation_at,
)
from thegrid.core.rotation.situation import (
    LISTING_GRACE,
    Adoption,
    Situation,
    Verdict,
    as_listed,
)
from thegrid.core.rotation.steps import (
    Forget,
    Mint,
    RestoreTarget,
    Revoke,
    RotationAction,
    RotationPlan,
    SwapPending,
    TestPending,
)

__all__ = [
    "LATEST_LOOK",
    "LISTING_GRACE",
    "LONGEST_QUIET",
    "LOOK_AT_LEAST_EVERY",
    "MINTS_PER_WINDOW",
    "MINT_WINDOW",
    "SHORTEST_LIFETIME",
    "Adoption",
    "AtDeadline",
    "Forget",
    "HeldKey",
    "Mint",
    "OnRevoked",
    "Record",
    "RestoreTarget",
    "Revoke",
    "RotationAction",
    "RotationPlan",
    "RotationPolicy",
    "Situation",
    "SwapPending",
    "TestPending",
    "Verdict",
    "as_listed",
    "keys_left",
    "next_rotation_at",
    "plan_removal",
    "plan_rotation",
    "unlisted_until",
]
