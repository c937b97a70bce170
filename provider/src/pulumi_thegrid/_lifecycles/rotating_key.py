"""What the lifecycles of all rotating keys share: everything but the names of their properties."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from pulumi_thegrid import _engine
from pulumi_thegrid._connection import Connection
from pulumi_thegrid._lifecycles.key_market import KeyMarket
from pulumi_thegrid._lifecycles.key_record import Declaration, KeyRecord, StoredKey
from pulumi_thegrid._lifecycles.key_rotation import (
    Rotation,
    first_key,
    living,
    looked_at,
    plan,
    revocations,
)
from pulumi_thegrid._lifecycles.lifecycle import (
    Difference,
    Lifecycle,
    Properties,
    time_of,
    time_text,
)
from thegrid.client import Client, Endpoints, Misuse
from thegrid.core.identity import Owner
from thegrid.core.model import ListedKey
from thegrid.core.rotation import Mint, RotationPlan, next_rotation_at


class RotatingKeyLifecycle(Lifecycle):
    """Two live keys at most: the current one, and the previous one while its overlap lasts."""

    asked_by: ClassVar[str]
    """The inputs whose change asks for a rotation, for people."""

    @property
    def declared(self) -> frozenset[str]:
        """The inputs that a program gives."""
        return self.inputs - {"owner"}

    @abstractmethod
    def declaration(self, properties: Properties) -> Declaration:
        """Read checked inputs, or outputs, which repeat them."""

    @abstractmethod
    def stored(self, outputs: Properties, prefix: str) -> StoredKey | None:
        """Read a recorded key."""

    @abstractmethod
    def written(self, key: StoredKey | None, prefix: str) -> Mapping[str, Any]:
        """Write a key for the record."""

    @abstractmethod
    def handed_over(self, key: StoredKey, endpoints: Endpoints) -> Mapping[str, Any]:
        """Return the outputs that programs are configured with."""

    @abstractmethod
    def list_keys(self, client: Client) -> Iterable[ListedKey]:
        """List the account's keys of this kind."""

    @abstractmethod
    def market(
        self, connection: Connection, client: Client, listed: Iterable[Any]
    ) -> KeyMarket[Any]:
        """Deal with the account's keys of this kind, which were just listed."""

    @abstractmethod
    def look_up(self, connection: Connection, id_: str, inputs: Properties) -> dict[str, Any]:
        """Read a key that this resource does not manage, by the market's id."""

    def refuse_change(self, record: KeyRecord, done: Declaration, wanted: Declaration) -> None:
        """Raise Misuse where a declaration cannot follow the one before it. Pure."""
        if wanted.adopt not in {None, done.adopt, *(key.held.id for key in record.stored())}:
            raise Misuse(
                "adopt: is read when a resource is created, and this one is there already: "
                f"declare another resource to adopt key {wanted.adopt}"
            )

    def refuse_revocation(
        self, connection: Connection, record: KeyRecord, key_ids: list[str]
    ) -> None:
        """Raise Misuse where the record alone shows that a key must not be revoked. Pure."""

    def diff(self, connection: Connection, old: Properties, new: Properties) -> Difference:
        """Decide whether the key is to be rotated, or something to be revoked or written anew."""
        if not new.keys() >= self.declared:  # something is unknown, and may ask for a rotation
            return Difference(changes=True)
        record, done, wanted = self._record(old), self.declaration(old), self._wanted(old, new)
        self.refuse_change(record, done, wanted)
        connection.holders.note((key.held.id for key in record.stored()), record.holder)
        # On hold the time stands still at the last swap, so that nothing is ever due.
        now = record.current.held.since if connection.hold else now_of(connection)
        steps = plan(record, done, wanted, now=now, hold=connection.hold)
        self.refuse_revocation(connection, record, revocations(steps))
        handed = self.handed_over(record.current, connection.endpoints)
        outdated = wanted != done or any(old.get(name) != handed[name] for name in handed)
        return Difference(
            changes=outdated or bool(record.strays) or bool(steps.actions),
            notices=tuple(self.notices(record, wanted, steps)),
        )

    def create(self, connection: Connection, inputs: Properties) -> tuple[str, dict[str, Any]]:
        """Look the owner up, then mint or adopt."""
        owner, client = Owner(inputs["owner"]), connection.client()
        connection.account_id()  # a login that opens nothing is told before anything is listed
        listing = connection.listings[self.kind]
        if inputs.get("adopt"):  # it need not be ours: others may have made or revoked it just now
            listing.outdate(owner)
        listed = listing.for_creation(owner, lambda: self.list_keys(client))
        return self.begin(connection, self.market(connection, client, listed), inputs)

    def begin(
        self, connection: Connection, market: KeyMarket[Any], inputs: Properties
    ) -> tuple[str, dict[str, Any]]:
        """Mint or adopt, as was just looked; what was found alive becomes a stray."""
        wanted, owner = self.declaration(inputs), Owner(inputs["owner"])
        account_id, now = connection.account_id(), now_of(connection)
        if wanted.adopt and not connection.holders.claim(wanted.adopt, (owner, now)):
            raise Misuse(f"adopt: another resource of this program holds key {wanted.adopt}")
        record = first_key(market, wanted, owner, account_id, now)
        return record.current.held.id, self._outputs(record, wanted, connection.endpoints)

    def read(self, connection: Connection, old: Properties) -> dict[str, Any] | None:
        """Look the keys up. Only when none is left that a deletion would revoke, it is gone."""
        if not old.get("owner"):
            return self.look_up(connection, old["key_id"], old)
        record, declaration = self._record(old), self.declaration(old)
        found = looked_at(self._look(connection, record), record, now_of(connection))
        if found is None:
            return None
        return self._outputs(found, declaration, connection.endpoints)

    def update(self, connection: Connection, old: Properties, new: Properties) -> dict[str, Any]:
        """Revoke strays and what has outlived its overlap, and rotate if that is due or asked."""
        record, done, wanted = self._record(old), self.declaration(old), self._wanted(old, new)
        self.refuse_change(record, done, wanted)
        market = self._look(connection, record)
        rotation = Rotation(market, record, now_of(connection))
        record = rotation.settle(done, wanted, hold=connection.hold)
        for failure in rotation.failures:
            _engine.tell(f"{self.kind} {wanted.label!r}: {failure}", "warning")
        return self._outputs(record, wanted, connection.endpoints)

    def delete(self, connection: Connection, old: Properties) -> tuple[str, ...]:
        """Revoke every live key of the owner, but none of a replacement's."""
        record = self._record(old)
        market = self._look(connection, record)
        doomed = living(market, record, now_of(connection))
        kept = [it for it in doomed if connection.holders.release(it, record.holder)]
        market.refuse_to_revoke(key_id for key_id in doomed if key_id not in kept)
        for key_id in doomed:
            if key_id not in kept:
                market.revoke(key_id)
        return tuple(f"key {key_id} lives on, since another resource holds it" for key_id in kept)

    def notices(self, record: KeyRecord, wanted: Declaration, steps: RotationPlan) -> list[str]:
        """Say what a person could not tell from the inputs."""
        notices: list[str] = []
        revoked = revocations(steps)
        if steps.reason == "KeyDied":
            notices.extend(_of_a_dead_key(record, wanted))
        elif any(isinstance(action, Mint) for action in steps.actions):
            reason = {
                "RotationDue": "a rotation is due",
                "RotationRequested": f"a rotation is asked for, by {self.asked_by}",
            }.get(steps.reason, steps.message)
            notices.append(f"{reason}; key {record.current.held.id} becomes the previous one")
            cut = "this rotation cuts an overlap short: the oldest key"
            notices.extend(f"{cut} {key_id} is revoked at once" for key_id in revoked)
        else:
            notices.extend(f"the overlap has ended; key {key_id} is revoked" for key_id in revoked)
        if record.strays:
            lost = ", ".join(record.strays)
            notices.append(f"to be revoked, since no state holds their secrets: {lost}")
        return notices

    def _look(self, connection: Connection, record: KeyRecord) -> KeyMarket[Any]:
        connection.listings[self.kind].outdate(record.owner)
        client = connection.client_of(record.account_id)
        return self.market(connection, client, self.list_keys(client))

    def _wanted(self, old: Properties, new: Properties) -> Declaration:
        """An adoption is over once it is done, so a program may say it no longer."""
        wanted = self.declaration(new)
        return wanted if wanted.adopt else replace(wanted, adopt=old.get("adopt"))

    def _record(self, outputs: Properties) -> KeyRecord:
        anchor, current = time_of(outputs["first_created_at"]), self.stored(outputs, "")
        if anchor is None or current is None:
            raise ValueError("the state holds no key; it cannot be managed")
        return KeyRecord(
            owner=Owner(outputs["owner"]),
            account_id=outputs["account_id"],
            anchor=anchor,
            current=current,
            previous=self.stored(outputs, "previous_"),
            strays=tuple(outputs.get("strays") or ()),
            current_is_dead=bool(outputs.get("key_is_dead")),
        )

    def _outputs(
        self, record: KeyRecord, declaration: Declaration, endpoints: Endpoints
    ) -> dict[str, Any]:
        due = next_rotation_at(declaration.policy, record.rotations(declaration))
        return {
            self.label_field: declaration.label,
            **declaration.outputs(),
            "owner": record.owner,
            "account_id": record.account_id,
            "first_created_at": time_text(record.anchor),
            **self.written(record.current, ""),
            "key_is_dead": record.current_is_dead or None,
            **self.written(record.previous, "previous_"),
            "next_rotation": time_text(due),
            "strays": list(record.strays),
            **self.handed_over(record.current, endpoints),
        }


def _of_a_dead_key(record: KeyRecord, wanted: Declaration) -> Iterator[str]:
    key_id = record.current.held.id
    if not record.current_is_dead:
        yield f"key {key_id} has expired and is replaced"
        return
    yield f"key {key_id} was found revoked, expired or missing by a refresh, and is replaced"
    if record.previous:
        works_on = f"works on, for another overlap of {wanted.overlap}"
        yield f"key {record.previous.held.id}, the one before it, {works_on}"


def now_of(connection: Connection) -> datetime:
    """Return the market's time in whole seconds, as the state writes it."""
    return connection.clock.now().replace(microsecond=0)
