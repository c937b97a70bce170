"""A cluster, a market, a clock and the operator's replicas: one run, step by step."""

from __future__ import annotations

import io
import json
import random
from contextlib import redirect_stderr

from tests.crash.api_server import ApiServer
from tests.crash.clock import WorldClock
from tests.crash.faults import KINDS, Crash, Moment
from tests.crash.invariants import Watchman
from tests.crash.market import Market
from tests.crash.replica import Replica
from tests.crash.state import state_of

QUIET_SECONDS = 400.0
"""Longer than every wait of the scenarios' keys: an overlap, the listing's grace, a backoff."""

LONGEST_SETTLING_SECONDS = 3 * 3600.0


class Violation(BaseException):
    """Something that must always be true was not."""


class World:
    """One run.

    Args:
        scenario: What people do.
        faults: What goes wrong.
        records: Whether each moment's state is recorded.
    """

    def __init__(self, scenario, faults=(), *, records=False):
        random.seed(0)  # the client spreads its retries
        self.scenario = scenario
        self.clock = WorldClock()
        self.api = ApiServer(self.clock)
        self.market = Market(self.clock, **scenario.market)
        self.watchman = Watchman(self)
        self.moments: list[Moment] = []
        self.trace: list[str] = []
        self.writes = 0
        self.struck = []
        self.killed: set[str] = set()
        self.position = 0
        self._faults = {fault.at: KINDS[fault.kind] for fault in faults}
        self._records = records
        self._last_write = 0.0
        self._log = io.StringIO()
        self._starts = 0
        self.replicas: list[Replica] = []
        self.api.request(
            "POST",
            "/api/v1/namespaces",
            body={"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system"}},
        )

    # The run

    def play(self):
        """Let the scenario happen, to its end and until all is at rest.

        Raises:
            Violation: Something that must always be true was not.
        """
        with redirect_stderr(self._log):
            self.replicas = [self._started(number) for number in range(self.scenario.replicas)]
            for seconds in self.scenario.play(self):
                self.run(seconds)
                self.position += 1
            self.settle()
            self.watchman.at_rest()
            self._restart_all()
            before = self.writes
            self.run(QUIET_SECONDS)
            if self.writes != before:
                self.violated("with nothing due, a restart wrote")
            self.watchman.at_rest()

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
            self.scenario.reacts(self)
            wait = min((it for it in waits if it is not None), default=None)
            left = end - self.clock.seconds
            if left <= 0:
                return
            # Without a leader the election is what time passes for.
            most = 5.0 if wait is None else left
            self.pass_time(max(min(left, most, wait or most), 0.001))

    def settle(self):
        """Let the replicas work until nothing was written for a good while."""
        give_up_at = self.clock.seconds + LONGEST_SETTLING_SECONDS
        self._last_write = self.clock.seconds
        while (left := self._last_write + QUIET_SECONDS - self.clock.seconds) > 0:
            if self.clock.seconds > give_up_at:
                self.violated("it never comes to rest")
            self.run(left)

    def pass_time(self, seconds):
        """Let time pass; those who lead renew first, as they do all the time."""
        self.clock.seconds += seconds
        for replica in sorted(self.replicas, key=lambda it: not it.leads):
            if not replica.paused:
                replica.renew()

    def _step(self, replica):
        try:
            return replica.step()
        except Crash:
            self.note(replica, "is dead; another one starts")
            self.replicas[self.replicas.index(replica)] = self._started(
                self.replicas.index(replica)
            )
            return 0

    def _started(self, number):
        self._starts += 1
        # Alone it keeps its name, and so its lease: nothing waits for that to run out.
        name = f"replica-{number}" if self.scenario.replicas == 1 else f"replica-{self._starts}"
        replica = Replica(self, name)
        replica.renew()
        return replica

    def _restart_all(self):
        self.note(None, "all replicas are restarted")
        self.replicas = [self._started(number) for number in range(len(self.replicas))]

    # What replicas do

    def moment(self, replica, phase, site, what):
        """Be at a point at which something can go wrong."""
        number = len(self.moments)
        kind = self._faults.get(number)
        self.note(replica, f"[{number}] {site}: {what} ({phase})")
        state = state_of(self) if self._records else None
        self.moments.append(Moment(number, phase, site, what, state))
        if kind:
            self.struck.append((number, site, kind.name))
            self.note(replica, f"*** {kind.name} ***")
            kind.strike(self, replica)

    def written(self, replica, site, what):
        """Something was applied: whatever must always be true is checked."""
        self.writes += 1
        self._last_write = self.clock.seconds
        self.watchman.after(replica, site, what)

    def ask_market(self, replica, request):
        self.watchman.before_market(replica, request)
        return self.market.answer(request)

    def ask_api_server(self, method, path, **request):
        self.watchman.before_api(method, path, **request)
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
