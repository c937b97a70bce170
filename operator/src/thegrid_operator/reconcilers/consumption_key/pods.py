"""Listing the pods that read a key, and telling who of them may run with another one.

Nothing watches pods, so each answer is a list of the resource's namespace.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from thegrid.core.rotation import HeldKey
from thegrid_operator.adoption import Holdout, Swap, holdouts, in_the_cluster
from thegrid_operator.kube import Json, Kind, KubeRefused
from thegrid_operator.reconcilers.consumption_key.answers import FORBIDDEN
from thegrid_operator.reconcilers.consumption_key.look import Look
from thegrid_operator.reconcilers.consumption_key.tools import Tools
from thegrid_operator.templates import without_the_key
from thegrid_operator.told import tell_none_since

POD = Kind("", "v1", "pods", "Pod")

PODS_PER_PAGE = 100


def why_unasked(tools: Tools, look: Look) -> str:
    """Say why no pod of a resource is to be asked; empty where they are."""
    if not look.key.asks_pods:
        return "spec.adoption is Time"
    if not tools.asking.observe_pods:
        return "the chart's value observePods is false"
    return ""


def who_holds_another(
    tools: Tools, look: Look, now: datetime, key: HeldKey | None, *, opens: bool = False
) -> tuple[Holdout, ...] | None:
    """Find the containers that may not hold a key, nor one that came after it.

    Args:
        tools: What the reconciler works with.
        look: What was found at the market and in the Secrets.
        now: The cluster's time.
        key: Which; None for one that is put into place now.
        opens: Whether nothing is known to have come before it.

    Returns:
        The containers, or None where the chart does not let pods be listed.

    Raises:
        KubeError: The API server refused otherwise, or could not be asked.
    """
    try:
        return holdouts(_pods(tools, look), swap_of(tools, look, now, key, opens=opens), now)
    except KubeRefused as refusal:
        if refusal.status != FORBIDDEN:
            raise
        return None


def swap_of(
    tools: Tools, look: Look, now: datetime, key: HeldKey | None, *, opens: bool = False
) -> Swap:
    """Return the swap to a key as the cluster's clock tells it; now, if there is none."""
    asking = tools.asking
    since = key.since if key else look.now
    at = in_the_cluster(since, market=look.present(), cluster=now)
    delay = asking.volume_delay if look.key.volume_delay is None else look.key.volume_delay
    harmless = tell_none_since(
        look.stored.target, without_the_key(look.key.target.entries), _older_numbers(look)
    )
    return Swap(look.key.target.name, at, asking.start_margin, delay, harmless, opens)


def _older_numbers(look: Look) -> list[int]:
    """Return the rotations before the present one whose keys somebody may run with."""
    situation = look.situation
    numbers = [tag.number for tag, _ in situation.strays()]
    numbers += [it.number for it in (situation.record.previous,) if it]
    current = situation.record.current
    return numbers or ([current.number - 1] if current else [])


def _pods(tools: Tools, look: Look) -> Iterator[Json]:
    """List the pods of the resource's namespace, a page at a time."""
    query = {"limit": str(PODS_PER_PAGE)}
    while True:
        page = tools.kube.page(POD, look.key.meta.namespace, **query)
        yield from page["items"]
        following = page["metadata"].get("continue")
        if not following:
            return
        query["continue"] = following
