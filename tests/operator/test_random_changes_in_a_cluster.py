"""Whatever is changed in whatever order on a real API server, the end is what is declared then.

The fault harness plays hundreds of such sequences in its own world; this one is as long as a minute
allows. The sequence is drawn from a seed that is told, and `SEED` in the environment replays it.
"""

from __future__ import annotations

import json
import os
import random

import pytest
from tests.crash.api_rules import merged

pytestmark = pytest.mark.engines

CHANGES = 15
AWAITED = 1 / 3
"""Of so many changes the end is awaited; the others follow at once."""

KEYS = ("app", "web")
ENTRIES = (
    None,
    {"OPENAI_API_KEY": "$(KEY)", "OPENAI_BASE_URL": "$(OPENAI_BASE_URL)", "PRICE": "5$$"},
    {"OPENAI_API_KEY": "$(KEY)", "OPENAI_BASE_URL": "$(OPENAI_BASE_URL)"},
)
EDITS = (
    *({"rotateAfter": text} for text in (None, "1h", "30d")),
    *({"overlap": text} for text in ("1s", "3s")),
    *({"deadline": text} for text in (None, "20m")),
    *({"onDeadline": word} for word in ("Hold", "Revoke")),
    *({"onRevoked": word} for word in ("Replace", "Hold")),
    *({"adoption": word} for word in ("Pods", "Time")),
    *({"suspend": word} for word in (True, False)),
    *({"target": {"entries": entries}} for entries in ENTRIES),
    *({"target": {"labels": labels}} for labels in (None, {"a": "1"}, {"b": "2"})),
    *({"target": {"creationPolicy": word}} for word in ("Create", "Adopt")),
)


class Declared:
    """What is declared by now.

    Args:
        cluster: Where it is declared.
    """

    def __init__(self, cluster):
        self._cluster = cluster
        self._namespace = f"--namespace={cluster.namespace}"
        self.specs = {}

    def declare(self, name):
        self.specs[name] = {"overlap": "1s", "target": {"name": f"{name}-grid"}}
        self._cluster.declare_key(name, **self.specs[name])

    def edit(self, name, change):
        self.specs[name] = merged(self.specs[name], change)
        patch = json.dumps({"spec": change})
        names = ("patch", "consumptionkey", name, self._namespace, "--type=merge")
        self._cluster.plane.kubectl(*names, f"--patch={patch}")

    def delete(self, name):
        del self.specs[name]
        self._cluster.plane.kubectl("delete", "consumptionkey", name, self._namespace)

    def ask(self, name, annotation, text):
        self._cluster.annotate("consumptionkey", name, f"thegrid.ai/{annotation}={text}")


def draw(chance, declared):
    """Return one change that makes sense now, as something to do and words for it."""
    name = chance.choice(KEYS)
    if name not in declared.specs:
        return f"declare {name}", lambda: declared.declare(name)
    kind = chance.choices(("edit", "rotate", "emergency-rotate", "delete"), (8, 2, 1, 1))[0]
    if kind == "delete":
        return f"delete {name}", lambda: declared.delete(name)
    if kind == "edit":
        change = chance.choice(EDITS)
        return f"edit {name} {change}", lambda: declared.edit(name, change)
    text = chance.choice(("one", "two", "three"))
    return f"{kind} {name} {text}", lambda: declared.ask(name, kind, text)


def seen(cluster, name):
    """Tell whether the operator has acknowledged what is declared."""
    found = cluster.get("consumptionkey", name)
    status, generation = found.get("status") or {}, found["metadata"]["generation"]
    return status.get("observedGeneration") == generation


def settled(cluster, name):
    reason = cluster.condition("consumptionkey", name).get("reason")
    return seen(cluster, name) and reason == "UpToDate"


def is_as_declared(cluster, name, spec, call):
    """Tell whether the target holds a key that works, and just what is asked for."""
    secret = cluster.secret(f"{name}-grid")
    entries, wanted = spec["target"].get("entries"), spec["target"].get("labels") or {}
    labels = cluster.get("secret", f"{name}-grid")["metadata"]["labels"]
    own = {key: value for key, value in labels.items() if "/" not in key}
    return call(secret) and (not entries or secret.keys() == entries.keys()) and own == wanted


def test_some_valid_changes_end_in_what_is_declared_then(cluster, operator, eventually, call):
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(10**6)))
    print(f"SEED={seed}")
    chance, declared = random.Random(seed), Declared(cluster)
    cluster.log_in()
    cluster.declare_account()
    for name in KEYS:
        declared.declare(name)

    for _ in range(CHANGES):
        words, make = draw(chance, declared)
        print(words)
        make()
        if chance.random() < AWAITED:
            eventually(lambda: all(seen(cluster, it) for it in declared.specs), "it to be seen")
    for name in declared.specs:
        declared.edit(name, {"suspend": None})

    for name, spec in declared.specs.items():
        eventually(lambda name=name: settled(cluster, name), f"{name} to settle", seconds=60)
        assert is_as_declared(cluster, name, spec, call), (name, spec)
    gone = set(KEYS) - declared.specs.keys()
    assert [cluster.secret(f"{name}-grid") for name in gone] == [{}] * len(gone)
    eventually(
        lambda: len(cluster.live_keys()) == len(declared.specs),
        "each key that is declared to live, and no other",
        cluster.live_keys,
    )
