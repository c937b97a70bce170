"""A consumption key from its first mint to its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from pulumi_thegrid import _engine
from pulumi_thegrid._connection import Connection
from pulumi_thegrid._lifecycles.checks import Check
from pulumi_thegrid._lifecycles.key_record import Declaration, KeyRecord
from pulumi_thegrid._lifecycles.key_rotation import Rotation, live_keys, mint, plan
from pulumi_thegrid._lifecycles.lifecycle import Checked, Difference, Lifecycle, Properties
from pulumi_thegrid._lifecycles.lives import first_number, last_number
from thegrid.client import perform
from thegrid.client.environment import variables_for
from thegrid.core.identity import KeyTag, Owner, owned_by
from thegrid.core.model import ConsumptionKey
from thegrid.core.rotation import (
    LISTING_GRACE,
    Mint,
    Revoke,
    RotationPlan,
    RotationPolicy,
    plan_removal,
)

_DECLARED = frozenset({"name", "rotate_after", "overlap", "triggers"})
_REASONS = {
    "RotationDue": "a rotation is due",
    "RotationRequested": "a rotation is asked for, by the name or the triggers",
    "KeyDied": "the key has expired and is replaced",
}


class ConsumptionKeyLifecycle(Lifecycle):
    """Two live keys at most: the current one, and the previous one while its overlap lasts."""

    kind = "ConsumptionKey"
    label_field = "name"
    inputs = _DECLARED | {"owner"}
    secret_outputs = frozenset({"key", "previous_key", "env"})

    def check(self, inputs: Properties) -> Checked:
        """Check the name, the durations and that the overlap fits between two rotations."""
        check = Check(inputs, self.inputs)
        check.label("name")
        rotate_after, overlap = check.duration("rotate_after"), check.duration("overlap")
        if rotate_after is not None and overlap is not None:
            try:
                RotationPolicy(rotate_after, overlap)
            except ValueError as error:
                text = str(error)
                check.refuse(text.partition(" ")[0], text)
        triggers = inputs.get("triggers")
        if triggers is not None and not isinstance(triggers, list):
            check.refuse("triggers", "must be a list")
        return check.result()

    def diff(self, connection: Connection, old: Properties, new: Properties) -> Difference:
        """Decide whether the key is to be rotated, or something to be revoked or written anew."""
        if not new.keys() >= _DECLARED:  # something is unknown, and may ask for a rotation
            return Difference(changes=True)
        record, done, wanted = KeyRecord.read(old), Declaration.read(old), Declaration.read(new)
        # On hold the time stands still at the last swap, so that nothing is ever due.
        now = record.current.held.since if connection.hold else _now(connection)
        steps = plan(record, done, wanted, now=now, hold=connection.hold)
        environment = variables_for(connection.endpoints, record.current.secret)
        outdated = wanted != done or old.get("env") != environment
        return Difference(
            changes=outdated or bool(record.strays) or bool(steps.actions),
            notices=tuple(_notices(record, steps)),
        )

    def create(self, connection: Connection, inputs: Properties) -> tuple[str, dict[str, Any]]:
        """Look the owner up, then mint; what was found alive becomes a stray."""
        declaration, owner = Declaration.read(inputs), Owner(inputs["owner"])
        account_id, client, now = connection.account_id(), connection.client(), _now(connection)
        keys = client.list_consumption_keys().keys
        number = first_number(tag.number for tag, _ in owned_by(owner, keys).values())
        name = KeyTag(owner, number).name(declaration.name)
        expires_at = now + declaration.policy.lifetime
        current = mint(client, Mint(name, number, expires_at, declaration.request), now)
        strays = tuple(live_keys(owner, keys, now))
        record = KeyRecord(owner, account_id, now, current, strays=strays)
        return current.held.id, record.outputs(declaration, connection.endpoints)

    def read(self, connection: Connection, old: Properties) -> dict[str, Any] | None:
        """Look the keys up. A current key that is revoked, expired or missing means: gone."""
        record, declaration = KeyRecord.read(old), Declaration.read(old)
        client, now = connection.client_of(record.account_id), _now(connection)
        keys = client.list_consumption_keys().keys
        live = {key.id for key in keys if key.is_live(now)}
        just_made = now - record.current.held.since < LISTING_GRACE
        is_listed = any(key.id == record.current.held.id for key in keys)
        if record.current.held.id not in live and (is_listed or not just_made):
            return None
        if record.previous and record.previous.held.id not in live:
            record = replace(record, previous=None)
        found = [*live_keys(record.owner, keys, now), *(set(record.strays) & live)]
        strays = tuple(dict.fromkeys(it for it in found if not record.holds(it)))
        return replace(record, strays=strays).outputs(declaration, connection.endpoints)

    def update(self, connection: Connection, old: Properties, new: Properties) -> dict[str, Any]:
        """Revoke strays and what has outlived its overlap, and rotate if that is due or asked."""
        record, wanted = KeyRecord.read(old), Declaration.read(new)
        rotation = Rotation(connection.client_of(record.account_id), record, _now(connection))
        record = rotation.settle(Declaration.read(old), wanted, hold=connection.hold)
        for failure in rotation.failures:
            _engine.tell(f"{self.kind} {wanted.name!r}: {failure}", "warning")
        return record.outputs(wanted, connection.endpoints)

    def delete(self, connection: Connection, old: Properties) -> tuple[str, ...]:
        """Revoke every live key of the owner, but none of a replacement's."""
        record = KeyRecord.read(old)
        client, now = connection.client_of(record.account_id), _now(connection)
        keys = client.list_consumption_keys().keys
        for revocation in _removals(record, keys, now):
            perform.revoke(client, revocation)
        return ()


def _now(connection: Connection) -> datetime:
    return connection.clock.now().replace(microsecond=0)


def _removals(record: KeyRecord, keys: tuple[ConsumptionKey, ...], now: datetime) -> list[Revoke]:
    last = last_number(record.current.held.number)
    mine = owned_by(record.owner, keys).values()
    of_this_life = tuple(key for tag, key in mine if tag.number <= last)
    planned = plan_removal(record.owner, of_this_life, now).actions
    recorded = (*record.strays, *(key.id for key in record.listing()))
    revocations = [action for action in planned if isinstance(action, Revoke)]
    live = {key.id for key in keys if key.is_live(now)}
    return list(dict.fromkeys([*revocations, *(Revoke(it) for it in recorded if it in live)]))


def _notices(record: KeyRecord, steps: RotationPlan) -> list[str]:
    """Say what a person could not tell from the inputs."""
    notices = []
    revoked = [action.key_id for action in steps.actions if isinstance(action, Revoke)]
    if any(isinstance(action, Mint) for action in steps.actions):
        reason = _REASONS.get(steps.reason, steps.message)
        notices.append(f"{reason}; key {record.current.held.id} becomes the previous one")
        cut = "this rotation cuts an overlap short: the oldest key"
        notices.extend(f"{cut} {key_id} is revoked at once" for key_id in revoked)
    else:
        notices.extend(f"the overlap has ended; key {key_id} is revoked" for key_id in revoked)
    if record.strays:
        notices.append(f"to be revoked, since their secrets were lost: {', '.join(record.strays)}")
    return notices
