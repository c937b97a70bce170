"""Carrying a consumption key's record forward: the core plans, this asks the market.

The order matters because an error throws the new record away: what may fail comes before the mint,
and what fails after it is kept as a stray, which the next `up` revokes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from pulumi_thegrid._lifecycles.key_record import Declaration, KeyRecord, StoredKey
from thegrid.client import Client, GridError, Misuse, perform
from thegrid.core.identity import Owner, owned_by
from thegrid.core.model import ConsumptionKey
from thegrid.core.rotation import (
    Forget,
    HeldKey,
    Mint,
    Revoke,
    RotationPlan,
    Situation,
    plan_rotation,
)

_MOST_PLANS = 10


def plan(
    record: KeyRecord,
    done: Declaration,
    wanted: Declaration,
    *,
    now: datetime,
    hold: bool,
    keys: Iterable[ConsumptionKey] | None = None,
) -> RotationPlan:
    """Ask the core what is next.

    Args:
        record: What the state holds.
        done: The declaration that was acted on last.
        wanted: The declaration as it stands.
        now: The time.
        hold: Whether the clock is ignored.
        keys: The market's listing, or None for what the record alone foretells.

    Returns:
        The next steps.
    """
    return plan_rotation(
        Situation(
            policy=wanted.policy,
            owner=record.owner,
            label=wanted.name,
            now=now,
            keys=record.listing() if keys is None else tuple(keys),
            record=record.rotations(done),
            trigger=wanted.request,
            hold=hold,
        )
    )


class Rotation:
    """One run of steps on one key.

    Args:
        client: The market.
        record: What the state holds.
        now: The time, the same for all steps.
    """

    def __init__(self, client: Client, record: KeyRecord, now: datetime) -> None:
        self._client = client
        self._now = now
        self._keys = {key.id: key for key in client.list_consumption_keys().keys}
        self._minted = False
        self.record = record
        self.failures: list[str] = []

    def settle(self, done: Declaration, wanted: Declaration, *, hold: bool) -> KeyRecord:
        """Take all steps that the declaration calls for.

        Args:
            done: The declaration that was acted on last.
            wanted: The declaration as it stands.
            hold: Whether the clock is ignored.

        Returns:
            The new record.

        Raises:
            Misuse: Keys keep getting lost; says so, and when to come back.
            Refused: The market said no.
            Unreachable: No usable answer came.
            InDoubt: A key may have been made; the next run finds it.
        """
        self._revoke_strays()
        for _ in range(_MOST_PLANS):
            steps = plan(
                self.record, done, wanted, now=self._now, hold=hold, keys=self._recorded_keys()
            )
            if steps.reason == "TooManyMints":
                raise Misuse(steps.message)
            if not steps.actions:
                break
            for action in steps.actions:
                if isinstance(action, Mint):
                    self._mint(action)
                    done = wanted
                elif isinstance(action, Revoke):
                    self._revoke(action)
                elif isinstance(action, Forget):
                    self._forget(action)
                # The answer to a mint is all the test there is, and the state is the target.
        return self._name_strays()

    def _recorded_keys(self) -> list[ConsumptionKey]:
        """Nobody holds a stray, so the planner sees it as revoked: only its number counts."""
        return [
            key if self.record.holds(key.id) else replace(key, is_active=False)
            for key in self._keys.values()
        ]

    def _revoke_strays(self) -> None:
        for key_id in self.record.strays:
            self._revoke(Revoke(key_id))
        self.record = replace(self.record, strays=())

    def _mint(self, action: Mint) -> None:
        minted = mint(self._client, action, self._now)
        self._minted = True
        self.record = self.record.swapped(minted)

    def _revoke(self, action: Revoke) -> None:
        try:
            perform.revoke(self._client, action)
        except GridError as error:
            if not self._minted:
                raise
            self.failures.append(f"key {action.key_id} still lives: {error}")
            return
        listed = self._keys.get(action.key_id)
        if listed:
            self._keys[action.key_id] = replace(listed, is_active=False)
        self._forget(Forget(action.key_id))

    def _forget(self, action: Forget) -> None:
        previous = self.record.previous
        if previous and previous.held.id == action.key_id:
            self.record = replace(self.record, previous=None)

    def _name_strays(self) -> KeyRecord:
        found = live_keys(self.record.owner, self._keys.values(), self._now)
        unheld = tuple(key_id for key_id in found if not self.record.holds(key_id))
        self.record = replace(self.record, strays=unheld)
        return self.record


def mint(client: Client, action: Mint, now: datetime) -> StoredKey:
    """Make a key.

    Args:
        client: The market.
        action: What to make.
        now: When it takes its place.

    Returns:
        The key, whose secret only the caller has from now on.

    Raises:
        Refused: The market said no.
        Unreachable: Nothing was sent.
        InDoubt: The key may exist.
    """
    minted = perform.mint(client, action)
    expires_at = minted.key.expires_at or action.expires_at
    held = HeldKey(minted.key.id, action.number, now, expires_at)
    return StoredKey(held, minted.secret)


def live_keys(owner: Owner, keys: Iterable[ConsumptionKey], now: datetime) -> list[str]:
    """Return the ids of an owner's live keys, oldest rotation first."""
    mine = owned_by(owner, tuple(keys))
    live = [(tag.number, key_id) for key_id, (tag, key) in mine.items() if key.is_live(now)]
    return [key_id for _, key_id in sorted(live)]
