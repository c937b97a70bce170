"""What a process remembers and where it stands, as a text that is the same in like worlds.

A process that survives a fault goes on with its memory: with every object that can be reached from
the operator, and with the local variables of the functions that it is in the middle of. Whatever
has no known form is told by its identity, so that it makes states differ and never alike.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections import deque
from datetime import date, timedelta
from enum import Enum
from functools import cache, partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType

from tests.crash.people import decoded

from thegrid.core.secret import Secret
from thegrid_operator.cache import Cache
from thegrid_operator.listing import Declarations
from thegrid_operator.queue import DueQueue
from thegrid_operator.recent import Recent

_PLAIN = (
    str, int, bool, bytes, type(None), date, timedelta, Enum, IPv4Address, IPv6Address, IPv4Network,
    IPv6Network,
)  # fmt: skip
_OURS = ("thegrid.core", "thegrid.client", "thegrid_operator")
_OUTSIDE = (
    "tests.crash.",
    "thegrid_operator.metrics",
    "prometheus_client",
    "httpx",
    "_thread",
    "threading",
    "logging",
    "re",
    "ssl",
)
"""What remembers nothing that the operator goes by, or is part of the world."""

_MOMENTS = ("began", "declared", "known", "looked")
"""The names of what `thegrid_operator.listing.moment` returned."""

_MOMENT = re.compile(r"moment <(\d+)>")
_FAR_SECONDS = 100_000.0


def mind_of(world, replica, rough):
    """Return what a replica remembers.

    Args:
        world: Where it is.
        replica: Which; it is in the middle of an effect.
        rough: Tells a distance in seconds.
    """
    reader = _Reader(world, rough)
    frame, places = sys._getframe(1), []
    while frame is not None and frame.f_code is not replica.step.__func__.__code__:
        if frame.f_globals.get("__name__", "").startswith(_OURS):
            code = frame.f_code
            places.append(f"{code.co_qualname} {frame.f_lasti} {reader.read(frame.f_locals)}")
        frame = frame.f_back
    return _ranked("\n".join([*places, reader.read(replica.operator)]))


def _ranked(text):
    """Number moments in their order: only which was first matters of them."""
    ranks = {of: rank for rank, of in enumerate(sorted(map(int, set(_MOMENT.findall(text)))))}
    return _MOMENT.sub(lambda found: f"moment #{ranks[int(found[1])]}", text)


class _Reader:
    """Reads objects; one that was read already is told by when that was."""

    def __init__(self, world, rough):
        self._clock = world.clock
        self._rough = rough
        self._versions = {
            item["metadata"]["uid"]: item["metadata"]["resourceVersion"]
            for item in world.api.everything().values()
        }
        self._version = str(world.api.version)
        self._seen: dict[int, int] = {}
        self._kept: list = []

    def read(self, value):
        """Return a text for a value."""
        if isinstance(value, _PLAIN):
            return str(value)
        if isinstance(value, float):
            away = value - self._clock.monotonic()
            return str(self._rough(away) if abs(away) < _FAR_SECONDS else value)
        if isinstance(value, Secret):
            return value.reveal()
        if id(value) in self._seen:
            return f"seen {self._seen[id(value)]}"
        self._seen[id(value)] = len(self._seen)
        self._kept.append(value)  # else its identity could be given to another
        return self._read_anew(value)

    def _read_anew(self, value):
        for kinds, read in _FORMS:
            if isinstance(value, kinds):
                return read(self, value)
        name, home = type(value).__name__, type(value).__module__
        if home.startswith(_OUTSIDE):
            return name
        if home.startswith(_OURS):
            return self._read_all("<>", (name, _attributes(value)))
        return f"{name} at {id(value)}"

    def _read_all(self, brackets, values):
        return f"{brackets[0]}{', '.join(map(self.read, values))}{brackets[1]}"

    def _read_mapping(self, value):
        version, uid = value.get("resourceVersion"), value.get("uid")
        if version and uid:
            value = value | {"resourceVersion": self._versions.get(uid) == version}
        if isinstance(value.get("data"), dict):
            value = value | {"data": {name: _as_text(it) for name, it in value["data"].items()}}
        value = {key: _moment(it) if key in _MOMENTS else it for key, it in value.items()}
        told = (f"{self.read(key)}: {self.read(it)}" for key, it in value.items())
        return f"{{{', '.join(told)}}}"

    def _read_queue(self, queue):
        due = {ticket: (at,) for at, ticket, _ in queue._waiting}
        due |= {ticket: (rank, at) for rank, at, ticket, _ in queue._ready}
        entries = [
            (name, entry.taken, entry.touched, entry.failures, due.get(entry.ticket))
            for name, entry in sorted(queue._entries.items())
        ]
        return self._read_all("<>", ("queue", *entries))

    def _read_declarations(self, declarations):
        known = {name: (sight, _moment(at)) for name, (sight, at) in declarations._known.items()}
        return self._read_all("<>", ("declarations", known))

    def _read_cache(self, cache):
        current = cache._since == self._version
        return self._read_all("<>", ("cache", cache._sights, current, cache.recent))

    def _read_recent(self, recent):
        items = {name: json.loads(text) for name, text in recent._texts.items()}
        return self._read_all("<>", ("recent", recent._heard, items))

    def _read_set(self, value):
        return f"{{{', '.join(sorted(map(self.read, value)))}}}"

    def _read_function(self, value):
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        return self._read_all("()", (value.__qualname__, *cells))


_FORMS = (
    (dict, _Reader._read_mapping),
    ((list, tuple, deque), lambda reader, it: reader._read_all("[]", it)),
    ((set, frozenset), _Reader._read_set),
    (DueQueue, _Reader._read_queue),
    (Cache, _Reader._read_cache),
    (Recent, _Reader._read_recent),
    (Declarations, _Reader._read_declarations),
    (threading.Event, lambda _, it: str(it.is_set())),
    ((type, ModuleType, BuiltinFunctionType), lambda _, it: repr(it)),
    (BaseException, lambda _, it: f"{type(it).__name__} {it}"),
    (
        MethodType,
        lambda reader, it: reader._read_all("()", (it.__func__.__qualname__, it.__self__)),
    ),
    (FunctionType, _Reader._read_function),
    (partial, lambda reader, it: reader._read_all("()", (it.func, *it.args, it.keywords))),
    (
        type(cache(len)),
        lambda reader, it: reader._read_all("()", (it.__wrapped__, it.cache_info().currsize)),
    ),
)
"""How each kind of object is read; the first that fits."""


def _moment(value):
    return f"moment <{value}>" if isinstance(value, int) else value


def _as_text(entry):
    """Decode what may be a Secret's entry, so that a secret in it can be named."""
    try:
        return decoded(entry)
    except (TypeError, ValueError):
        return entry


def _attributes(value):
    slots = {
        name: getattr(value, name)
        for base in type(value).__mro__
        for name in _slots_of(base)
        if hasattr(value, name)
    }
    return slots | getattr(value, "__dict__", {})


def _slots_of(base):
    slots = base.__dict__.get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)
