"""What rotations take in a cluster: the real command, a real API server, the market beside them.

One side is the operator, with the rights that the chart gives. The other is its floor, the least
that a rotation can be: a bare loop that makes a key, stores it, tests it and swaps it in by the
same code, with nothing decided, watched or remembered, and no status written. Both work on the same
machine at the same API server, one after the other. The market's limits are lifted.
"""

from __future__ import annotations

import signal
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from threading import Event

from bench.figures import Figure
from bench.operator import scale
from bench.operator.bare import Bare
from bench.operator.scene import APPS, LONGEST_SECONDS, WORKERS, Scene, scene, until

from thegrid_operator.kube import CONSUMPTION_KEY, SECRET

STORM, ON_DEMAND = 500, 60
ROTATE = "thegrid.ai/rotate"


def figures(part: int) -> Iterator[Figure]:
    """Measure memory, rotations on demand, a storm of rotations, and memory with many keys."""
    storm = [f"app-{number}" for number in range(STORM // part)]
    on_demand = [f"one-{number}" for number in range(ON_DEMAND // part)]
    with scene() as made:
        yield Figure("rss_mb_idle", made.operator.resident_memory_mb(), "MB")
        made.declare(storm)
        yield Figure(f"rss_mb_{STORM}", made.operator.resident_memory_mb(), "MB")
        made.declare(on_demand)
        yield from _on_demand(made, on_demand)
        yield from _storm(made, storm)
        yield from scale.figures(made, len(storm) + len(on_demand), part)


def _on_demand(scene: Scene, names: Sequence[str]) -> Iterator[Figure]:
    """Ask for one rotation after the other, from the annotation to the new Secret."""
    bare = Bare(scene.kube, scene.market, APPS, len(names))
    pairs = [
        (_rotated_in(scene, name), _seconds(partial(bare.rotate, number, lists=True)))
        for number, name in enumerate(names)
    ]
    ours, floor = zip(*pairs, strict=True)
    typical, floor_typical = statistics.median(ours), statistics.median(floor)
    yield Figure("rotate_on_demand_over_floor", typical / floor_typical, "x")
    yield Figure("rotate_on_demand_ms_p50", 1000 * typical, "ms")
    yield Figure("floor_on_demand_ms_p50", 1000 * floor_typical, "ms")
    yield Figure("rotate_on_demand_ms_p99", 1000 * statistics.quantiles(ours, n=100)[98], "ms")


def _rotated_in(scene: Scene, name: str) -> float:
    """Return the seconds from the annotation to the word of the new Secret."""
    kube = scene.kube
    seen = kube.get(CONSUMPTION_KEY, APPS, name) or {}
    opened = Event()
    with ThreadPoolExecutor(1) as pool:
        changed_at = pool.submit(_change_of, scene, f"{name}-grid", opened)
        opened.wait(LONGEST_SECONDS)
        began = time.perf_counter()
        kube.patch(CONSUMPTION_KEY, seen, {"metadata": {"annotations": {ROTATE: "now"}}})
        took = changed_at.result(LONGEST_SECONDS) - began
    until(lambda: _rotations(scene, [name]) == {2}, name)
    return took


def _change_of(scene: Scene, target: str, opened: Event) -> float:
    """Return when a Secret changes. To ask again and again would slow down what is measured."""
    events = scene.kube.watch(
        SECRET,
        since="",
        silence=LONGEST_SECONDS,
        namespace=APPS,
        fieldSelector=f"metadata.name={target}",
    )
    with closing(events):
        for event in events:
            if event["type"] == "BOOKMARK":  # all that is there was told
                opened.set()
            elif opened.is_set():
                return time.perf_counter()
    raise TimeoutError(target)


def _storm(scene: Scene, names: Sequence[str]) -> Iterator[Figure]:
    """Have all keys due at once: they are asked for while the operator stands still."""
    count = len(names)
    scene.operator.signal(signal.SIGSTOP)
    for name in names:
        seen = scene.kube.get(CONSUMPTION_KEY, APPS, name) or {}
        scene.kube.patch(CONSUMPTION_KEY, seen, {"metadata": {"annotations": {ROTATE: "now"}}})
    before = scene.cpu_seconds()
    seconds = _seconds(partial(_until_swapped, scene, names))
    until(lambda: _rotations(scene, names) == {2}, "the statuses", pause=1.0)
    ours, theirs = (now - then for now, then in zip(scene.cpu_seconds(), before, strict=True))
    bare = Bare(scene.kube, scene.market, APPS, count)
    with ThreadPoolExecutor(WORKERS) as pool:
        floor = _seconds(lambda: list(pool.map(bare.rotate, range(count))))
    yield Figure("rotations_per_second_storm", count / seconds, "rotations")
    yield Figure("floor_rotations_per_second_storm", count / floor, "rotations")
    yield Figure("storm_over_floor", floor / seconds, "x")
    yield Figure("cpu_ms_per_rotation", 1000 * ours / count, "ms")
    yield Figure("api_server_cpu_ms_per_rotation", 1000 * theirs / count, "ms")
    yield Figure("rss_mb_after_storm", scene.operator.resident_memory_mb(), "MB")


def _until_swapped(scene: Scene, names: Sequence[str]) -> None:
    """Let the operator go on, and wait until every target holds another key."""
    left = {f"{name}-grid" for name in names}
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


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
