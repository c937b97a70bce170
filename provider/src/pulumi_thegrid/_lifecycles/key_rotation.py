"""Carrying a key's record forward: the core plans, this asks the market.

The order matters because an error throws the new record away: what may fail comes before the mint,
and what fails after it is kept as a stray, which the next `up` revokes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from pulumi_thegrid._lifecycles.key_market import KeyMarket
from pulumi_thegrid._lifecycles.key_record import Declaration, KeyRecord, SeenKey, StoredKey
from pulumi_thegrid._lifecycles.lives import first_number, last_number
from thegrid.client import GridError, Misuse
from thegrid.core.identity import KeyTag, Owner, owned_by
from thegrid.core.rotation import (
    Forget,
    Mint,
    Revoke,
    RotationAction,
    RotationPlan,
    Situation,
    SwapPending,
    TestPending,
    keys_left,
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
    keys: Iterable[SeenKey] | None = None,
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
            label=wanted.label,
            now=now,
            keys=record.listing() if keys is None else tuple(keys),
            record=record.rotations(done),
            trigger=wanted.request,
            hold=hold,
        )
    )


def revocations(steps: RotationPlan) -> list[str]:
    """Return the ids of the keys that a plan revokes."""
    return [action.key_id for action in steps.actions if isinstance(action, Revoke)]


class Rotation:
    """One run of steps on one key.

    Args:
        market: The account's keys.
        record: What the state holds.
        now: The time, the same for all steps.
    """

    def __init__(self, market: KeyMarket[Any], record: KeyRecord, now: datetime) -> None:
        self._market = market
        self._now = now
        self._pending: StoredKey | None = None
        self._minted = False
        self._unrevoked: list[str] = []
        current_is_dead = record.current.held.id not in living(market, record, now)
        self.record = replace(record, current_is_dead=current_is_dead)
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
            Misuse: Keys keep getting lost, or one must not be revoked; says what to do.
            Refused: The market said no, or does not accept the new key, which is revoked then.
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
            if not self._minted:
                self._market.refuse_to_revoke(revocations(steps))
            for action in steps.actions:
                self._act(action, wanted)
            if self._minted:
                done = wanted
        return self._name_strays()

    def _act(self, action: RotationAction, wanted: Declaration) -> None:
        """Take one step. The state is the target, so that a swap needs nothing of the market."""
        if isinstance(action, Mint):
            self._pending = self._market.mint(action, wanted, self._now, self.record)
        elif isinstance(action, TestPending) and self._pending:
            prove(self._market, self._pending, self.record.account_id)
        elif isinstance(action, SwapPending) and self._pending:
            self.record, self._pending = self.record.swapped(self._pending), None
            self._minted = True
        elif isinstance(action, Revoke):
            self._revoke(action.key_id)
        elif isinstance(action, Forget):
            self.record = self.record.without_previous(action.key_id)

    def _recorded_keys(self) -> list[SeenKey]:
        """Nobody holds a stray, so the planner sees it as revoked: only its number counts.

        A dead key that the market lists no longer is shown as well, since it has to be replaced.
        """
        listed = [
            key if self.record.holds(key.id) else replace(key, is_active=False)
            for key in self._market.seen(self._now)
        ]
        dead = (key for key in self.record.listing() if not key.is_active)
        return listed + [key for key in dead if self._market.find(key.id) is None]

    def _revoke_strays(self) -> None:
        for key_id in self.record.strays:
            self._revoke(key_id)
        self.record = replace(self.record, strays=())

    def _revoke(self, key_id: str) -> None:
        try:
            self._market.revoke(key_id)
        except GridError as error:
            if not self._minted:
                raise
            self._unrevoked.append(key_id)
            self.failures.append(f"key {key_id} still lives: {error}")
            return
        self.record = self.record.without_previous(key_id)

    def _name_strays(self) -> KeyRecord:
        """Name what lives on unheld; an adopted key that could not be revoked has no tag."""
        found = [*self._market.live(self.record.owner, self._now), *self._unrevoked]
        unheld = dict.fromkeys(key_id for key_id in found if not self.record.holds(key_id))
        self.record = replace(self.record, strays=tuple(unheld))
        return self.record


def prove(market: KeyMarket[Any], key: StoredKey, account_id: str) -> None:
    """Use a new key before it takes its place; one that fails is revoked again.

    Raises:
        Misuse: It opens another account.
        Refused: The market does not accept it.
        Unreachable: No usable answer came.
    """
    try:
        market.prove(key, account_id)
    except GridError as error:
        try:
            market.revoke(key.held.id)
        except GridError as unrevoked:
            raise error from unrevoked  # it carries our tag, so the next run names it as a stray
        raise


def first_key(
    market: KeyMarket[Any], wanted: Declaration, owner: Owner, account_id: str, now: datetime
) -> KeyRecord:
    """Make the first key of a new life, or adopt it; what is found alive becomes a stray.

    Args:
        market: The account's keys.
        wanted: The declaration.
        owner: Whose key it is.
        account_id: The user id of the account.
        now: The time.

    Returns:
        The first record.

    Raises:
        Misuse: The key to adopt is not there or not alive, or a new one opens another account.
        Refused: The market said no.
        Unreachable: No usable answer came.
        InDoubt: A key may have been made; the next run finds it.
    """
    number = first_number(market.numbers(owner))
    if wanted.adopt:
        current = market.adopt(wanted.adopt, wanted, KeyTag(owner, number), now)
    else:
        lifetime = wanted.policy.lifetime
        expires_at = None if lifetime is None else now + lifetime
        name = KeyTag(owner, number).name(wanted.label)
        current = market.mint(Mint(name, number, expires_at, wanted.request), wanted, now)
        prove(market, current, account_id)
    strays = tuple(it for it in market.live(owner, now) if it != current.held.id)
    return KeyRecord(owner, account_id, now, current, strays=strays)


def looked_at(market: KeyMarket[Any], record: KeyRecord, now: datetime) -> KeyRecord | None:
    """Bring a record up to what a look at the market shows. Nothing is changed there.

    Args:
        market: The account's keys.
        record: What the state holds.
        now: The time.

    Returns:
        The record, or None when no key is left, so that there is nothing to keep.
    """
    live = living(market, record, now)
    if not live:
        return None
    previous = record.previous
    return replace(
        record,
        current_is_dead=record.current.held.id not in live,
        previous=previous if previous and previous.held.id in live else None,
        strays=tuple(key_id for key_id in live if not record.holds(key_id)),
    )


def living(market: KeyMarket[Any], record: KeyRecord, now: datetime) -> tuple[str, ...]:
    """Return the ids of a resource's live keys, but none of its replacement's.

    Args:
        market: The account's keys.
        record: What the state holds.
        now: The time.
    """
    last = last_number(record.current.held.number)
    seen = market.seen(now)
    later = {i for i, (tag, _) in owned_by(record.owner, seen).items() if tag.number > last}
    of_this_life = tuple(key for key in seen if key.id not in later)
    held = (key.held for key in record.stored())
    return keys_left(record.owner, of_this_life, now, held, record.strays)
