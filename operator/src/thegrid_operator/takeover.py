"""Taking over a key that a person made and put into the target. Pure.

Who names a key's id in a resource must also hold its secret: a listing shows the first characters
of each, and one entry of the Secret has to begin with them. Otherwise a resource could have any key
of the account revoked whose id is known.
"""

from __future__ import annotations

from datetime import datetime

from thegrid.core.identity import KeyTag
from thegrid.core.model import ConsumptionKey, KeyListing
from thegrid.core.rotation import HeldKey, Record
from thegrid.core.secret import Secret
from thegrid_operator.kube import Json
from thegrid_operator.manifests import Holding, decode
from thegrid_operator.status import Stalled

_SHORTEST_PREFIX = 6
"""Fewer characters prove nothing."""


def proven(key_id: str, listing: KeyListing, holding: Holding) -> frozenset[str]:
    """Return a key that was taken over as the only member of a set, if its secret is ours.

    Args:
        key_id: What the resource names; empty for none.
        listing: The account's keys.
        holding: What our Secrets hold.
    """
    key, secret = _listed(key_id, listing), holding.secrets.get(key_id)
    good = key and secret and _begins(secret.reveal(), key, listing)
    return frozenset([key_id]) if good else frozenset()


def take_over(
    key_id: str, listing: KeyListing, target: str, secret: Json | None
) -> Holding | Stalled | None:
    """Take a key over, as long as nothing of ours has been made.

    Args:
        key_id: What the resource names.
        listing: The account's keys.
        target: The name of the Secret.
        secret: The Secret as read, which may be written, or None.

    Returns:
        What is held from then on; or why not, and what to do; or None where the key is dead, so
        that there is nothing to take over.
    """
    where = f"spec.adoptKeyId names {key_id}"
    key = _listed(key_id, listing)
    if key is None:
        why = "the account has no such key, or it is declared elsewhere"
        return Stalled("KeyNotAdopted", f"{where}: {why}")
    if not key.is_live(listing.as_of):
        return None
    values = [decode(value).strip() for value in ((secret or {}).get("data") or {}).values()]
    found = next((text for text in values if _begins(text, key, listing)), None)
    if found is None:
        why = f"no entry of Secret {target} is that key" if secret else f"there is no {target}"
        return Stalled("KeyNotAdopted", f"{where}, but {why}")
    held = HeldKey(key.id, 1, since=_birth(key, listing.as_of), expires_at=key.expires_at)
    return Holding(Record(current=held), {key.id: Secret(found)})


def _listed(key_id: str, listing: KeyListing) -> ConsumptionKey | None:
    """Find a key that nobody has declared."""
    found = (key for key in listing.keys if key.id == key_id and KeyTag.of(key) is None)
    return next(found, None)


def _begins(secret: str, key: ConsumptionKey, listing: KeyListing) -> bool:
    alike = [it for it in listing.keys if it.prefix == key.prefix]
    told = len(key.prefix) >= _SHORTEST_PREFIX and len(alike) == 1
    return told and len(secret) > len(key.prefix) and secret.startswith(key.prefix)


def _birth(key: ConsumptionKey, now: datetime) -> datetime:
    return min(key.created_at or now, now)
