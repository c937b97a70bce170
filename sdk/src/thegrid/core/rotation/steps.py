"""The steps that a rotation is made of. Whoever performs them keeps their order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from thegrid.core.plan import Plan


@dataclass(frozen=True, slots=True)
class Mint:
    """Create a key. Its secret comes once, so whoever does this stores it before anything else.

    Attributes:
        name: The name to give it, tag included.
        number: The rotation it belongs to.
        expires_at: When it is to die by itself, or None for never.
        trigger: The request that this rotation handles; it is stored with the key and becomes the
            record's at the swap, so that a key which fails its test leaves the request open.
        emergency: The same for the request of an emergency rotation; empty for none. If it is one
            and a key was current, the record is urgent from the swap on; after any other swap it
            is not.
    """

    name: str
    number: int
    expires_at: datetime | None
    trigger: str
    emergency: str = ""


@dataclass(frozen=True, slots=True)
class TestPending:
    """Ask the market whether it accepts the pending key.

    Where it does not, or does not tell, the rest of the plan is dropped like after any error; a
    refusal comes back as the next situation's verdict.
    """

    __test__ = False  # not a test case, whatever its name suggests to a test runner


@dataclass(frozen=True, slots=True)
class SwapPending:
    """Make the pending key current and the current one previous, in one write of the record."""


@dataclass(frozen=True, slots=True)
class RestoreTarget:
    """Write the current key into the place that workloads read, again."""


@dataclass(frozen=True, slots=True)
class Revoke:
    """Revoke a key at the market. Revoking a revoked key is no error."""

    key_id: str


@dataclass(frozen=True, slots=True)
class Forget:
    """Drop a dead key's secret and its entry in the record."""

    key_id: str


RotationAction: TypeAlias = Mint | TestPending | SwapPending | RestoreTarget | Revoke | Forget
RotationPlan: TypeAlias = Plan[RotationAction]
