"""What rotations take in a cluster: the real command, a real API server, the market beside them.

One side is the operator, with the rights that the chart gives. The other is its floor, the least
that a rotation can be: a bare loop that makes a key, stores it, tests it and swaps it in by the
same code, with nothing decided, watched or remembered, and no status written. Both work on the same
machine at the same API server, one after the other. The market's limits are lifted.
"""

from __future__ import annotations

import signal
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
from bench.figures import Figure
from bench.operator.bare import Bare

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

STORM, ON_DEMAND = 500, 60
WORKERS = 8
LONGEST_SECONDS = 180.0
APPS = "apps"
ROTATE = "thegrid.ai/rotate"
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
        storm: Names of the keys that are due at once.
        on_demand: Names of the keys that are asked for one by one.
    """

    plane: ControlPlane
    kube: Kube
    market: Emulator
    operator: ChildProcess
    storm: Sequence[str]
    on_demand: Sequence[str]

    def cpu_seconds(self) -> tuple[float, float]:
        """Return the CPU time that the operator and the API server have taken."""
        server = self.plane.processes["kube-apiserver"]
        times = [psutil.Process(it.pid).cpu_times() for it in (self.operator, server)]
        ours, theirs = (it.user + it.system for it in times)
        return ours, theirs


def figures(part: int) -> Iterator[Figure]:
    """Measure memory, rotations on demand, and a storm of rotations."""
    with _scene(part) as scene:
        yield Figure("rss_mb_idle", scene.operator.resident_memory_mb(), "MB")
        _declare(scene, scene.storm)
        yield Figure(f"rss_mb_{STORM}", scene.operator.resident_memory_mb(), "MB")
        _declare(scene, scene.on_demand)
        yield from _on_demand(scene)
        yield from _storm(scene)


@contextmanager
def _scene(part: int) -> Iterator[Scene]:
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
        )
        stack.callback(operator.stop)
        storm = [f"app-{number}" for number in range(STORM // part)]
        on_demand = [f"one-{number}" for number in range(ON_DEMAND // part)]
        scene = Scene(plane, kube, market, operator, storm, on_demand)
        _declare_account(scene)
        yield scene


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
    _until(lambda: _is_ready(scene.kube.get(GRID_ACCOUNT, APPS, "team")), "the login")


def _declare(scene: Scene, names: Sequence[str]) -> None:
    for name in names:
        spec = {"accountRef": {"name": "team"}, "target": {"name": f"{name}-grid"}}
        spec |= {"rotateAfter": "30d", "overlap": "1h"}
        scene.kube.create(CONSUMPTION_KEY, APPS, _object(CONSUMPTION_KEY, name, spec=spec))
    _until(lambda: _rotations(scene, names) == {1}, "the first keys")


def _on_demand(scene: Scene) -> Iterator[Figure]:
    """Ask for one rotation after the other, from the annotation to the new Secret."""
    bare = Bare(scene.kube, scene.market, APPS, len(scene.on_demand))
    pairs = [
        (_rotated_in(scene, name), _seconds(partial(bare.rotate, number, lists=True)))
        for number, name in enumerate(scene.on_demand)
    ]
    ours, floor = zip(*pairs, strict=True)
    yield Figure(
        "rotate_on_demand_over_floor", statistics.median(ours) / statistics.median(floor), "x"
    )
    yield Figure("rotate_on_demand_ms_p50", 1000 * statistics.median(ours), "ms")
    yield Figure("rotate_on_demand_ms_p99", 1000 * statistics.quantiles(ours, n=100)[98], "ms")


def _rotated_in(scene: Scene, name: str) -> float:
    kube, target = scene.kube, f"{name}-grid"
    before = kube.get(SECRET, APPS, target)
    seen = kube.get(CONSUMPTION_KEY, APPS, name) or {}
    began = time.perf_counter()
    kube.patch(CONSUMPTION_KEY, seen, {"metadata": {"annotations": {ROTATE: "now"}}})
    _until(lambda: kube.get(SECRET, APPS, target) != before, target, pause=0.001)
    took = time.perf_counter() - began
    _until(lambda: _rotations(scene, [name]) == {2}, name)
    return took


def _storm(scene: Scene) -> Iterator[Figure]:
    """Have all keys due at once: they are asked for while the operator stands still."""
    count = len(scene.storm)
    scene.operator.signal(signal.SIGSTOP)
    for name in scene.storm:
        seen = scene.kube.get(CONSUMPTION_KEY, APPS, name) or {}
        scene.kube.patch(CONSUMPTION_KEY, seen, {"metadata": {"annotations": {ROTATE: "now"}}})
    before = scene.cpu_seconds()
    seconds = _seconds(partial(_until_swapped, scene))
    _until(lambda: _rotations(scene, scene.storm) == {2}, "the statuses", pause=1.0)
    ours, theirs = (now - then for now, then in zip(scene.cpu_seconds(), before, strict=True))
    bare = Bare(scene.kube, scene.market, APPS, count)
    with ThreadPoolExecutor(WORKERS) as pool:
        floor = _seconds(lambda: list(pool.map(bare.rotate, range(count))))
    yield Figure("rotations_per_second_storm", count / seconds, "rotations")
    yield Figure("storm_over_floor", floor / seconds, "x")
    yield Figure("cpu_ms_per_rotation", 1000 * ours / count, "ms")
    yield Figure("api_server_cpu_ms_per_rotation", 1000 * theirs / count, "ms")
    yield Figure("rss_mb_after_storm", scene.operator.resident_memory_mb(), "MB")


def _until_swapped(scene: Scene) -> None:
    """Let the operator go on, and wait until every target holds another key."""
    left = {f"{name}-grid" for name in scene.storm}
    now = scene.kube.page(SECRET, APPS, limit="1")["metadata"]["resourceVersion"]
    scene.operator.signal(signal.SIGCONT)
    for event in scene.kube.watch(SECRET, since=now, silence=LONGEST_SECONDS, namespace=APPS):
        left.discard(event["object"]["metadata"].get("name", ""))
        if not left:
            return


def _rotations(scene: Scene, names: Sequence[str]) -> set[int]:
    """Return how often keys were rotated, as they say."""
    if len(names) == 1:
        items = [scene.kube.get(CONSUMPTION_KEY, APPS, names[0]) or {}]
    else:
        items = scene.kube.page(CONSUMPTION_KEY, APPS)["items"]
    wanted = set(names)
    return {
        (item.get("status") or {}).get("rotation", 0)
        for item in items
        if item["metadata"]["name"] in wanted
    }


def _is_ready(item: Json | None) -> bool:
    conditions = ((item or {}).get("status") or {}).get("conditions", ())
    return any(it["type"] == "Ready" and it["status"] == "True" for it in conditions)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _until(is_so: Callable[[], bool], what: str, pause: float = 0.2) -> None:
    give_up_at = time.monotonic() + LONGEST_SECONDS
    while not is_so():
        if time.monotonic() > give_up_at:
            raise TimeoutError(what)
        time.sleep(pause)


def _object(kind: Kind, name: str, **fields: object) -> Json:
    metadata = {"name": name} if kind == NAMESPACE else {"name": name, "namespace": APPS}
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata, **fields}
