"""Entries of a target that told the key once, and by their templates do not any more. Pure.

Who reads such an entry at the start may run with the key that it told, so it is not among those
that are passed over when pods are asked (`adoption`) before that key is revoked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from thegrid.core.secret import Secret
from thegrid_operator.kube import Json
from thegrid_operator.manifests import decode, shown_secret
from thegrid_operator.record import read_target_record


def told_before(
    target: Json | None, harmless: Set[str], secrets: Mapping[str, Secret]
) -> dict[str, int]:
    """Return the last rotation whose key each entry told that is to tell none from now on.

    Args:
        target: The target, ours, before it is written; or None.
        harmless: The entries that do not tell the key by their present templates.
        secrets: The keys' secrets by id, as far as they are known.

    Returns:
        The rotations' numbers by entry; only entries that told a key.
    """
    shown = read_target_record(target)
    if target is None or shown is None:
        return {}
    told = {entry: number for entry, number in shown.written.told.items() if entry in harmless}
    secret = secrets.get(shown.key.id) or shown_secret(target, shown.key)
    data = target.get("data") or {}
    if secret:
        tells = [it for it in harmless & data.keys() if secret.reveal() in decode(data[it])]
        told |= dict.fromkeys(tells, shown.key.number)
    return told


def tell_none_since(
    target: Json | None, harmless: Set[str], older: Iterable[int]
) -> frozenset[str]:
    """Return the entries of which nobody can have any of some older keys.

    Args:
        target: The target, ours, as read; or None.
        harmless: The entries that do not tell the key by their present templates.
        older: The rotations that made those keys.
    """
    shown = read_target_record(target)
    told, first = (shown.written.told if shown else {}), min(older, default=0)
    return frozenset(entry for entry in harmless if told.get(entry, -1) < first)
