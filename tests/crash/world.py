"""A cluster, a market, a clock and the operator's replicas: one run, step by step."""

from __future__ import annotations

import io
import json
import random
from contextlib import redirect_stderr

from tests.crash.api_server import ApiServer
from tests.crash.clock import WorldClock
from tests.crash.faults import LOST, Crash, Moment
from tests.crash.invariants import Watchman
from tests.crash.kinds import KINDS
from tests.crash.market import Market
from tests.crash.names import AllowLists, Names
from tests.crash.people import People
from tests.crash.replica import Replica
from tests.crash.rollouts import Rollouts
from tests.crash.state import PASSING, state_of, whole_state_of
from tests.crash.weather import Weather

QUIET_SECONDS = 700.0
"""Longer than every wait of the scenarios' keys, and than what is edited by hand stays so."""

AFTER_RESTART_SECONDS = 60.0
"""Everything is looked at at once when a process starts."""

LONGEST_SETTLING_SECONDS = 3 * 3600.0
ELECTION_SECONDS = 5.0


class Violation(BaseException):
    """Something that must always be true was not."""


class World:
    """One run.

    Args:
        scenario: What people do.
        faults: What goes wrong.
        records_from: From which moment on states are recorded; None for none of them.
    """

    def __init__(self, scenario, faults=(), *, records_from=None):
        random.seed(0)  # the client spreads its retries
        self.scenario = scenario
        self.clock = WorldClock()
        self.api = ApiServer(self.clock)
        self.market = Market(self.clock, **scenario.market)
        self.rollouts = Rollouts(self)
        self.weather = Weather(self)
        self.people = People(self)
        self.watchman = Watchman(self)
        self.names = Names(self.clock)
        self.allow_lists = AllowLists(self)
        self.moments: list[Moment] = []
        self.trace: list[str] = []
        self.writes = 0
        self.position = 0
        self.next_story_at = 0.0
        self.struck = 0
        self.killed: set[str] = set()
        """Keys that others than the operator ended."""
        self.logins = 0
        """How often people had to log in again."""
        self.later: list = []
        """What people wait to do: each is tried until it returns true."""
        self.replicas: list[Replica] = []
        self._faults = {fault.at: KINDS[fault.kind] for fault in faults}
        self._records_from = records_from
        self._last_write = 0.0
        self._log = io.StringIO()
        self._starts = 0
        self._requests = 0
        system = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system"}}
        self.api.request("POST", "/api/v1/namespaces", body=system)

    # The run

    def play(self):
        """Let the scenario happen, to its end and until all is at rest.

        Raises:
            Violation: Something that must always be true was not.
        """
        with redirect_stderr(self._log):
            self.replicas = [self._started(number) for number in range(self.scenario.replicas)]
            for seconds in self.scenario.play(self, self.people):
                self.next_story_at = self.clock.seconds + seconds
                self.run(seconds)
                self.position += 1
            self.settle()
            self.watchman.at_rest()
            self.allow_lists.at_rest()
            self._restart_all()
            before = self.writes
            self.run(AFTER_RESTART_SECONDS)
            if self.writes != before:
                self.violated("with nothing due, a restart wrote")
            self.watchman.at_rest()
            self.allow_lists.at_rest()

    def run(self, seconds, without=None):
        """Let the replicas work for some time.

        Args:
            seconds: How long.
            without: A replica that does not get a turn.
        """
        end = self.clock.seconds + seconds
        while True:
            waits = [self._step(it) for it in list(self.replicas) if it is not without]
            if 0 in waits:
                continue
            self._react()
            left = end - self.clock.seconds
            if left <= 0:
                return
            wait = min((it for it in waits if it is not None), default=ELECTION_SECONDS)
            if self.api.items("deployments"):
                wait = min(wait, ELECTION_SECONDS)
            self.pass_time(max(min(left, wait), 0.001))

    def settle(self):
        """Let the replicas work until nothing was written for a good while, nor is to be."""
        give_up_at = self.clock.seconds + LONGEST_SETTLING_SECONDS
        self._last_write = self.clock.seconds
        while not self._rests():
            if self.clock.seconds > give_up_at:
                self.violated("it never comes to rest")
            self.run(max(self._last_write + QUIET_SECONDS - self.clock.seconds, 60.0))

    def _rests(self):
        quiet = self.clock.seconds >= self._last_write + QUIET_SECONDS
        if self.later or self.people.missed_at is not None:
            return False
        return quiet and not self.people.see_work_under_way()

    def pass_time(self, seconds):
        """Let time pass; those who lead renew first, as they do all the time."""
        self.clock.seconds += seconds
        for replica in sorted(self.replicas, key=lambda it: not it.leads):
            if not replica.paused:
                replica.renew()

    def pause(self, replica, seconds):
        """Stop a replica where it is, let the others work, and wake it up."""
        self.watchman.pauses += 1
        replica.paused = True
        self.run(seconds, without=replica)
        replica.paused = False
        self.note(replica, "wakes up")

    def _react(self):
        self.rollouts.go_on()
        self.scenario.reacts(self)
        self.later = [act for act in self.later if not act()]

    def _step(self, replica):
        try:
            return replica.step()
        except Crash:
            self.note(replica, "is dead; another one starts")
            place = self.replicas.index(replica)
            self.replicas[place] = self._started(place)
            return 0

    def _started(self, place):
        self._starts += 1
        # Alone it keeps its name, and so its lease: nothing waits for that to run out.
        name = f"replica-{place if self.scenario.replicas == 1 else self._starts}"
        replica = Replica(self, name)
        replica.renew()
        return replica

    def _restart_all(self):
        self.note(None, "all replicas are restarted")
        self.replicas = [self._started(place) for place in range(len(self.replicas))]

    # What replicas do

    def moment(self, replica, phase, site, what):
        """Be at a point at which something can go wrong."""
        number = len(self.moments)
        kind = self._faults.get(number)
        self.note(replica, f"[{number}] {site}: {what} ({phase})")
        states = self._states(replica, phase, site, what)
        self.moments.append(Moment(number, phase, site, what, self._requests, *states))
        if kind:
            self.struck += 1
            self.note(replica, f"*** {kind.name} ***")
            kind.strike(self, replica)

    def _states(self, replica, phase, site, what):
        """Return the states at this moment; to tell them takes longer than all else together."""
        if self._records_from is None or len(self.moments) < self._records_from:
            return ()
        state = state_of(self)
        if phase not in LOST.phases:
            return (state,)
        return state, whole_state_of(self, replica, state, f"{phase} {site} {what}")

    def written(self):
        """Something was applied: whatever must always be true is checked."""
        self.writes += 1
        self._last_write = self.clock.seconds
        self.watchman.after_a_write()
        self.allow_lists.after_a_write()

    def ask_market(self, request):
        """Answer a request to the market."""
        self._requests += 1
        weather = self.weather.at_market()
        if weather is not None:
            return weather
        self.watchman.before_market(request)
        return self.weather.seen_through(request, self.market.answer(request))

    def ask_api_server(self, method, path, **request):
        """Answer a request to the API server, a watch excepted."""
        self._requests += not any(f"/{plural}" in path for plural in PASSING)
        self.weather.at_api_server(method)
        self.watchman.before_api(method, path, request["body"])
        version = self.api.version
        answer = self.api.request(method, path, **request)
        if method != "GET" and self.api.version == version and "/leases" not in path:
            self.violated(f"{method} {path} wrote what was there already")
        return answer

    # What is told of it

    def log_lines(self):
        """Return what the operator has logged."""
        return [json.loads(line) for line in self._log.getvalue().splitlines()]

    def log_text(self):
        """Return the operator's log."""
        return self._log.getvalue()

    def note(self, replica, text):
        """Add a line to the trace."""
        who = replica.name if replica else "-"
        self.trace.append(f"{self.clock.seconds:9.1f}s  {who:<10} {text}")

    def violated(self, what):
        """End the run: something that must always be true was not.

        Raises:
            Violation: Always.
        """
        raise Violation(what)
