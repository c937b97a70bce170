"""What must always be true, checked after every write, and what must be true at rest.

The watchman knows more than the operator: which key was in which Secret until when, what people
did by hand, and which secrets the market has ever told.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta

from tests.crash.people import encoded
from tests.crash.state import entries

from thegrid.core.duration import parse_duration
from thegrid.core.identity import KeyTag
from thegrid_operator.egress.objects import NO_VERSION
from thegrid_operator.manifests import companion_name
from thegrid_operator.resources import EMERGENCY_ANNOTATION

KEY_ENTRY = "OPENAI_API_KEY"
MOST_LIVE_KEYS = 3
_REVOCATION = re.compile(r".*/api-keys/(?P<id>[^/]+)")


@dataclass
class Declared:
    """What is known of a `ConsumptionKey`, while it is there and afterwards."""

    name: str
    namespace: str
    target: str
    overlap: timedelta
    policy: str
    adopts: str
    urgent: bool = False
    leaving: bool = False


class Watchman:
    """Watches one world.

    Args:
        world: What to watch.
    """

    def __init__(self, world):
        self._world = world
        self._seen = 0
        self.declared: dict[str, Declared] = {}
        """By uid."""
        self._left_at: dict[str, float | None] = {}
        """Keys that workloads could read, and when that ended; None while they can."""
        self._taken_over: dict[str, str] = {}
        """Keys of people that resources have made their own, with the resources' uids."""
        self._stored: set[str] = set()
        """Keys whose secret was ever written into a Secret."""
        self._edited: set[str] = set()
        """Targets that people touched and the operator did not mend yet."""
        self.pauses = 0
        """How often a leader was held up, each of which may cost one key more."""

    # After every write

    def after_a_write(self):
        """Check the world after a write of the operator."""
        self.see_changes(by_hand=False)
        self._targets_work()
        self._few_keys_live()

    def see_changes(self, *, by_hand):
        """Take in what has happened in the API server."""
        new = self._world.api.events[self._seen :]
        self._seen += len(new)
        for _, plural, kind, item in new:
            if plural == "consumptionkeys":
                self._see_declaration(kind, item)
            elif plural == "secrets":
                self._see_secret(kind, item, by_hand=by_hand)
            if plural != "secrets" and not by_hand:
                self.tells_no_secret(json.dumps(item), f"{item['kind']} {item['metadata']['name']}")

    def _see_declaration(self, kind, item):
        meta, spec = item["metadata"], item["spec"]
        declared = self.declared[meta["uid"]] = Declared(
            name=meta["name"],
            namespace=meta["namespace"],
            target=spec["target"]["name"],
            overlap=parse_duration(spec["overlap"]),
            policy=spec.get("deletionPolicy", "Revoke"),
            adopts=spec.get("adoptKeyId", ""),
            urgent=EMERGENCY_ANNOTATION in (meta.get("annotations") or {}),
            leaving=kind == "DELETED" or "deletionTimestamp" in meta,
        )
        if kind == "DELETED":
            self._edited.discard(declared.target)

    def _see_secret(self, kind, item, *, by_hand):
        secrets = self._world.market.secrets
        held = {} if kind == "DELETED" else entries(item)
        self._stored |= {secrets[text] for text in held.values() if text in secrets}
        name = item["metadata"]["name"]
        for uid, keeper in self.declared.items():
            kept = {secrets.get(text) for text in held.values()}
            if name == companion_name(keeper.name) and keeper.adopts in kept:
                self._taken_over[keeper.adopts] = uid
        owner = self._owner_of_target(name)
        if owner is None:
            return
        if by_hand:
            self._edited.add(name)
        else:
            self._edited.discard(name)
            if kind == "DELETED" and not owner.leaving:
                self._world.violated(f"Secret {name} was deleted while {owner.name} needs it")
        readable = secrets.get(held.get(KEY_ENTRY, ""))
        for key_id, left_at in self._left_at.items():
            if left_at is None and self._owner_of_key(key_id) is owner and key_id != readable:
                self._left_at[key_id] = self._world.clock.seconds
        if readable:
            self._left_at[readable] = None

    def _targets_work(self):
        """A Secret that was ever ready holds a key that works."""
        for owner in self.declared.values():
            if owner.leaving or owner.target in self._edited:
                continue
            secret = self._world.api.find("secrets", owner.namespace, owner.target)
            if secret is None or KEY_ENTRY not in secret.get("data", {}):
                continue
            text = entries(secret)[KEY_ENTRY]
            if text not in self._world.market.secrets:
                self._world.violated(f"Secret {owner.target} holds what the market never told")
            key_id = self._world.market.secrets[text]
            if not self._world.market.accepts(text) and key_id not in self._world.killed:
                self._world.violated(f"Secret {owner.target} holds a key that does not work")

    def _few_keys_live(self):
        """At most three live keys a resource; one more for each fault beyond the first."""
        live: dict[str, list[str]] = {}
        for row in self._world.market.live():
            tag = KeyTag.parse(row.name)
            if tag:
                live.setdefault(tag.owner, []).append(row.key_id)
        # One fault leaves a place for one key that nobody wrote down; a second one needs another.
        most = MOST_LIVE_KEYS + max(self._world.struck - 1, 0) + self.pauses
        for owner, keys in live.items():
            if len(keys) > most:
                self._world.violated(f"{len(keys)} live keys of {owner}, of at most {most}")

    # Before a request reaches the world

    def before_market(self, request):
        """Check what is about to be asked of the market."""
        match = _REVOCATION.fullmatch(request.url.path)
        if request.method == "DELETE" and match:
            self._may_go(match["id"])

    def _may_go(self, key_id):
        """No key goes while workloads may hold it."""
        row = next((it for it in self._world.market.live() if it.key_id == key_id), None)
        if row is None:
            return
        owner = self._owner_of_key(key_id)
        if owner is None:
            self._world.violated(f"the key {row.name!r} of somebody else is revoked")
        if owner.leaving or key_id not in self._left_at:
            return
        if self._is_held_by_a_pod(key_id) and not owner.urgent:
            self._world.violated(f"key {row.name!r} is revoked while a pod runs with it")
        left_at = self._left_at[key_id]
        if left_at is None:
            self._world.violated(f"key {row.name!r} is revoked while it is current")
        if owner.urgent:
            return
        if self._world.clock.seconds < left_at + owner.overlap.total_seconds():
            self._world.violated(f"key {row.name!r} is revoked before the overlap has passed")

    def _is_held_by_a_pod(self, key_id):
        return key_id in self._world.rollouts.held()

    def before_api(self, method, path, body):
        """Every change names what it was decided on, or that there was nothing."""
        if method in ("GET", "POST"):
            return
        guard = body.get("preconditions") or body.get("metadata") or {}
        if guard.get("resourceVersion") == NO_VERSION:
            return
        wanted = ("uid",) if method == "DELETE" else ("uid", "resourceVersion")
        if not all(guard.get(field) for field in wanted):
            self._world.violated(f"{method} {path} goes without a guard")

    # At rest

    def at_rest(self):
        """Check what must be true once nothing is under way."""
        live = self._world.market.live()
        for owner in self.declared.values():
            own = [row for row in live if self._owner_of_key(row.key_id) is owner]
            if owner.leaving and owner.policy == "Revoke":
                if own:
                    self._world.violated(f"{owner.name} is gone and {len(own)} keys of it live on")
            elif len(own) > MOST_LIVE_KEYS - 1:
                self._world.violated(f"{len(own)} keys of {owner.name} live at rest")
        log = self._world.log_text()
        self.tells_no_secret(log, "the log")
        for line in self._world.log_lines():
            if line["reason"] == "Bug":
                self._world.violated(f"a bug: {line['message']}")

    def tells_no_secret(self, text, where):
        """No secret stands where it does not belong, plain or in base64."""
        market = self._world.market
        for secret in (*market.secrets, *market.tokens):
            if secret in text or encoded(secret).rstrip("=") in text:
                self._world.violated(f"{where} tells a secret")

    def _owner_of_target(self, name):
        owners = [it for it in self.declared.values() if it.target == name]
        return owners[-1] if owners else None

    def _owner_of_key(self, key_id):
        row = next((it for it in self._world.market.rows() if it.key_id == key_id), None)
        tag = KeyTag.parse(row.name) if row else None
        if tag is None:
            return self.declared.get(self._taken_over.get(key_id, ""))
        return self.declared.get(tag.owner.rsplit(":", 1)[-1])
