"""A soak: keys rotate again and again while everybody calls with them, and then all is deleted."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from tests.soak.cluster import Api
from tests.soak.node import Node
from tests.soak.plan import (
    AT_REST,
    KEY_ENTRY,
    Times,
    declaration,
    deployment,
    resources,
    rotating,
    team,
)

from thegrid_lab.control_plane import control_plane
from thegrid_lab.emulator_process import emulator_process
from thegrid_lab.evidence import places_of
from thegrid_lab.operator_process import install_operator, start_operator

_MANY = "1000000"
_NO_LIMITS = [
    flag
    for limit in ("platform-requests-per-minute", "inference-requests-per-minute")
    for flag in (f"--{limit}", _MANY)
]
_UNITS = {"text-prime": 100_000}
_TURN_SECONDS = 0.5
_PATIENCE_SECONDS = 60.0
_GRID = "/apis/thegrid.ai/v1alpha1"


@dataclass(frozen=True)
class Plan:
    """What to do.

    Attributes:
        resources: How many keys are declared.
        rotations: How often each is replaced.
        times: How long everything takes.
        told_volume_delay: What the operator is told about volumes; the truth by default.
        longest_seconds: When to give up.
    """

    resources: int = 20
    rotations: int = 50
    times: Times = field(default_factory=Times)
    told_volume_delay: int | None = None
    longest_seconds: float = 690.0


@dataclass
class Outcome:
    """How it went.

    Attributes:
        rotations: How often a Secret got another key.
        calls: How many calls were made.
        failures: Those that failed.
        left: How many keys are alive in the end.
        processes: How many client processes ran, one for each pod.
        problems: Whatever else is not as it has to be.
    """

    rotations: int = 0
    calls: int = 0
    failures: list[str] = field(default_factory=list)
    left: int = -1
    processes: int = 0
    problems: list[str] = field(default_factory=list)


class Soak:
    """One run.

    Args:
        plan: What to do.
        show: Called now and then with how it goes.
        say: Called with what begins.
        evidence: A folder that gets the logs, or None.
    """

    def __init__(self, plan: Plan, show: Callable, say: Callable, evidence: Path | None = None):
        self._plan = plan
        self._evidence = evidence
        self._show = show
        self._say = say
        self._resources = resources(plan.resources, plan.times)
        self._api = Api()
        self._calm: set[str] = set()
        self.outcome = Outcome()

    def run(self):
        """Soak, and tell how it went."""
        with contextlib.ExitStack() as stack:
            self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
            self._say("starting a market, a control plane with one node, and the operator")
            self._node = Node(self._api, self._resources, self._plan.times)
            stack.callback(self._node.stop)
            market = stack.enter_context(
                emulator_process(self._folder / "emulator.log", _NO_LIMITS)
            )
            self._plane = stack.enter_context(control_plane(nodes=1))
            install_operator(self._plane, {"restartWorkloads": True})
            log = self._folder / "operator.log"
            operator = start_operator(self._plane, log=log, flags=self._flags())
            stack.callback(operator.stop)
            self._api.connect(self._plane)
            stack.callback(self._keep_logs)
            self._live_through(market)
            self._search(log)
        return self.outcome

    def _flags(self):
        times, told = self._plan.times, self._plan.told_volume_delay
        delay = times.volume_delay if told is None else told
        return [f"--start-margin={times.start_margin}s", f"--volume-delay={delay}s"]

    def _live_through(self, market):
        self._declare(market)
        began = time.monotonic()
        self._say(f"{self._plan.resources} keys rotate under traffic")
        while not self._has_rotated_enough():
            self._turn()
            if time.monotonic() > began + self._plan.longest_seconds:
                self._note_problem("the rotations took too long")
                break
        self._until(self._older_keys_are_gone, "the last older keys did not go")
        alive = sum(each.keys_alive() for each in self._teams.values())
        if alive != self._plan.resources:
            self._note_problem(f"{alive} keys are alive at rest")
        self._delete()

    def _declare(self, market):
        self._teams = {}
        for namespace, members in groupby(self._resources, lambda each: each.namespace):
            own = self._teams[namespace] = market.with_account(namespace, _UNITS)
            self._plane.apply(team(namespace, own))
            self._plane.apply([declaration(each, self._plan.times) for each in members])
        self._node.follow()
        self._until(lambda: all(map(self._keys_of, self._resources)), "the first keys never came")
        pods = [deployment(each, it) for each in self._resources for it in each.workloads]
        self._plane.apply(pods)
        self._say(f"{len(pods)} clients begin to call")
        self._until(lambda: self._node.all_call(len(pods)), "some client never called")
        for each in self._resources:
            self._api.patch(self._path_of(each), {"spec": rotating(self._plan.times)})

    def _turn(self):
        self._node.turn(_TURN_SECONDS)
        outcome, node = self.outcome, self._node
        outcome.rotations = sum(max(len(self._keys_of(it)) - 1, 0) for it in self._resources)
        outcome.calls, outcome.failures = node.calls, node.failures
        outcome.processes = node.started
        self._show(outcome, len(node.pods))

    def _keys_of(self, resource):
        return self._node.secrets.values(resource.namespace, resource.target, KEY_ENTRY)

    def _has_rotated_enough(self):
        for resource in self._resources:
            done = len(self._keys_of(resource)) > self._plan.rotations
            if done and resource.name not in self._calm:
                self._calm.add(resource.name)
                self._api.patch(self._path_of(resource), {"spec": AT_REST})
        return len(self._calm) == len(self._resources)

    def _older_keys_are_gone(self):
        live = sum(each.keys_alive() for each in self._teams.values())
        return live <= len(self._resources)

    def _delete(self):
        self._say("ending the clients, then deleting all keys and accounts")
        for namespace in self._teams:
            self._plane.kubectl("delete", "deployments", "--all", f"--namespace={namespace}")
        self._until(lambda: not self._node.pods, "some client never ended")
        for kind in ("consumptionkeys", "gridaccounts"):
            for namespace in self._teams:
                names = ("delete", kind, "--all", f"--namespace={namespace}")
                self._plane.kubectl(*names, "--timeout=60s")
        self.outcome.left = sum(each.keys_alive() for each in self._teams.values())

    def _until(self, true, otherwise):
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while not true():
            self._turn()
            if time.monotonic() > give_up_at:
                self._note_problem(otherwise)
                return

    def _path_of(self, resource):
        return f"{_GRID}/namespaces/{resource.namespace}/consumptionkeys/{resource.name}"

    def _keep_logs(self):
        if self._evidence:
            self._evidence.mkdir(parents=True, exist_ok=True)
            for log in (*self._folder.glob("*.log"), *self._plane.folder.glob("*.log")):
                shutil.copy(log, self._evidence / log.name)

    def _search(self, log):
        secrets = {key for resource in self._resources for key in self._keys_of(resource)}
        shown = self._folder / "shown"
        shown.mkdir()
        (shown / "operator.log").write_bytes(log.read_bytes())
        if places_of(secrets, shown):
            self.outcome.problems.append("the operator's log tells a key")

    def _note_problem(self, what):
        """Note it with what the resources say."""
        keys = self._api.get(f"{_GRID}/consumptionkeys")["items"]
        said = [
            f"{key['metadata']['name']}: {condition['message']}"
            for key in keys
            for condition in (key.get("status") or {}).get("conditions", ())
            if condition["type"] == "Ready" and condition["reason"] != "UpToDate"
        ]
        self.outcome.problems.append("; ".join([what, *said]))
