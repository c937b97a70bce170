"""What was written down about a key's rotations: by a front door, in its own place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key whose secret we hold.

    Attributes:
        id: The market's identifier.
        number: The rotation that made it.
        since: When it took its place: a pending key's birth, a current key's swap.
        expires_at: When it dies by itself, or None for never.
        spread: Whether it is replaced sooner by the policy's spread; not so what was swapped in
            before there was one, so that its time does not move.
    """

    id: str
    number: int
    since: datetime
    expires_at: datetime | None
    spread: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """What was written down about a key's rotations.

    Attributes:
        pending: Minted and stored, in no workload's reach.
        current: What workloads read.
        previous: What workloads read before, and may still hold.
        anchor: Where the grid of rotation times begins, or None to count from the last swap.
        trigger: The request for a rotation that was handled last.
        emergency: The request for an emergency rotation that was handled last.
        urgent: Whether the current key was swapped in as an emergency: then what came before goes
            at once.
    """

    pending: HeldKey | None = None
    current: HeldKey | None = None
    previous: HeldKey | None = None
    anchor: datetime | None = None
    trigger: str = ""
    emergency: str = ""
    urgent: bool = False

    def held(self) -> tuple[HeldKey, ...]:
        """Return every key in the record."""
        return tuple(key for key in (self.pending, self.current, self.previous) if key)
