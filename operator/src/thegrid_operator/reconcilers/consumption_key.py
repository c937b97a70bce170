"""`ConsumptionKey`: carries out the core's rotation plan with two Secrets and the market.

The order of reads is: the resource, the keys at the market, the two Secrets. Whatever was done
before is in those, so a look after a crash is like any other. A new key goes into the companion
Secret before anything else happens; workloads see it once it was tested, by one write of the
target. See docs/decisions/0005-rotation-plan.md.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from thegrid.client import Client, GridError, InDoubt, Inference, LoginRejected, Misuse, NotFound
from thegrid.client import perform as market
from thegrid.core.identity import Owner, cluster_owner, owned_by
from thegrid.core.model import KeyListing, MintedKey
from thegrid.core.rotation import (
    Forget,
    HeldKey,
    Mint,
    Record,
    RestoreTarget,
    Revoke,
    RotationAction,
    RotationPlan,
    Situation,
    SwapPending,
    TestPending,
    Verdict,
    next_rotation_at,
    plan_removal,
    plan_rotation,
)
from thegrid_operator.cache import Name
from thegrid_operator.effects import Effects
from thegrid_operator.events import Recorder
from thegrid_operator.key_store import KeyStore, Stored
from thegrid_operator.kube import CONSUMPTION_KEY, GRID_ACCOUNT, Json, Kube, KubeError
from thegrid_operator.manifests import Holding
from thegrid_operator.market import Session, Sessions
from thegrid_operator.reporting import Reporter
from thegrid_operator.resources import FINALIZER, ConsumptionKey
from thegrid_operator.status import Report, Stalled, State, report_of, time_text

MOST_ROUNDS = 8
LOOK_WHEN_STALLED = timedelta(seconds=30)
LOOK_WHEN_SUSPENDED = timedelta(minutes=10)
LOOK_WHEN_NOT_YET = timedelta(seconds=2)
SOONEST_LOOK = timedelta(milliseconds=500)


class _NotYet(Exception):
    """The account was not looked at since the start."""


@dataclass(slots=True)
class _Memory:
    """What only this process knows about a resource. Losing it costs a look, never a key."""

    missing_since: dict[str, datetime] = field(default_factory=dict)
    rejected: set[str] = field(default_factory=set)
    in_doubt_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look found, kept current by what was done since."""

    item: Json
    key: ConsumptionKey
    session: Session
    memory: _Memory
    store: KeyStore
    stored: Stored
    now: datetime
    situation: Situation


class ConsumptionKeys:
    """Reconciles `ConsumptionKey` resources.

    Args:
        kube: The API server.
        effects: The door for effects.
        reporter: Writes statuses.
        recorder: Writes events.
        sessions: The open sessions with the market.
        cluster: Returns the cluster's identity, the uid of the namespace `kube-system`.
    """

    def __init__(
        self,
        *,
        kube: Kube,
        effects: Effects,
        reporter: Reporter,
        recorder: Recorder,
        sessions: Sessions,
        cluster: Callable[[], str],
    ) -> None:
        self._kube = kube
        self._effects = effects
        self._reporter = reporter
        self._recorder = recorder
        self._sessions = sessions
        self._cluster = cluster
        self._memories: dict[str, _Memory] = {}

    def reconcile(self, name: Name) -> timedelta | None:
        """Bring one key up to date.

        Args:
            name: The resource.

        Returns:
            When to look again, or None when it is gone.

        Raises:
            GridError: The market refused or could not be asked; the status says so.
            KubeError: The API server refused or could not be asked.
            NotLeading: This replica may not act.
        """
        item = self._kube.get(CONSUMPTION_KEY, name.namespace, name.name)
        if item is None:
            return None
        try:
            return self._bring_up_to_date(item)
        except _NotYet:
            return LOOK_WHEN_NOT_YET
        except Stalled as stalled:
            self._reporter.report(CONSUMPTION_KEY, self._fresh(item), stalled.report())
            return LOOK_WHEN_STALLED
        except GridError as problem:
            self._reporter.report(CONSUMPTION_KEY, self._fresh(item), report_of(problem))
            raise

    def _bring_up_to_date(self, item: Json) -> timedelta | None:
        try:
            key = ConsumptionKey.of(item)
        except ValueError as problem:
            raise Stalled("InvalidSpec", str(problem), ready=None) from None
        if key.meta.deleted:
            self._let_go(item, key)
            return None
        if key.suspended:
            report = Report(State.SETTLED, "Suspended", "spec.suspend is set")
            self._reporter.report(CONSUMPTION_KEY, item, report)
            return LOOK_WHEN_SUSPENDED
        session = self._session(key)
        if FINALIZER not in key.meta.finalizers:
            wanted = [*key.meta.finalizers, FINALIZER]
            item = self._effects(
                "key.finalizer", lambda: self._kube.set_finalizers(CONSUMPTION_KEY, item, wanted)
            )
        with _Rejections(self._sessions, key, session):
            return self._rotate(item, key, session)

    def _rotate(self, item: Json, key: ConsumptionKey, session: Session) -> timedelta:
        """Look, plan and act until the plan asks for nothing more."""
        for _ in range(MOST_ROUNDS):
            look = self._look(item, key, session)
            plan = plan_rotation(look.situation)
            if not plan.actions:
                self._reporter.report(CONSUMPTION_KEY, item, _report(look, plan))
                return _until(plan.look_again_at, look.now)
            self._carry_out(look, plan)
        return SOONEST_LOOK

    def _look(self, item: Json, key: ConsumptionKey, session: Session) -> _Look:
        listing = session.client.list_consumption_keys()
        store = KeyStore(self._kube, self._effects, key, session.endpoints)
        owner = self._owner(key)
        stored = store.read()
        listing = _with_unlisted(session.client, listing, stored.holding.record)
        stored = _without_strangers(stored, owner, listing)
        memory = self._memories.setdefault(key.meta.uid, _Memory())
        record = stored.holding.record
        _note_missing(memory, [held.id for held in record.held()], listing)
        rejected = record.pending is not None and record.pending.id in memory.rejected
        situation = Situation(
            policy=key.policy,
            owner=owner,
            label=f"{key.meta.namespace}/{key.meta.name}",
            now=listing.as_of,
            keys=listing.keys,
            record=record,
            trigger=key.trigger,
            verdict=Verdict.REJECTED if rejected else Verdict.UNTESTED,
            target_is_right=store.target_is_right(stored),
            missing_since=memory.missing_since,
            in_doubt_since=memory.in_doubt_since,
        )
        return _Look(item, key, session, memory, store, stored, listing.as_of, situation)

    def _carry_out(self, look: _Look, plan: RotationPlan) -> None:
        """Do the plan's actions in order. An error or a failed test drops the rest."""
        for action in plan.actions:
            if isinstance(action, TestPending):
                if not self._test(look):
                    return
            else:
                look = replace(look, stored=self._do(look, action))

    def _do(self, look: _Look, action: RotationAction) -> Stored:
        if isinstance(action, Mint):
            return self._mint(look, action)
        if isinstance(action, SwapPending):
            return self._swap(look)
        if isinstance(action, RestoreTarget):
            return self._restore(look)
        if isinstance(action, Revoke):
            self._revoke(look.item, look.session, action)
            return look.stored
        if isinstance(action, Forget):
            return self._forget(look, action)
        raise TypeError(f"no way to do {type(action).__name__}")

    def _mint(self, look: _Look, action: Mint) -> Stored:
        client = look.session.client
        try:
            minted = self._effects("key.mint", lambda: market.mint(client, action))
        except InDoubt:
            look.memory.in_doubt_since = look.now
            raise
        look.memory.in_doubt_since = None
        holding = _with_pending(look.stored.holding, action, minted, look.now)
        try:
            stored = look.store.store_new_key(look.stored, holding)
        except KubeError:
            # Nobody can have its secret, so better no key than one that is lost. Once another
            # replica leads this is fenced: it may have found the key stored, and use it.
            self._revoke(look.item, look.session, Revoke(minted.key.id))
            raise
        note = f"made key #{action.number} ({minted.key.id})"
        self._recorder.record(look.item, "KeyMinted", note, action="Mint")
        return stored

    def _test(self, look: _Look) -> bool:
        pending = look.stored.holding.record.pending
        if pending is None:
            return False
        secret = look.stored.holding.secrets[pending.id]
        inference = Inference(look.session.endpoints, secret)
        try:
            accepted = inference.accepts_key()
        finally:
            inference.close()
        if not accepted:
            look.memory.rejected.add(pending.id)
            note = f"the market does not accept new key #{pending.number} ({pending.id})"
            self._recorder.record(look.item, "TestFailed", note, action="Test", kind="Warning")
        return accepted

    def _swap(self, look: _Look) -> Stored:
        """Write the target, then let the companion follow."""
        pending = look.stored.holding.record.pending
        if pending is None:
            return look.stored
        current = replace(pending, since=look.now)
        holding = look.stored.holding.swapped(current)
        stored = look.store.write_target(look.stored, holding, current)
        stored = look.store.write_companion(stored, holding)
        note = f"Secret {look.key.target} now holds key #{current.number} ({current.id})"
        self._recorder.record(look.item, "KeySwapped", note, action="Swap")
        return stored

    def _restore(self, look: _Look) -> Stored:
        current = look.stored.holding.record.current
        if current is None:
            return look.stored
        stored = look.store.write_target(look.stored, look.stored.holding, current)
        note = f"Secret {look.key.target} was put right: it holds key #{current.number} again"
        self._recorder.record(look.item, "TargetRestored", note, action="Restore")
        return stored

    def _forget(self, look: _Look, action: Forget) -> Stored:
        record = look.stored.holding.record
        record = replace(
            record,
            pending=_unless(record.pending, action.key_id),
            previous=_unless(record.previous, action.key_id),
        )
        return look.store.write_companion(look.stored, replace(look.stored.holding, record=record))

    def _revoke(self, item: Json, session: Session, action: Revoke) -> None:
        self._effects("key.revoke", lambda: market.revoke(session.client, action))
        self._recorder.record(item, "KeyRevoked", f"revoked {action.key_id}", action="Revoke")

    def _let_go(self, item: Json, key: ConsumptionKey) -> None:
        """Revoke all keys of the resource, delete our Secrets, then release it."""
        meta = key.meta
        if FINALIZER not in meta.finalizers:
            return
        if key.deletion == "Revoke":
            session = self._session(key)
            store = KeyStore(self._kube, self._effects, key, session.endpoints)
            with _Rejections(self._sessions, key, session):
                self._revoke_all(item, key, session, store.recorded())
            store.delete()
        left = [finalizer for finalizer in meta.finalizers if finalizer != FINALIZER]
        self._effects("key.release", lambda: self._kube.set_finalizers(CONSUMPTION_KEY, item, left))
        self._memories.pop(meta.uid, None)

    def _revoke_all(
        self, item: Json, key: ConsumptionKey, session: Session, record: Record
    ) -> None:
        listing = session.client.list_consumption_keys()
        listing = _with_unlisted(session.client, listing, record)
        owner = self._owner(key)
        strangers = _strangers(owner, listing)
        for action in plan_removal(owner, listing.keys, listing.as_of, record).actions:
            if isinstance(action, Revoke) and action.key_id not in strangers:
                self._revoke(item, session, action)

    def _owner(self, key: ConsumptionKey) -> Owner:
        meta = key.meta
        return cluster_owner(self._cluster(), meta.namespace, meta.name, meta.uid)

    def _session(self, key: ConsumptionKey) -> Session:
        account = Name("GridAccount", *key.account)
        session = self._sessions.get(account)
        where = f"GridAccount {account.namespace}/{account.name}"
        if session is None:
            why = self._sessions.why_closed(account)
            if why is None and self._kube.get(GRID_ACCOUNT, *key.account) is not None:
                raise _NotYet  # after a start it comes first; nothing is amiss
            message = f"{where} is not ready: {why}" if why else f"{where} does not exist"
            raise Stalled("AccountNotReady", message, ready=None)
        namespace = key.meta.namespace
        if namespace not in session.allowed_namespaces:
            raise Stalled(
                "NamespaceNotAllowed",
                f"{where} does not list namespace {namespace} in spec.allowedNamespaces",
                ready=None,
            )
        return session

    def _fresh(self, item: Json) -> Json:
        """Read a resource again, since a finalizer may have changed its version on the way."""
        meta = item["metadata"]
        return self._kube.get(CONSUMPTION_KEY, meta["namespace"], meta["name"]) or item


class _Rejections:
    """Has the account looked at when the market does not accept its login."""

    def __init__(self, sessions: Sessions, key: ConsumptionKey, session: Session) -> None:
        self._sessions = sessions
        self._account = Name("GridAccount", *key.account)
        self._session = session

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, LoginRejected):
            self._sessions.reject(self._account, self._session)


def _with_unlisted(client: Client, listing: KeyListing, record: Record) -> KeyListing:
    """Add the keys that are written down and that the listing does not show, or not yet.

    They are read one by one. Else whoever may edit our record could put the id of another's new key
    into it, and have that key taken for ours until the listing shows its name.
    """
    known = {key.id: key for key in listing.keys}
    for held in record.held():
        if held.id not in known:
            with suppress(NotFound, Misuse):
                known[held.id] = client.consumption_key(held.id)
    return replace(listing, keys=tuple(known.values()))


def _strangers(owner: Owner, listing: KeyListing) -> frozenset[str]:
    """Return the keys that the market lists under another name than ours."""
    return frozenset(key.id for key in listing.keys) - owned_by(owner, listing.keys).keys()


def _without_strangers(stored: Stored, owner: Owner, listing: KeyListing) -> Stored:
    """Who may edit a Secret must not have us revoke or hand out the keys of others."""
    return replace(stored, holding=stored.holding.without(_strangers(owner, listing)))


def _with_pending(holding: Holding, action: Mint, minted: MintedKey, now: datetime) -> Holding:
    expires = minted.key.expires_at or action.expires_at
    pending = HeldKey(minted.key.id, action.number, since=now, expires_at=expires)
    record = replace(holding.record, pending=pending)
    secrets = {**holding.secrets, pending.id: minted.secret}
    return Holding(record, secrets, pending_trigger=action.trigger)


def _unless(held: HeldKey | None, key_id: str) -> HeldKey | None:
    return None if held is None or held.id == key_id else held


def _note_missing(memory: _Memory, held: list[str], listing: KeyListing) -> None:
    """Remember since when a listing has lacked a key that we hold."""
    listed = {key.id for key in listing.keys}
    memory.missing_since = {
        key_id: memory.missing_since.get(key_id, listing.as_of)
        for key_id in held
        if key_id not in listed
    }


def _report(look: _Look, plan: RotationPlan) -> Report:
    situation, record = look.situation, look.stored.holding.record
    current = record.current
    works = current is not None and not situation.is_dead(current) and situation.target_is_right
    due = next_rotation_at(situation.policy, record)
    message = plan.message
    if works and current and due and plan.reason == "UpToDate":
        message = f"the Secret holds key #{current.number}; next rotation at {time_text(due)}"
    return Report(
        State.SETTLED if plan.reason == "UpToDate" else State.PROGRESSING,
        plan.reason,
        message,
        ready=works,
        facts={
            "keyId": current.id if current else None,
            "rotation": current.number if current else None,
            "rotatedAt": time_text(current.since) if current else None,
            "expiresAt": time_text(current.expires_at) if current and current.expires_at else None,
            "nextRotationAt": time_text(due) if due else None,
            "previousKeyId": record.previous.id if record.previous else None,
        },
        tested=_tested(look) if current else None,
    )


def _tested(look: _Look) -> tuple[str, str, str]:
    if look.session.checks_keys():
        return "True", "Accepted", "the market accepted the key before it was swapped in"
    return (
        "Unknown",
        "CatalogueOpen",
        "the market's catalogue accepts any key, so nothing was proven",
    )


def _until(time: datetime | None, now: datetime) -> timedelta:
    return max(time - now, SOONEST_LOOK) if time else SOONEST_LOOK
