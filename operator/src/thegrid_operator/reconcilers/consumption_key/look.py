"""Gathering the facts of one look: the keys at the market first, then the two Secrets.

Whatever was done before is in those, so a look after a crash is like any other.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from thegrid.client import Client, Misuse, NotFound
from thegrid.core.identity import Owner, owned_by
from thegrid.core.model import ConsumptionKey as ListedConsumptionKey
from thegrid.core.model import KeyListing
from thegrid.core.rotation import Record, Situation, Verdict, as_listed
from thegrid_operator.key_store import KeyStore, Stored
from thegrid_operator.kube import Json
from thegrid_operator.manifests import Holding
from thegrid_operator.market import Session
from thegrid_operator.reconcilers.consumption_key.altered import Altered
from thegrid_operator.reconcilers.consumption_key.contested import Contest
from thegrid_operator.reconcilers.consumption_key.tools import Tools
from thegrid_operator.reconcilers.consumption_key.unstored import Unstored
from thegrid_operator.resources import ConsumptionKey
from thegrid_operator.status import Stalled
from thegrid_operator.takeover import proven, take_over

_MARKET_TELLS = timedelta(seconds=1)


@dataclass(slots=True)
class Memory:
    """What only this process knows about a resource. Losing it costs a look, never a key.

    Attributes:
        uid: The resource's.
        missing_since: For keys that a listing lacked, when that was first seen.
        rejected: The keys of which no secret that we hold passed a test.
        in_doubt_since: When a mint ended without an answer, or None.
        looked: The moment at which the last look had ended, with all that it did.
        unstored: A key that was made and could not be written down yet, or None.
        minted: The key made last, until a listing has shown it under its name; empty for none.
        nameless: Whether the market has shown it under another name: then none of ours can be told.
        bound_at: When this process bound the resource, before which nobody made a key for it, in
            seconds that only grow; None where another one did.
        altered: What others make of the target whenever it is written, or None.
        contest: How often somebody else changed the target that was put right, or None.
        untold: What no event has told yet of a key that was made; empty for nothing.
        forgotten: The key that was in use last, is dead, and of which nothing is left to be done;
            empty for none.
    """

    uid: str
    missing_since: dict[str, datetime] = field(default_factory=dict)
    rejected: frozenset[str] = frozenset()
    in_doubt_since: datetime | None = None
    looked: int = 0
    unstored: Unstored | None = None
    altered: Altered | None = None
    contest: Contest | None = None
    untold: str = ""
    forgotten: str = ""
    minted: str = ""
    nameless: bool = False
    bound_at: float | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found, kept current by what was done since.

    Attributes:
        item: The resource as the API server has it.
        key: The same, read.
        session: The account's session.
        memory: What this process knows of the resource.
        store: Its two Secrets, to write them.
        stored: What they hold.
        now: The market's time when it was asked.
        asked_at: The same moment, or just before it, in seconds that only grow.
        answered_at: The same moment, or just after it, in the same seconds.
        situation: All of it, for the core.
        listed: The account's keys of concern, as the market shows them.
    """

    item: Json
    key: ConsumptionKey
    session: Session
    memory: Memory
    store: KeyStore
    stored: Stored
    now: datetime
    asked_at: float
    answered_at: float
    situation: Situation
    listed: tuple[ListedConsumptionKey, ...]

    def time(self) -> datetime:
        """Return the market's time by now, rather late than early.

        What has happened since the look, such as waits for a busy market, must not shorten an
        overlap; and the market tells whole seconds.
        """
        passed = self.session.outside.monotonic() - self.asked_at
        return self.now + timedelta(seconds=passed) + _MARKET_TELLS

    def minted(self, key: ListedConsumptionKey, stored: Stored) -> Look:
        """Return what is known once a key was made and stored."""
        return replace(self, stored=stored, listed=(*self.listed, key))

    def revoked(self, key_id: str) -> Look:
        """Return what is known once a key was revoked."""
        keys = (replace(key, is_active=key.is_active and key.id != key_id) for key in self.listed)
        return replace(self, listed=tuple(keys))

    def present(self) -> datetime:
        """Return the market's time by now, rather early than late; others may have asked it."""
        passed = self.session.outside.monotonic() - self.answered_at
        return self.now + timedelta(seconds=passed)


def look_at(
    tools: Tools,
    item: Json,
    key: ConsumptionKey,
    session: Session,
    memory: Memory,
    *,
    declared: int,
    answered: Look | None = None,
) -> Look:
    """Gather the facts.

    Args:
        tools: What the reconciler works with.
        item: The resource, read before.
        key: The same, read.
        session: The account's session.
        memory: What this process knows of the resource; what was seen missing is noted in it.
        declared: The moment since which the declaration has been known.
        answered: What the answers to all that was done since the last look tell, to be taken for
            read; None asks the market and reads the Secrets.

    Returns:
        The facts.

    Raises:
        Stalled: The companion Secret is not ours, or cannot be changed; or a key that is to be
            taken over is not in the target.
        GridError: The market refused or could not be asked.
        KubeError: The API server refused or could not be asked.
    """
    store = tools.store(key, session)
    owner = tools.owner(key)
    if answered:
        listing = KeyListing(answered.listed, answered.now)
        asked_at, answered_at = answered.asked_at, answered.answered_at
    else:
        seen = session.listings.begun_after(max(declared, memory.looked))
        listing, asked_at, answered_at = seen.listing, seen.asked_at, seen.answered_at
    stored = store.read(answered.stored if answered else None)
    if not key.adopt_key_id:  # whose first characters must tell it from all others
        keys = _of_concern(owner, listing, stored.holding.record, memory.unstored)
        listing = replace(listing, keys=keys)
    # Before keys that no listing shows are asked for one by one, at every look.
    stored = replace(stored, holding=_without_what_is_over(stored.holding, item, memory, listing))
    listing = with_unlisted(session.client, listing, stored.holding.record)
    if not answered:
        _note_names(memory, owner, listing)
    others = strangers(owner, listing) - proven(key.adopt_key_id, listing, stored.holding)
    stored = replace(stored, holding=_believed(stored.holding.without(others), memory, listing))
    if key.adopt_key_id and not (stored.refused or stored.holding.record.held()):
        stored = _take_over(key, listing, owner, store, stored)
    stored = _store_at_last(memory, owner, listing, store, stored)
    record = stored.holding.record
    _note_missing(memory, [held.id for held in record.held()], listing)
    lacks = store.target_lacks(stored)
    altered, contest = memory.altered, memory.contest
    borne = any(it and it.is_borne(lacks, listing.as_of) for it in (altered, contest))
    rejected = record.pending is not None and record.pending.id in memory.rejected
    situation = Situation(
        policy=replace(key.policy, margin=tools.asking.start_margin),
        owner=owner,
        label=f"{key.meta.namespace}/{key.meta.name}",
        now=listing.as_of,
        keys=_of_concern(owner, listing, record),
        record=as_listed(record, listing.keys),
        trigger=key.trigger or record.trigger,  # one that is taken back asks for nothing
        emergency=key.emergency,
        verdict=Verdict.REJECTED if rejected else Verdict.UNTESTED,
        target_is_right=lacks is None or borne,
        target_waits_until=contest.pauses_until() if contest else None,
        target_is_refused=stored.refused is not None,
        missing_since=memory.missing_since,
        in_doubt_since=memory.in_doubt_since,
    )
    times = (listing.as_of, asked_at, answered_at)
    return Look(item, key, session, memory, store, stored, *times, situation, listing.keys)


def _believed(holding: Holding, memory: Memory, listing: KeyListing) -> Holding:
    """Leave out a current key that lives while what our Secrets hold of it is not accepted."""
    current = holding.record.current
    if current is None or current.id not in memory.rejected:
        return holding
    ended = any(key.id == current.id and not key.is_live(listing.as_of) for key in listing.keys)
    return holding if ended else holding.without_secret(current.id)


def _without_what_is_over(
    holding: Holding, item: Json, memory: Memory, listing: KeyListing
) -> Holding:
    """Leave out a dead previous key once it was told that nobody holds it; a later write drops it.

    The status tells it on after a restart. Where that is lost, pods are asked once more.
    """
    current, previous = holding.record.current, holding.record.previous
    if current is None or previous is None:
        return holding
    if any(key.id == previous.id and key.is_live(listing.as_of) for key in listing.keys):
        return holding
    status = item.get("status") or {}
    is_told = status.get("keyId") == current.id and "previousKeyId" not in status
    return holding.without({previous.id}) if is_told or previous.id == memory.forgotten else holding


def _store_at_last(
    memory: Memory, owner: Owner, listing: KeyListing, store: KeyStore, stored: Stored
) -> Stored:
    """Write down a key that was made when it could not be stored."""
    unstored = memory.unstored
    if unstored is None or stored.refused:
        return stored
    if unstored.is_wanted(owner, stored.holding.record, listing):
        stored = store.write_companion(stored, unstored.put_into(stored.holding))
    memory.unstored = None
    return stored


def _take_over(
    key: ConsumptionKey, listing: KeyListing, owner: Owner, store: KeyStore, stored: Stored
) -> Stored:
    """Take over the key that a person made, unless keys of ours have followed it already."""
    if owned_by(owner, listing.keys):
        return stored
    found = take_over(key.adopt_key_id, listing, key.target.name, stored.target)
    if isinstance(found, Stalled):
        raise found
    return store.write_companion(stored, found) if found else stored


def with_unlisted(client: Client, listing: KeyListing, record: Record) -> KeyListing:
    """Add the keys that are written down and that the listing does not show, or not yet.

    They are read one by one. Else whoever may edit our record could put the id of another's new key
    into it, and have that key taken for ours until the listing shows its name.

    Raises:
        GridError: The market refused or could not be asked.
    """
    known = {key.id: key for key in listing.keys}
    for held in record.held():
        if held.id not in known:
            with suppress(NotFound, Misuse):
                known[held.id] = client.consumption_key(held.id)
    return replace(listing, keys=tuple(known.values()))


def _of_concern(
    owner: Owner, listing: KeyListing, record: Record, unstored: Unstored | None = None
) -> tuple[ListedConsumptionKey, ...]:
    """Return our keys and those of the record: rules that pass over a thousand others take long."""
    ids = owned_by(owner, listing.keys).keys() | {held.id for held in record.held()}
    ids |= {unstored.key.id} if unstored else set()
    return tuple(key for key in listing.keys if key.id in ids)


def strangers(owner: Owner, listing: KeyListing) -> frozenset[str]:
    """Return the keys that the market lists under another name than ours.

    Who may edit a Secret must not have us revoke or hand out the keys of others.
    """
    return frozenset(key.id for key in listing.keys) - owned_by(owner, listing.keys).keys()


def _note_names(memory: Memory, owner: Owner, listing: KeyListing) -> None:
    """See whether the market keeps names: without, each key would be followed by another."""
    if memory.minted in strangers(owner, listing):
        memory.nameless = True
    elif memory.minted in owned_by(owner, listing.keys):
        memory.minted = ""


def _note_missing(memory: Memory, held: list[str], listing: KeyListing) -> None:
    """Remember since when a listing has lacked a key that we hold."""
    listed = {key.id for key in listing.keys}
    memory.missing_since = {
        key_id: memory.missing_since.get(key_id, listing.as_of)
        for key_id in held
        if key_id not in listed
    }
