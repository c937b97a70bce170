"""Two views of a world: its whole state, to tell whether it was met before, and its last form.

Identifiers and secrets are random, so both name them by what they are.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import datetime
from functools import partial

from tests.crash.mind import mind_of
from tests.crash.people import encoded

from thegrid.core.identity import KeyTag
from thegrid_operator.login import Bootstrap
from thegrid_operator.resources import LOGIN_SECRET_TYPE

PASSING = ("events", "leases")
ROLLING = ("pods", "deployments")
A_MOMENT_SECONDS = 5
"""Less than every wait and margin of the operator on which something depends."""

SLOTS = ("pending", "current", "previous", "id")
A_KEY_THAT_WORKS, A_DEAD_KEY = "(a key that is accepted)", "(a key that is refused)"

_TIME = re.compile(r"20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")
_UID = re.compile(r"00000000-0000-4000-8000-\d{12}")
_HASH = re.compile(r"\b[0-9a-f]{64}\b")
_REQUEST = re.compile(r"request [\w-]{20}")
_UNTOLD = ("resourceVersion", "managedFields")


def state_of(world):
    """Return a fingerprint of everything that a process which starts now can come upon.

    Times are told by how far they lie from now, and roughly: a world that was reached a moment
    later, after a pause, is the same.
    """
    objects = [
        (where.plural, where.name, _readable(item))
        for where, item in sorted(world.api.everything().items(), key=str)
        if where.plural not in PASSING
    ]
    keys = [
        (row.name, row.is_active, row.expires_at, row.created_at) for row in world.market.rows()
    ]
    # One that only waits for the lead remembers nothing but when it saw the leader last.
    leads = [[_rough(each) for each in replica.lead] for replica in world.replicas]
    people = [world.people.alarmed_at, world.people.missed_at, world.people.restarted_at]
    people.append(world.next_story_at)
    people = [at and _rough(at - world.clock.seconds) for at in people]
    text = json.dumps([world.position, len(world.later), people, leads, objects, keys], default=str)
    return _fingerprint(world, text)


def whole_state_of(world, replica, state, at):
    """Return a fingerprint of all that what follows depends on, a process's memory included.

    Args:
        world: The world.
        replica: The process; with others beside it, nothing is known.
        state: What `state_of` says of the world.
        at: Where on its way the process is.
    """
    if len(world.replicas) > 1:
        return None
    return _fingerprint(world, f"{at} {state} {mind_of(world, replica, _rough)}")


def _fingerprint(world, text):
    text = _TIME.sub(partial(_distance, world.clock.now()), _named(world, text))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _distance(now, found):
    return str(_rough((datetime.fromisoformat(found[0]) - now).total_seconds()))


def _rough(seconds):
    return round(seconds / A_MOMENT_SECONDS)


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
        text = _replaced(text, secret, f"secret of {key}")
    for token in market.tokens:
        standing, *until = market.standing_of(token)
        text = _replaced(text, token, " ".join(["token", standing, *map(str, until)]))
    text = text.replace(market.account.user_id, "the account")
    for login in world.api.items("secrets"):
        if login["type"] == LOGIN_SECRET_TYPE:
            text = text.replace(Bootstrap.of(entries(login)).fingerprint, "the login's fingerprint")
    text = _REQUEST.sub("a request", market.named(text))
    return _numbered(_numbered(text, _UID), _HASH)


def _replaced(text, secret, name):
    return text.replace(secret, name).replace(encoded(secret), name)


def _numbered(text, pattern):
    """Replace what is random, or counts what was made, by the order in which it is told."""
    numbers = {}
    return pattern.sub(lambda found: f"#{numbers.setdefault(found[0], len(numbers))}", text)


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
    data = {name: _what(world, value) for name, value in entries(item).items()}
    # A dead key that was in use may stay until the next one comes.
    over = {"previous"} if data.get("previous") != A_KEY_THAT_WORKS else set()
    return {
        "spec": item.get("spec"),
        "type": item.get("type"),
        "labels": meta.get("labels"),
        "finalizers": meta.get("finalizers"),
        "deleted": "deletionTimestamp" in meta,
        "annotations": sorted(it for it in annotations if not it.startswith("example.com/")),
        "slots": [it for it in SLOTS if it in record and it not in over],
        "trigger": [_as_first_asked(record.get(it)) for it in ("trigger", "pendingTrigger")],
        "data": {name: told for name, told in data.items() if name not in over},
        "conditions": [
            (c["type"], c["status"], c["reason"])
            for c in status.get("conditions", ())
            if c["type"] != "Adopted"  # it tells of the last rotation, and a fault may cause one
        ],
    }


def _as_first_asked(text):
    return text and text.partition(" ")[0]


def _what(world, text):
    """Say what an entry of a Secret is good for."""
    market = world.market
    for secret in market.secrets:
        text = text.replace(secret, A_KEY_THAT_WORKS if market.accepts(secret) else A_DEAD_KEY)
    for token in market.tokens:
        text = text.replace(token, f"(a token that is {market.standing_of(token)[0]})")
    return text
