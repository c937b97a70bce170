"""Worlds of the harness for what it has no story of: played once, with one thing out of order."""

from __future__ import annotations

import copy

from tests.crash.api_rules import FORBIDDEN, Refusal, merged
from tests.crash.scenarios import CALM, Scenario
from tests.crash.world import World


def nobody(_world):
    """Nobody does anything."""


class Policy:
    """An admission policy or a quota between the operator and a world's API server.

    Args:
        world: Whose.
        secret: The name of the Secret that it is about.
        changes: What is made of it, as a merge patch; None refuses it.
    """

    def __init__(self, world, secret, *, changes=None):
        self.secret, self.changes = secret, changes
        # What the watchman knows to be true is what the policy breaks.
        world.watchman.after_a_write = world.watchman.before_api = lambda *_: None
        world.violated = lambda _why: None
        self._inner = world.api.request
        world.api.request = self

    def __call__(self, method, path, *, body=None, **request):
        written = (body or {}).get("metadata", {}).get("name") or path.rsplit("/", 1)[-1]
        if "/secrets" in path and method in ("POST", "PATCH") and written == self.secret:
            if self.changes is None:
                raise Refusal(FORBIDDEN, "exceeded quota")
            body = merged(copy.deepcopy(body), self.changes)
        return self._inner(method, path, body=body, **request)

    def lift(self):
        self.secret = ""


def worlds_end(story, **market):
    """Play a story, and return the world at its end; it need not have come to rest."""
    world = World(Scenario("once", story, market=market, reacts=nobody))
    world.replicas = [world._started(0)]
    for seconds in story(world, world.people):
        world.run(seconds)
    return world


def declare(people, **spec):
    people.log_in()
    people.declare_account()
    people.declare_key(**(CALM | spec))
