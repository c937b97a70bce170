"""Reading the cluster as a node does: watches, and what a Secret held at any time."""

from __future__ import annotations

import base64
import bisect
import json
import queue
import ssl
import threading
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass

import httpx
import yaml


@dataclass(frozen=True)
class Change:
    """What a watch has told.

    Attributes:
        seen_at: When, in seconds of the wall clock.
        kind: ADDED, MODIFIED or DELETED.
        item: The object.
    """

    seen_at: float
    kind: str
    item: dict


class Api:
    """The API server, with an administrator's rights."""

    def __init__(self):
        self._http = httpx.Client()
        self._changes: queue.Queue[Change | None] = queue.Queue()

    def connect(self, plane):
        """Go to a control plane that runs."""
        user = yaml.safe_load(plane.kubeconfig.read_text())["users"][0]["user"]
        self._http = httpx.Client(
            base_url=plane.server,
            headers={"authorization": f"Bearer {user['token']}"},
            verify=ssl.create_default_context(cafile=str(plane.ca_file)),
            timeout=httpx.Timeout(30.0, read=None),
            trust_env=False,
        )

    def watch(self, path, **query):
        """Follow a kind in a thread of its own, from what there is now."""
        query |= {"watch": "1", "resourceVersion": "0"}
        threading.Thread(target=self._follow, args=(path, query), daemon=True).start()

    def _follow(self, path, query):
        with suppress(httpx.TransportError), self._http.stream("GET", path, params=query) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines():
                event = json.loads(line)
                self._changes.put(Change(time.time(), event["type"], event["object"]))
        self._changes.put(None)

    def next_change(self, seconds):
        """Return what was seen next, or None where nothing is within some time.

        Raises:
            EOFError: A watch has ended, so there is nothing more to see.
        """
        with suppress(queue.Empty):
            change = self._changes.get(timeout=seconds)
            if change is None:
                raise EOFError("a watch has ended")
            return change
        return None

    def get(self, path):
        """Return an object or a list of them."""
        return self._http.get(path).raise_for_status().json()

    def patch(self, path, change):
        """Change an object by a merge patch; one that is gone is no error."""
        kind = {"content-type": "application/merge-patch+json"}
        answer = self._http.patch(path, content=json.dumps(change), headers=kind)
        if answer.status_code != httpx.codes.NOT_FOUND:
            answer.raise_for_status()


class Secrets:
    """What Secrets held, at any time since they were first seen."""

    def __init__(self):
        self._times = defaultdict(list)
        self._contents = defaultdict(list)

    def note(self, seen_at, secret):
        """Take in a version of a Secret."""
        meta = secret["metadata"]
        name = (meta["namespace"], meta["name"])
        entries = {
            entry: base64.b64decode(value).decode()
            for entry, value in (secret.get("data") or {}).items()
        }
        self._times[name].append(seen_at)
        self._contents[name].append(entries)

    def at(self, namespace, name, moment):
        """Return what a Secret held at a time, or the first that it held if that came later."""
        place = bisect.bisect_right(self._times[namespace, name], moment)
        return self._contents[namespace, name][max(place - 1, 0)]

    def values(self, namespace, name, entry):
        """Return the different values that an entry has had, in their order."""
        held = (each.get(entry) for each in self._contents[namespace, name])
        return list(dict.fromkeys(value for value in held if value))
