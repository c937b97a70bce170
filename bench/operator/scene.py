"""What figures of a cluster share: the real command and API server, and the market beside them."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from thegrid_lab.control_plane import ControlPlane, control_plane
from thegrid_lab.emulator_process import Emulator, emulator_process
from thegrid_lab.operator_process import install_operator, start_operator
from thegrid_lab.processes import ChildProcess
from thegrid_operator.kube import (
    CONSUMPTION_KEY,
    GRID_ACCOUNT,
    NAMESPACE,
    SECRET,
    Json,
    Kind,
    Kube,
    connect,
)

WORKERS = 8
APPS = "apps"
LONGEST_SECONDS = 180.0
UNLIMITED = str(10**9)
LIMITS = [
    flag
    for limit in ("platform-requests-per-minute", "inference-requests-per-minute")
    for flag in (f"--{limit}", UNLIMITED)
]


@dataclass(frozen=True)
class Scene:
    """All that runs.

    Attributes:
        plane: The control plane.
        kube: Its API server, asked as administrator.
        market: The market.
        operator: The operator.
    """

    plane: ControlPlane
    kube: Kube
    market: Emulator
    operator: ChildProcess

    def cpu_seconds(self) -> tuple[float, float]:
        """Return the CPU time that the operator and the API server have taken."""
        server = self.plane.processes["kube-apiserver"]
        times = [psutil.Process(it.pid).cpu_times() for it in (self.operator, server)]
        ours, theirs = (it.user + it.system for it in times)
        return ours, theirs

    def declare(self, names: Sequence[str], within: float = LONGEST_SECONDS) -> None:
        """Declare keys, and wait until each was made."""
        since = self.kube.page(CONSUMPTION_KEY, APPS, limit="1")["metadata"]["resourceVersion"]
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(self._declare, names))
        give_up_at, left = time.monotonic() + within, set(names)
        watch = partial(self.kube.watch, CONSUMPTION_KEY, namespace=APPS, silence=LONGEST_SECONDS)
        while left:  # a watch ends by itself after some minutes
            for event in watch(since=since):
                since = event["object"]["metadata"]["resourceVersion"]
                if (event["object"].get("status") or {}).get("rotation") == 1:
                    left.discard(event["object"]["metadata"]["name"])
                if not left:
                    return
                if time.monotonic() > give_up_at:
                    raise TimeoutError("the first keys")

    def _declare(self, name: str) -> None:
        spec = {"accountRef": {"name": "team"}, "target": {"name": f"{name}-grid"}}
        spec |= {"rotateAfter": "30d", "overlap": "1h"}
        self.kube.create(CONSUMPTION_KEY, APPS, _object(CONSUMPTION_KEY, name, spec=spec))


@contextmanager
def scene() -> Iterator[Scene]:
    """Start all that runs, with an account that is logged in."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        market = stack.enter_context(emulator_process(folder / "emulator.log", LIMITS))
        plane = stack.enter_context(control_plane())
        install_operator(plane)
        kube = connect(plane.kubeconfig, connections=2 * WORKERS)
        # A long lease: the operator is stopped for a moment, and leads on.
        operator = start_operator(
            plane,
            log=folder / "operator.log",
            lease_seconds=120.0,
            flags=("--workers", str(WORKERS)),
            program=("bench.operator.as_pod",),
        )
        stack.callback(operator.stop)
        made = Scene(plane, kube, market, operator)
        _declare_account(made)
        yield made


def _declare_account(scene: Scene) -> None:
    names = ("platform", "trading", "consumption", "messages")
    endpoints = {name: getattr(scene.market.endpoints, name) for name in names}
    login = {"refreshToken": scene.market.refresh_token}
    account = {"loginSecretRef": {"name": "login"}, "endpoints": endpoints}
    scene.plane.apply(
        [
            _object(NAMESPACE, APPS),
            _object(SECRET, "login", type="thegrid.ai/login", stringData=login),
            _object(GRID_ACCOUNT, "team", spec=account),
        ]
    )
    until(lambda: _is_ready(scene.kube.get(GRID_ACCOUNT, APPS, "team")), "the login")


def _is_ready(item: Json | None) -> bool:
    conditions = ((item or {}).get("status") or {}).get("conditions", ())
    return any(it["type"] == "Ready" and it["status"] == "True" for it in conditions)


def until(is_so: Callable[[], bool], what: str, pause: float = 0.2) -> None:
    """Ask until it is so."""
    give_up_at = time.monotonic() + LONGEST_SECONDS
    while not is_so():
        if time.monotonic() > give_up_at:
            raise TimeoutError(what)
        time.sleep(pause)


def _object(kind: Kind, name: str, **fields: object) -> Json:
    metadata = {"name": name} if kind == NAMESPACE else {"name": name, "namespace": APPS}
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata, **fields}
