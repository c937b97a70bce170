"""Reading the cluster as a node does: watches, and what a Secret held at any time.

A version of a Secret counts from the end of the second in which it was written, rather late than
early, and not from when it was heard of: a busy machine must not make a kubelet slower than it is.
"""

from __future__ import annotations

import base64
import json
import queue
import ssl
import threading
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import httpx
import yaml


@dataclass(frozen=True)
class Change:
    """What a watch has told.

    Attributes:
        kind: ADDED, MODIFIED or DELETED.
        item: The object.
    """

    kind: str
    item: dict


@dataclass(frozen=True)
class Door:
    """How another process gets to the API server.

    Attributes:
        server: Its address.
        ca_file: What it is checked by.
        token: Of an administrator.
    """

    server: str
    ca_file: str
    token: str

    def open(self):
        """Return an HTTP client."""
        return httpx.Client(
            base_url=self.server,
            headers={"authorization": f"Bearer {self.token}"},
            verify=ssl.create_default_context(cafile=self.ca_file),
            timeout=httpx.Timeout(30.0, read=None),
            trust_env=False,
        )


class Api:
    """The API server, with an administrator's rights."""

    def __init__(self):
        self._http = httpx.Client()
        self._changes: queue.Queue[Change | None] = queue.Queue()

    def connect(self, plane):
        """Go to a control plane that runs."""
        user = yaml.safe_load(plane.kubeconfig.read_text())["users"][0]["user"]
        self.door = Door(plane.server, str(plane.ca_file), user["token"])
        self._http = self.door.open()

    def watch(self, path, **query):
        """Follow a kind in a thread of its own, from what there is now."""
        query |= {"watch": "1", "resourceVersion": "0"}
        threading.Thread(target=self._follow, args=(path, query), daemon=True).start()

    def _follow(self, path, query):
        with suppress(httpx.TransportError), self._http.stream("GET", path, params=query) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines():
                event = json.loads(line)
                self._changes.put(Change(event["type"], event["object"]))
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
        self._versions = defaultdict(dict)

    def note(self, secret):
        """Take in a version of a Secret."""
        meta = secret["metadata"]
        versions = self._versions[meta["namespace"], meta["name"]]
        versions.setdefault(int(meta["resourceVersion"]), (known_from(secret), entries_of(secret)))

    def at(self, namespace, name, moment):
        """Return what a Secret held at a time, or the first that it held if that came later."""
        versions = [it for _, it in sorted(self._versions[namespace, name].items())]
        before = [entries for known, entries in versions if known <= moment]
        return before[-1] if before else versions[0][1]

    def values(self, namespace, name, entry):
        """Return the different values that an entry has had, in their order."""
        versions = [it for _, it in sorted(self._versions[namespace, name].items())]
        held = (entries.get(entry) for _, entries in versions)
        return list(dict.fromkeys(value for value in held if value))


def known_from(secret):
    """Return from when on a version of a Secret counts, in seconds of the wall clock."""
    times = [entry["time"] for entry in secret["metadata"]["managedFields"]]
    return max(datetime.fromisoformat(time).timestamp() for time in times) + 1.0


def entries_of(secret):
    """Return a Secret's entries as text."""
    held = secret.get("data") or {}
    return {entry: base64.b64decode(value).decode() for entry, value in held.items()}
