"""Moving units: gathers what the history shows, asks the core, and does as it says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pulumi_thegrid._engine import engine_has_gone
from pulumi_thegrid._lifecycles.intent import was_drawn_here
from pulumi_thegrid._lifecycles.transfer_history import newest_first, read_back
from pulumi_thegrid._lifecycles.transfer_memory import MEMORY
from thegrid.client import Client, Clock, InDoubt
from thegrid.core.model import Transfer
from thegrid.core.transfer import (
    Adopt,
    History,
    Look,
    Send,
    Situation,
    TransferPlan,
    plan_transfer,
)
from thegrid.core.watermark import time_of

_SENDS = 2
"""How often one run sends at most; the second time only after the history showed nothing."""

_SHOWN_WITHIN = timedelta(seconds=10)
_SHOWN_INTERVAL = timedelta(milliseconds=500)


@dataclass(frozen=True, slots=True)
class Moved:
    """A transfer that is done.

    Attributes:
        transfer_id: The market's id.
        created_at: When the units moved; while the history does not show it, when it was asked for.
        row: What the history shows, or None while it does not show it.
        adopted: Whether it was found and taken, not sent.
    """

    transfer_id: str
    created_at: datetime
    row: Transfer | None
    adopted: bool


class Sender:
    """Carries out one transfer.

    Args:
        client: Of the account.
        clock: Tells the time, and waits.
        asked: What is wanted, by which intent.
    """

    def __init__(self, client: Client, clock: Clock, asked: Situation) -> None:
        self._client, self._clock = client, clock
        is_certain = was_drawn_here(asked.intent) and not MEMORY.was_tried(asked.intent)
        self._it = replace(asked, unsure_since=None if is_certain else clock.now())
        self._sends = 0

    def move(self) -> Moved:
        """Move the units, or find out that they have moved.

        Raises:
            ValueError: Only a person can say whether they have, or the engine has gone.
            InDoubt: Answers were lost, and nothing shows.
            Refused: The market said no.
            Unreachable: No usable answer came, and nothing was sent.
        """
        while True:
            plan = self._plan()
            if plan.look_again_at:
                self._clock.wait_until(plan.look_again_at)
            match plan.actions:
                case (Look(),):
                    self._it = replace(self._it, history=self._look())
                case (Adopt(transfer_id),):
                    return self._moved(transfer_id, self._clock.now(), adopted=True)
                case (Send(),):
                    asked_at = self._clock.now()
                    sent = self._send()
                    if sent is not None:
                        return self._moved(sent, asked_at, adopted=False)
                case _:
                    raise ValueError(plan.message)

    def _plan(self) -> TransferPlan:
        known = replace(self._it, returned=MEMORY.returned(), adopted=MEMORY.adopted())
        return plan_transfer(known)

    def _look(self) -> History:
        read_at, since = self._clock.now(), self._it.watermark.since
        history = newest_first(self._client, self._it.instrument_id)
        rows = read_back(history, lambda _, row: _is_older(row, since))
        return History(rows, not history.truncated, read_at)

    def _send(self) -> str | None:
        """Send; without a usable answer leave a doubt behind.

        What was killed meanwhile, in the wait for late rows or for a sibling's turn, sends nothing:
        another run may be looking at the history by now.
        """
        if engine_has_gone():
            raise ValueError("nothing is sent: the run that asked for it has ended; run up again")
        MEMORY.try_now(self._it.intent)
        self._sends += 1
        try:
            sent = self._client.transfer_to_consumption(self._it.instrument_id, self._it.quantity)
        except InDoubt:
            if self._sends >= _SENDS:
                raise
            self._it = replace(self._it, unsure_since=self._clock.now(), history=None)
            return None
        return sent.id

    def _moved(self, transfer_id: str, asked_at: datetime, *, adopted: bool) -> Moved:
        adopted = adopted and transfer_id not in MEMORY.returned()
        MEMORY.note(transfer_id, self._it.intent, adopted=adopted)
        latest = self._clock.now() + _SHOWN_WITHIN
        row = find(self._client, self._it.instrument_id, transfer_id, asked_at)
        while row is None and self._clock.now() < latest:
            self._clock.wait_until(self._clock.now() + _SHOWN_INTERVAL)
            row = find(self._client, self._it.instrument_id, transfer_id, asked_at)
        return Moved(transfer_id, (row and time_of(row)) or asked_at, row, adopted)


def find(
    client: Client, instrument_id: str, transfer_id: str, made_at: datetime
) -> Transfer | None:
    """Look a transfer up in the history.

    Args:
        client: Of the account.
        instrument_id: What was moved.
        transfer_id: Which one.
        made_at: About when; the history is read a day further back.

    Raises:
        Refused: The market said no.
        Unreachable: No usable answer came.
    """
    until = made_at - timedelta(days=1)
    rows = read_back(
        newest_first(client, instrument_id),
        lambda _, row: row.id == transfer_id or _is_older(row, until),
    )
    return next((row for row in rows if row.id == transfer_id), None)


def _is_older(row: Transfer, than: datetime | None) -> bool:
    time = time_of(row)
    return than is not None and time is not None and time < than
