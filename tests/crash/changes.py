"""Random changes of declarations, all of them valid, and what is declared in the end.

A change is data, drawn by hypothesis, so that a sequence that fails is made shorter by it.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

from hypothesis import strategies as st
from tests.crash.api_rules import merged

KEYS = ("app", "web")
TEAM = "team"
ROTATE = "thegrid.ai/rotate"
EMERGENCY = "thegrid.ai/emergency-rotate"
RESUMED = {"suspend": None, "allowedNamespaces": None}

_ENTRIES = (
    None,
    {"OPENAI_API_KEY": "$(KEY)"},
    {"OPENAI_API_KEY": "$(KEY)", "HEADER": "Bearer $(KEY)", "PRICE": "5$$"},
    {"OPENAI_API_KEY": "$(KEY)", "URL": "$(OPENAI_BASE_URL)/models"},
)
# Overlaps end while a world comes to rest, and no rotation is due by the clock meanwhile.
_TIMES = [
    {"rotateAfter": rotate_after, "overlap": overlap, "deadline": deadline}
    for rotate_after in (None, "3d", "30d")
    for overlap in ("1s", "2m", "10m")
    for deadline in (None, "20m")
]
_SPECS = st.one_of(
    st.sampled_from(_TIMES),
    st.sampled_from([{"adoption": word} for word in ("Pods", "Time")]),
    st.sampled_from([{"volumeDelay": text} for text in (None, "10s", "5m")]),
    st.sampled_from([{"onDeadline": word} for word in ("Hold", "Revoke")]),
    st.sampled_from([{"onRevoked": word} for word in ("Replace", "Hold")]),
    st.sampled_from([{"deletionPolicy": word} for word in ("Revoke", "Orphan")]),
    st.sampled_from([{"suspend": word} for word in (True, False)]),
    st.sampled_from([{"target": {"entries": entries}} for entries in _ENTRIES]),
    st.sampled_from([{"target": {"labels": it}} for it in (None, {"a": "1"}, {"b": "2"})]),
    st.sampled_from([{"target": {"annotations": it}} for it in (None, {"n": "1"}, {"m": ""})]),
    st.sampled_from([{"target": {"creationPolicy": it}} for it in ("Create", "Adopt")]),
)
_ACCOUNTS = st.sampled_from(
    [{"suspend": True}, {"suspend": None}, {"allowedNamespaces": ["other"]}, RESUMED]
)
_PAUSES = st.sampled_from((0.0, 0.4, 3.0, 30.0, 200.0, 4000.0))


@dataclass(frozen=True)
class Change:
    """One change.

    Attributes:
        kind: What is done: edit, rotate, emergency, delete, declare or account.
        name: To which resource.
        what: The edit or the text of the request.
        seconds: How long the operator works before the next change.
    """

    kind: str
    name: str
    what: object
    seconds: float


_CHANGES = st.one_of(
    st.builds(Change, st.just("edit"), st.sampled_from(KEYS), _SPECS, _PAUSES),
    st.builds(
        Change,
        st.sampled_from(("rotate", "emergency")),
        st.sampled_from(KEYS),
        st.sampled_from(("one", "two", "three")),
        _PAUSES,
    ),
    st.builds(
        Change, st.sampled_from(("delete", "declare")), st.sampled_from(KEYS), st.none(), _PAUSES
    ),
    st.builds(Change, st.just("account"), st.just(TEAM), _ACCOUNTS, _PAUSES),
)
SEQUENCES = st.lists(_CHANGES, min_size=1, max_size=12)


@dataclass
class Declared:
    """What is declared by now.

    Attributes:
        keys: The specs of the resources that are there, as far as they were given.
        asked: Their annotations.
    """

    keys: dict[str, dict] = field(default_factory=dict)
    asked: dict[str, dict] = field(default_factory=dict)

    def declare(self, people, name, spec=None, asked=None):
        """Make a resource, unless it is there or has not gone yet."""
        if not people.exists("consumptionkeys", name):
            self.keys[name] = {"overlap": "2m", "target": {"name": f"{name}-grid"}, **(spec or {})}
            self.asked[name] = dict(asked or {})
            people.declare_key(name, self.asked[name], **copy.deepcopy(self.keys[name]))

    def make(self, people, change):
        """Make a change, as far as it makes sense."""
        if change.kind == "account":
            people.change_spec(TEAM, change.what, "gridaccounts")
        elif change.kind == "declare":
            self.declare(people, change.name)
        elif change.name not in self.keys:
            return
        elif change.kind == "edit":
            self.keys[change.name] = merged(self.keys[change.name], change.what)
            people.change_spec(change.name, change.what)
        elif change.kind == "delete":
            self._delete(people, change.name)
        else:
            annotation = {"rotate": ROTATE, "emergency": EMERGENCY}[change.kind]
            self.asked[change.name][annotation] = change.what
            people.annotate(change.name, annotation, change.what)

    def resume(self, people):
        """Let everything go on that somebody has stopped."""
        people.change_spec(TEAM, RESUMED, "gridaccounts")
        for name, spec in self.keys.items():
            self.keys[name] = merged(spec, {"suspend": None})
            people.change_spec(name, {"suspend": None})

    def _delete(self, people, name):
        """Delete a resource; what it would leave alone is not asked for, since it would be left."""
        people.change_spec(name, {"deletionPolicy": "Revoke"})
        people.delete(name)
        del self.keys[name], self.asked[name]
