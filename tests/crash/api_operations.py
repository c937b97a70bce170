"""Random requests of the kinds that the operator and people make, the same to two API servers."""

from __future__ import annotations

import copy
import random

from tests.crash.people import encoded

from thegrid_operator.kube import (
    CONSUMPTION_KEY,
    GRID_ACCOUNT,
    LEASE,
    SECRET,
    KubeRefused,
)

_VOLATILE = ("uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "managedFields")
KINDS = (SECRET, SECRET, CONSUMPTION_KEY, CONSUMPTION_KEY, GRID_ACCOUNT, LEASE)
NAMES = ("one", "two")
FINALIZERS = ([], ["thegrid.ai/finalizer"], ["thegrid.ai/finalizer", "example.com/other"])


def operation(dice):
    """Draw one request: a verb with its arguments, without anything that differs between servers.

    Args:
        dice: Where chance comes from.
    """
    kind, name = dice.choice(KINDS), dice.choice(NAMES)
    verbs = {
        "get": 1,
        "create": 3,
        "patch": 4,
        "finalizers": 3,
        "delete": 2,
        "replace": 1 if kind in (SECRET, LEASE) else 0,
        "status": 4 if kind in (CONSUMPTION_KEY, GRID_ACCOUNT) else 0,
    }
    verb = dice.choices(list(verbs), list(verbs.values()))[0]
    # Mostly what was seen last, sometimes something older, as after a pause.
    age = dice.choices((0, 1, 2), (8, 2, 1))[0]
    return verb, kind, name, age, dice.randrange(2**32)


def carry_out(kube, namespace, seen, asked):
    """Send one request.

    Args:
        kube: The server.
        namespace: Where.
        seen: What this server has answered so far, by kind and name; it grows.
        asked: What `operation` drew.

    Returns:
        The answer in a form that is the same for both servers: what was refused, or the object.
    """
    verb, kind, name, age, seed = asked
    dice = random.Random(seed)
    known = seen.setdefault((kind, name), [])
    old = known[max(len(known) - 1 - age, 0)] if known else None
    try:
        if verb == "get":
            answer = kube.get(kind, namespace, name)
        elif verb == "create":
            answer = kube.create(kind, namespace, manifest(kind, name, dice))
        elif old is None:
            return "nothing was seen"
        else:
            answer = _change(kube, verb, kind, old, dice)
    except KubeRefused as refusal:
        return (refusal.status, refusal.reason)
    if answer is None:
        return None
    before = known[-1] if known else None
    known.append(answer)
    return _plain(answer), _relation(before, answer)


def _change(kube, verb, kind, old, dice):
    if verb == "patch":
        return kube.patch(kind, old, _patch(kind, dice))
    if verb == "finalizers":
        return kube.set_finalizers(kind, old, dice.choice(FINALIZERS))
    if verb == "status":
        return kube.apply_status(kind, old, _status(kind, dice))
    if verb == "replace":
        body = copy.deepcopy(old)
        body["metadata"]["labels"] = {"replaced": str(dice.randrange(2))}
        return kube.replace(kind, body)
    kube.delete(kind, old)
    meta = old["metadata"]
    return kube.get(kind, meta["namespace"], meta["name"])


def manifest(kind, name, dice):
    """Return an object to create."""
    meta = {"name": name}
    if dice.random() < 0.3:
        meta["finalizers"] = list(dice.choice(FINALIZERS))
    body = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": meta}
    if kind == SECRET:
        body |= {"type": dice.choice(("Opaque", "thegrid.ai/login")), "data": _data(dice)}
        if dice.random() < 0.2:
            body["immutable"] = True
    elif kind == CONSUMPTION_KEY:
        body["spec"] = {
            "accountRef": {"name": "team"},
            "target": {"name": f"{name}-grid"},
            "unknown": True,
        }
    elif kind == GRID_ACCOUNT:
        body["spec"] = {"loginSecretRef": {"name": "login"}, "unknown": {"deep": 1}}
    else:
        body["spec"] = {"holderIdentity": "me", "leaseDurationSeconds": 15}
    return body


def _data(dice):
    return {entry: encoded(str(dice.randrange(3))) for entry in dice.sample("abc", 2)}


def _patch(kind, dice):
    labels = {"labels": {"mark": dice.choice((None, "x", "y"))}}
    notes = {"annotations": {"note": dice.choice((None, "1", "2"))}}
    metadata = {"metadata": dice.choice(({}, labels, notes, labels | notes))}
    if kind == SECRET:
        entries = {entry: encoded(str(dice.randrange(2))) for entry in "ab"}
        change = dice.choice(({}, {"data": entries}, {"data": entries | {"c": None}}))
        return metadata | change
    if kind in (CONSUMPTION_KEY, GRID_ACCOUNT):
        spec = dice.choice(({}, {"spec": {"suspend": dice.choice((None, True, False))}}))
        return metadata | spec | dice.choice(({}, {"status": {"mode": "not here"}}))
    return metadata | dice.choice(({}, {"spec": {"holderIdentity": dice.choice(("", "you"))}}))


def _status(kind, dice):
    fact = {"mode": "easy"} if kind == GRID_ACCOUNT else {"rotation": dice.randrange(3)}
    conditions = [
        {
            "type": kind_of,
            "status": dice.choice(("True", "False")),
            "reason": dice.choice(("Fine", "Bad")),
            "message": "",
            "lastTransitionTime": "2030-01-01T00:00:00Z",
        }
        for kind_of in dice.sample(("Ready", "Stalled", "Tested"), dice.randrange(1, 4))
    ]
    return dice.choice(({}, fact)) | {"conditions": conditions}


def _plain(item):
    """Leave out what differs between any two servers."""
    meta = {name: it for name, it in item["metadata"].items() if name not in _VOLATILE}
    meta |= {"deleted": "deletionTimestamp" in item["metadata"]}
    meta.pop("namespace")
    return {**item, "metadata": meta}


def _relation(before, after):
    """Tell whether it is another object, or another version of it, than the last that was seen."""
    if before is None:
        return "first"
    return tuple(
        before["metadata"][name] == after["metadata"][name] for name in ("uid", "resourceVersion")
    )
