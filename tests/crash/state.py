"""Two views of a world: its whole state, to tell whether it was met before, and its last form.

Identifiers and secrets are random, so both name them by what they are.
"""

from __future__ import annotations

import base64
import hashlib
import json

from thegrid.core.identity import KeyTag

PASSING = ("events", "leases")
ROLLING = ("pods", "deployments")
_UNTOLD = ("resourceVersion", "managedFields")


def state_of(world):
    """Return a fingerprint of everything that a process which starts now can come upon."""
    objects = [
        (where.plural, where.name, _readable(item))
        for where, item in world.api.everything().items()
        if where.plural not in PASSING
    ]
    keys = [
        (row.name, row.is_active, row.expires_at, row.created_at) for row in world.market.rows()
    ]
    # One that only waits for the lead remembers nothing but when it saw the leader last.
    leads = [replica.lead for replica in world.replicas]
    people = (world.people.alarmed_at, world.people.restarted_at, len(world.later))
    text = json.dumps(
        [world.position, world.clock.seconds, people, leads, objects, keys], default=str
    )
    return hashlib.sha256(_named(world, text).encode()).hexdigest()[:16]


def _readable(item):
    meta = {name: it for name, it in item["metadata"].items() if name not in _UNTOLD}
    return {**item, "metadata": meta, "data": entries(item)}


def entries(item):
    """Return a Secret's entries as text."""
    return {
        name: base64.b64decode(value).decode(errors="replace")
        for name, value in (item.get("data") or {}).items()
    }


def _named(world, text):
    """Replace what is random by what it is at the market."""
    market = world.market
    for secret, key in market.secrets.items():
        text = text.replace(secret, f"secret of {key}")
    for token in market.tokens:
        text = text.replace(token, f"token {market.standing_of(token)}")
    return market.named(text)


def last_form(world):
    """Return what is left in the end, without the numbers, ids and times of how it came about."""
    objects = {
        f"{where.plural}/{where.name}": _form(world, item)
        for where, item in sorted(world.api.everything().items(), key=str)
        if where.plural not in (*PASSING, *ROLLING)
    }
    tagged = [row for row in world.market.rows() if KeyTag.parse(row.name)]
    return {
        "objects": objects,
        "live keys": len([row for row in tagged if row.is_usable(world.clock.now())]),
        "keys made": len(tagged),
        "logins": world.logins,
        "what pods hold": sorted(
            row.is_usable(world.clock.now())
            for row in world.market.rows()
            if row.key_id in world.rollouts.held()
        ),
    }


def _form(world, item):
    meta, status = item["metadata"], item.get("status") or {}
    annotations = dict(meta.get("annotations") or {})
    record = json.loads(annotations.pop("thegrid.ai/record", "{}"))
    slots = [slot for slot in ("pending", "current", "previous", "id") if slot in record]
    return {
        "spec": item.get("spec"),
        "type": item.get("type"),
        "labels": meta.get("labels"),
        "finalizers": meta.get("finalizers"),
        "deleted": "deletionTimestamp" in meta,
        "annotations": sorted(it for it in annotations if not it.startswith("example.com/")),
        "slots": slots,
        "trigger": [record.get("trigger"), record.get("pendingTrigger")],
        "data": {name: _what(world, value) for name, value in entries(item).items()},
        "conditions": [
            (c["type"], c["status"], c["reason"])
            for c in status.get("conditions", ())
            if c["type"] != "Adopted"  # it tells of the last rotation, and a fault may cause one
        ],
    }


def _what(world, text):
    """Say what an entry of a Secret is good for."""
    market = world.market
    for secret in market.secrets:
        standing = "accepted" if market.accepts(secret) else "refused"
        text = text.replace(secret, f"(a key that is {standing})")
    for token in market.tokens:
        text = text.replace(token, f"(a token that is {market.standing_of(token)[0]})")
    return text
