"""Letting a resource go: its keys are revoked, its Secrets deleted, then the finalizer released."""

from __future__ import annotations

from thegrid.core.rotation import Revoke, plan_removal
from thegrid_operator.kube import CONSUMPTION_KEY, Json
from thegrid_operator.manifests import Holding
from thegrid_operator.market import Session
from thegrid_operator.reconcilers.consumption_key.look import strangers, with_unlisted
from thegrid_operator.reconcilers.consumption_key.tools import Rejections, Tools
from thegrid_operator.resources import FINALIZER, ConsumptionKey
from thegrid_operator.takeover import proven


def let_go(tools: Tools, item: Json, key: ConsumptionKey) -> None:
    """Do what the deletion policy says, then release the resource.

    Args:
        tools: What the reconciler works with.
        item: The resource, being deleted.
        key: The same, read.

    Raises:
        NotYet: The account was not looked at since the start.
        Stalled: The account has no session.
        GridError: The market refused or could not be asked.
        KubeError: The API server refused or could not be asked.
        NotLeading: This replica may not act.
    """
    meta = key.meta
    if FINALIZER not in meta.finalizers:
        return
    if key.deletion == "Revoke":
        session = tools.session(key)
        store = tools.store(key, session)
        with Rejections(tools.sessions, key, session):
            _revoke_all(tools, item, key, session, store.recorded())
        store.delete()
    left = [finalizer for finalizer in meta.finalizers if finalizer != FINALIZER]
    tools.effects("key.release", lambda: tools.kube.set_finalizers(CONSUMPTION_KEY, item, left))


def _revoke_all(
    tools: Tools, item: Json, key: ConsumptionKey, session: Session, holding: Holding
) -> None:
    listing = session.client.list_consumption_keys()
    listing = with_unlisted(session.client, listing, holding.record)
    owner = tools.owner(key)
    others = strangers(owner, listing) - proven(key.adopt_key_id, listing, holding)
    for action in plan_removal(owner, listing.keys, listing.as_of, holding.record).actions:
        if isinstance(action, Revoke) and action.key_id not in others:
            tools.revoke(item, session, action)
