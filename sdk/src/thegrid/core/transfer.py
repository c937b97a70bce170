"""When units are moved to consumption, so that one intent never moves them twice.

The market takes no key of idempotency: a transfer whose answer was lost looks like anybody's. So an
intent, with the watermark of the history, is recorded before anything is sent; a transfer that came
after the watermark and moved as much of the same instrument may be this one. Where such a transfer
shows, nothing is sent, and a person decides. A person's choice to adopt is a guess: what one intent
adopted may have been another's, so it still holds that other one back. Source of the rules: The
Grid's documentation, "Transfers", which knows neither such a key nor a way back.

What is not handled here: two processes that act on one intent at the same time. Pulumi's lock on a
stack keeps them apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from thegrid.core.model import Transfer
from thegrid.core.plan import Plan
from thegrid.core.watermark import Watermark, time_of

_IN_ANY_CASE = "to move the units in any case, change triggers"

OnAmbiguous = Literal["fail", "adopt"]

HISTORY_GRACE = timedelta(seconds=60)
"""How long after a transfer was sent the history may still not show it."""

LOOK_INTERVAL = timedelta(seconds=5)
"""How long to wait before the history is read again."""

LOT_LIFETIME = timedelta(hours=4)
"""How long units that came to consumption can be consumed ("Units" in the documentation)."""


@dataclass(frozen=True, slots=True)
class History:
    """What the history of an instrument's transfers shows.

    Attributes:
        rows: The transfers that were read.
        reaches_back: Whether all that came after the watermark and is shown at all is among them;
            false for a listing that broke off.
        read_at: When the reading began.
    """

    rows: tuple[Transfer, ...]
    reaches_back: bool
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that the decision looks at.

    Attributes:
        intent: The random digits of the intent.
        watermark: What the history showed when the intent was recorded.
        instrument_id: What to move.
        quantity: Whole units.
        on_ambiguous: What to do about a transfer that may be this one: `fail` leaves it to a
            person, `adopt` takes the earliest.
        unsure_since: The last time at which this intent may have been sent without our knowing what
            came of it; None where it certainly was not.
        history: What was read last, or None.
        returned: Ids that the market gave for an intent, with that intent: certainly its own.
        adopted: Ids that an intent adopted, with that intent.
    """

    intent: str
    watermark: Watermark
    instrument_id: str
    quantity: int
    on_ambiguous: OnAmbiguous = "fail"
    unsure_since: datetime | None = None
    history: History | None = None
    returned: Mapping[str, str] = field(default_factory=dict)
    adopted: Mapping[str, str] = field(default_factory=dict)

    def candidates(self) -> tuple[Transfer, ...]:
        """Return the transfers that may be this one, the earliest first."""
        rows = self.history.rows if self.history else ()
        return tuple(sorted(filter(self._may_be_ours, rows), key=_age))

    def free_candidates(self) -> tuple[Transfer, ...]:
        """Return those of them that no other intent has adopted."""
        return tuple(row for row in self.candidates() if row.id not in self.adopted)

    def _may_be_ours(self, row: Transfer) -> bool:
        return (
            row.instrument_id == self.instrument_id
            and row.quantity == self.quantity
            and not row.account_id.startswith("trading_account")
            and row.id not in self.returned
            and not self.watermark.is_before(row)
        )


@dataclass(frozen=True, slots=True)
class Look:
    """Read the history."""


@dataclass(frozen=True, slots=True)
class Send:
    """Move the units."""

    instrument_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Adopt:
    """Take a transfer for the one that was asked for."""

    transfer_id: str


@dataclass(frozen=True, slots=True)
class AskPerson:
    """Do nothing: only a person can say whether one of these transfers is the one asked for."""

    candidates: tuple[Transfer, ...]


TransferAction: TypeAlias = Look | Send | Adopt | AskPerson
TransferPlan: TypeAlias = Plan[TransferAction]


def plan_transfer(situation: Situation) -> TransferPlan:
    """Decide what to do next about a transfer.

    Args:
        situation: What is known.

    Returns:
        One action; `look_again_at` says how long to wait before it. After `Look` the caller asks
        again with what it read; after `Send` without a usable answer it asks again with the time of
        that as `unsure_since`, and without a history.
    """
    for rule in _RULES:
        plan = rule(situation)
        if plan is not None:
            return plan
    return _nothing_moved(situation)


def _known_already(it: Situation) -> TransferPlan | None:
    for transfer_id, intent in (*it.returned.items(), *it.adopted.items()):
        if intent == it.intent:
            message = f"{transfer_id} is known to be this transfer"
            return Plan((Adopt(transfer_id),), "AlreadyMoved", message)
    return None


def _never_sent(it: Situation) -> TransferPlan | None:
    if it.unsure_since is not None:
        return None
    return Plan((Send(it.instrument_id, it.quantity),), "NeverSent", "it was not sent before")


def _not_looked(it: Situation) -> TransferPlan | None:
    if it.history is not None:
        return None
    return Plan((Look(),), "MayBeSent", "it may have been sent before: the history tells")


def _one_to_adopt(it: Situation) -> TransferPlan | None:
    free = it.free_candidates()
    if not free or it.on_ambiguous != "adopt":
        return None
    return Plan((Adopt(free[0].id),), "Adopted", f"{free[0].id} is taken for it, as asked")


def _some_in_doubt(it: Situation) -> TransferPlan | None:
    candidates = it.candidates()
    if not candidates:
        return None
    free = it.free_candidates()
    adopt = "if one of them is it, set on_ambiguous to adopt, which takes the earliest"
    taken = "another declaration adopted them, so only the market's support can tell"
    message = (
        "in doubt, and nothing is sent: its units may have moved by one of these transfers, which "
        f"came after its intent was recorded: {', '.join(map(_listed, candidates))}; "
        f"{adopt if free else taken}; {_IN_ANY_CASE}"
    )
    return Plan((AskPerson(candidates),), "InDoubt", message)


def _broken_off(it: Situation) -> TransferPlan | None:
    if it.history is None or it.history.reaches_back:
        return None
    message = (
        "in doubt, and nothing is sent: its units may have moved, and the history broke off before "
        f"it told; run it again later; {_IN_ANY_CASE}"
    )
    return Plan((AskPerson(()),), "HistoryBrokeOff", message)


def _may_be_late(it: Situation) -> TransferPlan | None:
    if it.history is None or it.unsure_since is None:
        return None
    certain_from = it.unsure_since + HISTORY_GRACE
    if it.history.read_at >= certain_from:
        return None
    again = min(it.history.read_at + LOOK_INTERVAL, certain_from)
    message = f"it may have been sent before, and the history may be late until {certain_from:%X}Z"
    return Plan((Look(),), "HistoryMayBeLate", message, look_again_at=again)


def _nothing_moved(it: Situation) -> TransferPlan:
    message = "no such transfer came after the intent was recorded"
    return Plan((Send(it.instrument_id, it.quantity),), "NothingMoved", message)


_RULES = (
    _known_already,
    _never_sent,
    _not_looked,
    _one_to_adopt,
    _some_in_doubt,
    _broken_off,
    _may_be_late,
)


def _age(row: Transfer) -> tuple[bool, str, str]:
    time = time_of(row)
    return time is None, time.isoformat() if time else "", row.id


def _listed(row: Transfer) -> str:
    time = time_of(row)
    when = f" at {time:%Y-%m-%dT%H:%M:%SZ}" if time else ""
    return f"{row.id} ({row.quantity} units{when})"
