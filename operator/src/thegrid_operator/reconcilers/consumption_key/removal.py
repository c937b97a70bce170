"""Letting a resource go: its keys are revoked, its Secrets deleted, then the finalizer released.

Where the keys cannot be revoked, it waits: for its account, for the market, for a person. After a
deadline, or when a person says so, it goes all the same and tells which keys it leaves alive.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from thegrid.client import GridError
from thegrid.core.rotation import Revoke, Situation, as_listed, plan_removal, unlisted_until
from thegrid_operator.kube import CONSUMPTION_KEY, Json
from thegrid_operator.listing import SeenKeys, moment
from thegrid_operator.market import Session
from thegrid_operator.reconcilers.consumption_key.look import Memory, strangers, with_unlisted
from thegrid_operator.reconcilers.consumption_key.tools import NotYet, Rejections, Tools
from thegrid_operator.resources import FINALIZER, FORCE_DELETE_ANNOTATION, ConsumptionKey
from thegrid_operator.status import Report, Stalled, State, time_text
from thegrid_operator.takeover import proven

_SOON = timedelta(seconds=1)
_LATEST_LOOK = timedelta(seconds=30)
_IN_DOUBT = "a key may have been made that the market's listing does not show yet"


def let_go(tools: Tools, item: Json, key: ConsumptionKey, memory: Memory) -> None:
    """Do what the deletion policy says, then release the resource.

    Args:
        tools: What the reconciler works with.
        item: The resource, being deleted.
        key: The same, read.
        memory: What this process knows of it.

    Raises:
        NotYet: The account was not looked at since the start, or a key may have been made that the
            listing does not show yet, and the resource is not forced to go.
        Stalled: The account has no session, and the deadline lies ahead.
        GridError: The market refused or could not be asked, and the deadline lies ahead.
        KubeError: The API server refused or could not be asked.
        NotLeading: This replica may not act.
    """
    meta = key.meta
    if FINALIZER not in meta.finalizers:
        return
    if key.deletion == "Orphan":
        _leave_all(tools, item, key)
    else:
        _revoke_or_leave(tools, item, key, memory)
    left = [finalizer for finalizer in meta.finalizers if finalizer != FINALIZER]
    tools.effects("key.release", lambda: tools.kube.set_finalizers(CONSUMPTION_KEY, item, left))


def while_leaving(tools: Tools, item: Json, report: Report) -> Report:
    """Say of a resource that is being deleted what it waits for, and how it goes without.

    Args:
        tools: What the reconciler works with.
        item: The resource, as read.
        report: Why its keys cannot be revoked, or anything else where it is not being deleted.

    Returns:
        The outcome to write down.
    """
    deadline = _deadline(tools, item)
    if deadline is None:
        return report
    return replace(
        report,
        message=f"being deleted, and its keys cannot be revoked: {report.message}; it goes without "
        f"that at {time_text(deadline)}, or at once with the annotation "
        f"{FORCE_DELETE_ANNOTATION}=true",
    )


def report_of_a_doubt(what: str) -> Report:
    """Say of a resource that is being deleted that it is looked at once more before it goes."""
    message = (
        f"being deleted, and its known keys are revoked: {what}; it goes within a minute, or at "
        f"once with the annotation {FORCE_DELETE_ANNOTATION}=true"
    )
    return Report(State.PROGRESSING, "MintInDoubt", message)


def look_again_in(tools: Tools, item: Json, at_most: timedelta) -> timedelta:
    """Return when a resource that waits is to be looked at again: no later than its deadline."""
    deadline = _deadline(tools, item)
    return at_most if deadline is None else min(at_most, max(deadline - tools.now(), _SOON))


def _deadline(tools: Tools, item: Json) -> datetime | None:
    """Return until when a resource waits that is being deleted, by the cluster's clock."""
    asked_at = item["metadata"].get("deletionTimestamp")
    return asked_at and datetime.fromisoformat(asked_at) + tools.deletion_deadline


def _revoke_or_leave(tools: Tools, item: Json, key: ConsumptionKey, memory: Memory) -> None:
    try:
        session = tools.session(key)
        with Rejections(tools.sessions, key, session):
            _revoke_what_was_never_stored(tools, item, session, memory)
            doubtful = _revoke_all(tools, item, key, session, memory)
        if doubtful:
            raise NotYet(_IN_DOUBT, doubtful)
    except (Stalled, GridError, NotYet) as problem:
        deadline = _deadline(tools, item)
        overdue = deadline is not None and tools.now() >= deadline
        if not (str(problem) and (key.force_delete or overdue)):
            raise
        why = problem.message if isinstance(problem, Stalled) else str(problem)
        what = _as_listed(key) if isinstance(problem, NotYet) else _possibly_alive(tools, key)
        note = f"{what}: not revoked, since {why}"
        tools.recorder.record(item, "KeysLeftAlive", note, action="Release", kind="Warning")
    tools.store(key).delete()


def _leave_all(tools: Tools, item: Json, key: ConsumptionKey) -> None:
    """Make the target nobody's, so that a later resource can take it over."""
    note = f"{_possibly_alive(tools, key)}: not revoked, since spec.deletionPolicy is Orphan"
    tools.store(key).orphan()
    tools.recorder.record(item, "KeysLeftAlive", note, action="Release")


def _possibly_alive(tools: Tools, key: ConsumptionKey) -> str:
    """Name the keys that may be alive, as far as our Secrets tell; the market's names tell all."""
    ids = [held.id for held in tools.store(key).recorded().record.held()]
    listed = f"keys {', '.join(ids)}" if ids else "no key is known"
    return f"{listed}, and {_as_listed(key)}"


def _as_listed(key: ConsumptionKey) -> str:
    return f"whatever the market lists as {key.meta.namespace}/{key.meta.name}"


def _revoke_what_was_never_stored(
    tools: Tools, item: Json, session: Session, memory: Memory
) -> None:
    """A namespace that ends takes no Secret any more; nothing but this process knows the key."""
    if memory.unstored:
        tools.revoke(item, session, Revoke(memory.unstored.key.id))
        memory.unstored = None


def _revoke_all(
    tools: Tools, item: Json, key: ConsumptionKey, session: Session, memory: Memory
) -> timedelta | None:
    """Revoke what the market lists as ours; return when to look for more, or None for all done."""
    holding = tools.store(key).recorded()
    seen = session.listings.begun_after(moment())
    listing = with_unlisted(session.client, seen.listing, holding.record)
    owner = tools.owner(key)
    others = strangers(owner, listing)
    if tools.may_use(key, session):  # else a tag of ours alone proves that a key may go
        others -= proven(key.adopt_key_id, listing, holding)
    for action in plan_removal(owner, listing.keys, listing.as_of, holding.record).actions:
        if isinstance(action, Revoke) and action.key_id not in others:
            tools.revoke(item, session, action)
    situation = Situation(
        policy=replace(key.policy, margin=tools.asking.start_margin),
        owner=owner,
        label="",
        now=listing.as_of,
        keys=listing.keys,
        record=as_listed(holding.without(others).record, listing.keys),
        trigger=key.trigger or holding.record.trigger,
        emergency=key.emergency,
        in_doubt_since=memory.in_doubt_since,
    )
    until = unlisted_until(situation, _took_over_at(tools, memory, seen))
    return None if until is None else min(max(until - listing.as_of, _SOON), _LATEST_LOOK)


def _took_over_at(tools: Tools, memory: Memory, seen: SeenKeys) -> datetime | None:
    """Return when another one was followed who may have died over a key, by the market's clock."""
    took_over_at = tools.took_over_at()
    if took_over_at is None or (memory.bound_at is not None and memory.bound_at >= took_over_at):
        return None
    return seen.listing.as_of - timedelta(seconds=seen.asked_at - took_over_at)
