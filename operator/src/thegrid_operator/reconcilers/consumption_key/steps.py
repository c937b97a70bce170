"""Doing what a plan asks for, one action after the other.

A new key goes into the companion Secret before anything else happens; workloads see it once it was
tested, by one write of the target.
"""

from __future__ import annotations

from dataclasses import replace

from thegrid.client import InDoubt, Misuse
from thegrid.client import perform as market
from thegrid.core.rotation import (
    Forget,
    HeldKey,
    Mint,
    RestoreTarget,
    Revoke,
    RotationAction,
    RotationPlan,
    SwapPending,
    TestPending,
)
from thegrid.core.secret import Secret
from thegrid_operator.key_store import Stored
from thegrid_operator.kube import Json
from thegrid_operator.manifests import companion_name, is_ours, shown_secret
from thegrid_operator.reconcilers.consumption_key.altered import Altered, words_for
from thegrid_operator.reconcilers.consumption_key.contested import (
    CONTESTED,
    Contest,
    put_right,
    words_for_contest,
)
from thegrid_operator.reconcilers.consumption_key.look import Look, Memory
from thegrid_operator.reconcilers.consumption_key.tools import Tools
from thegrid_operator.reconcilers.consumption_key.unstored import Unstored
from thegrid_operator.record import Requests
from thegrid_operator.status import Stalled


def carry_out(tools: Tools, look: Look, plan: RotationPlan) -> Look | None:
    """Do the plan's actions in order. An error or a failed test drops the rest.

    Args:
        tools: What the reconciler works with.
        look: What the plan was made from.
        plan: What to do.

    Returns:
        What is known by now, or None where the rest was dropped.

    Raises:
        GridError: The market refused or could not be asked.
        KubeError: The API server refused or could not be asked.
        NotLeading: This replica may not act.
    """
    for action in plan.actions:
        if isinstance(action, TestPending):
            if not _test(tools, look):
                return None
        else:
            done = _do(tools, look, action)
            if done is None:
                return None
            look = done
    return look


def _do(tools: Tools, look: Look, action: RotationAction) -> Look | None:
    if isinstance(action, Mint):
        return _mint(tools, look, action)
    if isinstance(action, Revoke):
        tools.revoke(look.item, look.session, action)
        return look.revoked(action.key_id)
    stored = _write(tools, look, action)
    return replace(look, stored=stored) if stored else None


def _write(tools: Tools, look: Look, action: RotationAction) -> Stored | None:
    if isinstance(action, SwapPending):
        return _swap(tools, look)
    if isinstance(action, RestoreTarget):
        return _restore(tools, look)
    if isinstance(action, Forget):
        return _forget(look, action.key_id)
    raise TypeError(f"no way to do {type(action).__name__}")


def _mint(tools: Tools, look: Look, action: Mint) -> Look:
    client = look.session.client
    if look.memory.nameless:
        raise Stalled(
            "KeyNameLost",
            "the market shows the key that was made last under another name than it was given. By "
            "that name its owner is told, so no other one is made until the operator is restarted",
            ready=None,
        )
    place = look.store.with_companion(look.stored)
    try:
        minted = tools.effects("key.mint", lambda: market.mint(client, action))
    except InDoubt:
        look.memory.in_doubt_since = look.time()
        raise
    look.memory.in_doubt_since, look.memory.minted = None, minted.key.id
    expires = minted.key.expires_at or action.expires_at
    pending = HeldKey(minted.key.id, action.number, since=look.now, expires_at=expires)
    handles = Requests(action.trigger, action.emergency)
    unstored = look.memory.unstored = Unstored(pending, minted.secret, handles)
    try:
        stored = look.store.store_new_key(place, unstored.put_into(place.holding))
    except Stalled:
        # The place is another's, and nobody else can have the secret: better no key than a lost
        # one. Once another replica leads this is fenced: it may have found the key stored.
        look.memory.unstored = None
        tools.revoke(look.item, look.session, Revoke(minted.key.id))
        raise
    look.memory.unstored = None
    note = look.memory.untold = f"made key #{action.number} ({minted.key.id})"
    tools.recorder.log(look.item, "KeyMinted", note)
    return look.minted(minted.key, stored)


def tell_of_a_mint(tools: Tools, item: Json, memory: Memory) -> None:
    """Write an event of a key that was made and is not in use yet; else that of its swap tells."""
    note, memory.untold = memory.untold, ""
    if note:
        tools.recorder.write(item, "KeyMinted", note, action="Mint")


def _test(tools: Tools, look: Look) -> bool:
    pending = look.stored.holding.record.pending
    if pending is None:
        return False
    accepted = _accepts(look, look.stored.holding.secrets[pending.id])
    if not accepted:
        look.memory.rejected |= {pending.id}
        tell_of_a_mint(tools, look.item, look.memory)
        note = f"the market does not accept new key #{pending.number} ({pending.id})"
        tools.recorder.record(look.item, "TestFailed", note, action="Test", kind="Warning")
    return accepted


def _accepts(look: Look, secret: Secret) -> bool:
    try:
        return look.session.accepts(secret)
    except Misuse:
        return False  # somebody has put a text there that cannot be a key


def _swap(tools: Tools, look: Look) -> Stored:
    """Write the target and tell it, then let the companion follow."""
    pending = look.stored.holding.record.pending
    if pending is None:
        return look.stored
    current = replace(pending, since=look.time(), spread=True)
    holding = look.stored.holding.swapped(current)
    stored = look.store.write_target(look.stored, holding, current)
    new, look.memory.untold = "new " if look.memory.untold else "", ""
    _tell_of_a_takeover(tools, look)
    note = f"Secret {look.key.target.name} now holds {new}key #{current.number} ({current.id})"
    tools.recorder.record(look.item, "KeySwapped", note, action="Swap")
    return look.store.write_companion(stored, holding)


def _restore(tools: Tools, look: Look) -> Stored | None:
    current = look.stored.holding.record.current
    if current is None:
        return look.stored
    secret = _proven_secret(look, current)
    name = look.key.target.name
    if secret is None:
        look.memory.rejected |= {current.id}
        note = f"no Secret holds key #{current.number} ({current.id}) any more; replacing it"
        tools.recorder.record(look.item, "SecretLost", note, action="Restore", kind="Warning")
        return None
    secrets = {**look.stored.holding.secrets, current.id: secret}
    holding = replace(look.stored.holding, secrets=secrets)
    stored = look.store.write_companion(look.stored, holding)
    stored = look.store.write_target(stored, holding, current)
    if look.memory.contest is None and _tell_of_a_takeover(tools, look):
        _count_what_was_put_right(look, stored)
        return stored
    if _was_altered(tools, look, stored):
        return stored
    if _was_edited_since_the_last_report(look.item):
        reason, note = "TargetUpdated", f"Secret {name} now is as spec.target asks"
        tools.recorder.record(look.item, reason, note, action="Restore")
    else:
        _tell_what_was_put_right(tools, look, stored, current)
    return stored


def _tell_what_was_put_right(tools: Tools, look: Look, stored: Stored, current: HeldKey) -> None:
    """Tell it, but once only of a target that somebody changes again each time."""
    contest, name = _count_what_was_put_right(look, stored), look.key.target.name
    what = f"it holds key #{current.number} again"
    if contest is None:
        name = companion_name(look.key.meta.name)
    else:
        if contest.begins and not contest.matters:  # of others the status tells, by an event too
            note = words_for_contest(name, contest)
            tools.recorder.record(look.item, CONTESTED, note, action="Restore", kind="Warning")
        if contest.is_on(look.now):
            return
        what = what if contest.matters else f"{', '.join(sorted(contest.parts))} was changed"
    note = f"Secret {name} was put right: {what}"
    tools.recorder.record(look.item, "TargetRestored", note, action="Restore")


def _count_what_was_put_right(look: Look, stored: Stored) -> Contest | None:
    """Return how often a target was put right by now, or None where only the companion was."""
    lacks = look.store.target_lacks(look.stored)
    if lacks is None or stored.target is look.stored.target:
        return None
    contest = put_right(look.memory.contest, look.stored.target, lacks, look.now)
    look.memory.contest = contest
    return contest


def _was_altered(tools: Tools, look: Look, stored: Stored) -> bool:
    """Tell whether the API server has made something else of what was just written.

    Raises:
        Stalled: Of what workloads read, or of our record: no key can be delivered that way.
    """
    lacks = look.store.target_lacks(stored)
    if lacks is None:
        return False
    before, altered = look.memory.altered, Altered(lacks, look.now)
    note = words_for(look.key.target.name, altered)
    if not altered.can_be_borne:
        raise Stalled("TargetAltered", note)
    look.memory.altered = altered
    if before is None or before.lacks != lacks:
        tools.recorder.record(look.item, "TargetAltered", note, action="Restore", kind="Warning")
    return True


def _proven_secret(look: Look, current: HeldKey) -> Secret | None:
    """Return the secret of the current key, by either of our Secrets, that the market accepts.

    People may have edited the one as well as the other, and workloads must see no text unproven.
    """
    kept = look.stored.holding.secrets[current.id]
    target = look.stored.target
    ours = target if target and is_ours(target, look.key.meta) else None
    shown = shown_secret(ours, current)
    return next((it for it in (kept, shown) if it and _accepts(look, it)), None)


def _tell_of_a_takeover(tools: Tools, look: Look) -> bool:
    before = look.stored.target
    if before is None or is_ours(before, look.key.meta):
        return False
    note = f"Secret {look.key.target.name} was there before and is kept by this resource now"
    current = look.stored.holding.record.current
    if current and current.id == look.key.adopt_key_id:
        note += f", and so is key {current.id} in it"
    tools.recorder.record(look.item, "SecretAdopted", note, action="Adopt")
    return True


def _was_edited_since_the_last_report(item: Json) -> bool:
    seen = (item.get("status") or {}).get("observedGeneration")
    return seen is not None and seen != item["metadata"].get("generation")


def _forget(look: Look, key_id: str) -> Stored:
    """Drop a dead key. One that was in use may stay in the companion until the next write of it."""
    holding = look.stored.holding
    record = holding.record
    if record.previous and record.previous.id == key_id:
        look.memory.forgotten = key_id
        return replace(look.stored, holding=holding.without({key_id}))
    return look.store.write_companion(look.stored, holding.without({key_id}))
