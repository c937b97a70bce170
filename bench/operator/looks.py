"""What the operator's own code costs and asks for, with the API server and the market in memory.

The world is that of the fault harness without its checks: the real operator, the emulator, and a
model of the API server that is itself held against the real one. So calls and writes are what they
are anywhere, and times tell only by their ratio: one side is the operator, the other its floor,
which makes the same calls through the same code and decides, watches and remembers nothing. Both
run in this process, which has no network and no other thread. What a real API server spends on a
call is not in these figures.
"""

from __future__ import annotations

import io
import statistics
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import redirect_stderr
from dataclasses import dataclass
from typing import Any

import httpx
from bench.figures import Figure
from tests.crash.api_connection import Connection
from tests.crash.scenarios import Scenario
from tests.crash.world import World

from thegrid_operator.kube import CONSUMPTION_KEY, SECRET, Kube

FEW, MANY = 50, 500
ROUNDS = 3
IDLE_MINUTES = 30
NAMESPACE = "apps"
OURS = "*/thegrid_operator/*"
UNCOUNTED = frozenset({"leases", "events", "pods"})


class Busy(World):
    """A world that counts and checks nothing.

    Args:
        market: Rules of the market, over its own.
    """

    def __init__(self, **market: int) -> None:
        super().__init__(Scenario("bench", lambda _world, _people: (), market=market))
        self.api_calls = 0
        self.market_calls = 0

    def ask_api_server(self, method: str, path: str, **request: Any) -> Any:
        """Answer and count, but for the election, events and lists of pods."""
        self.api_calls += UNCOUNTED.isdisjoint(path.partition("?")[0].split("/"))
        return self.api.request(method, path, **request)

    def ask_market(self, request: httpx.Request) -> httpx.Response:
        """Answer as the weather is, and count."""
        self.market_calls += 1
        return self.weather.at_market() or self.market.answer(request)

    def written(self) -> None:
        """Count a write."""
        self.writes += 1

    def moment(self, *_: object) -> None:
        """Nothing goes wrong here."""

    def note(self, *_: object) -> None:
        """Nobody reads a trace."""

    def start(self) -> None:
        """Start the operator anew: everything is looked at once."""
        self.replicas = [self._started(0)]


@dataclass(frozen=True)
class Idle:
    """Looks at resources that need nothing.

    Attributes:
        seconds: CPU time of one look.
        floor_seconds: CPU time of the same reads alone.
        api_calls: Requests to the API server for one look.
        market_calls: Requests to the market for one look.
        writes: Writes, of all looks together.
        kilobytes: What the operator keeps of one resource.
    """

    seconds: float
    floor_seconds: float
    api_calls: float
    market_calls: float
    writes: int
    kilobytes: float


def figures(part: int) -> Iterator[Figure]:
    """Measure looks that find nothing to do, and rotations."""
    with redirect_stderr(io.StringIO()):  # the operator's log
        yield from _figures(FEW // part, MANY // part)


def _figures(few_keys: int, many_keys: int) -> Iterator[Figure]:
    world = settled(many_keys)
    few, many = idle(settled(few_keys), few_keys), idle(world, many_keys)
    yield Figure("idle_look_over_floor", many.seconds / many.floor_seconds, "x")
    yield Figure(f"idle_look_growth_{MANY}", many.seconds / few.seconds, "x")
    yield Figure("idle_writes", many.writes, "writes")
    yield Figure("idle_api_calls_per_look", many.api_calls, "calls")
    yield Figure("idle_market_calls_per_look", many.market_calls, "calls")
    yield Figure("idle_calls_per_minute", calls_per_minute(world), "calls")
    yield Figure("kept_kb_per_resource", many.kilobytes, "kB")
    yield from rotations(settled(few_keys), few_keys)


def settled(count: int) -> Busy:
    """Return a world in which so many keys are in place."""
    world = Busy()
    world.people.log_in()
    world.people.declare_account()
    for number in range(count):
        world.people.declare_key(f"app-{number}", rotateAfter="30d", overlap="1m")
    world.start()
    world.run(60)
    return world


def idle(world: Busy, count: int) -> Idle:
    """Start the operator anew some times, and look at everything once."""
    before = (world.api_calls, world.market_calls, world.writes)
    times = [_seconds(world) / count for _ in range(ROUNDS)]
    looks = count * ROUNDS
    api_calls, market_calls, writes = (
        now - then
        for now, then in zip(
            (world.api_calls, world.market_calls, world.writes), before, strict=True
        )
    )
    floors = [_floor_seconds(world, count) / count for _ in range(ROUNDS)]
    return Idle(
        statistics.median(times),
        statistics.median(floors),
        api_calls / looks,
        market_calls / looks,
        writes,
        _kept_bytes(world) / count / 1024,
    )


def calls_per_minute(world: Busy) -> float:
    """Count all calls of half an hour in which nothing is due."""
    before = world.api_calls + world.market_calls
    world.run(60 * IDLE_MINUTES)
    return (world.api_calls + world.market_calls - before) / IDLE_MINUTES


def _seconds(world: Busy) -> float:
    started = time.process_time()
    world.start()
    world.run(1)
    return time.process_time() - started


def _floor_seconds(world: Busy, count: int) -> float:
    """Read what a look reads: the resource and its two Secrets; the listing is shared."""
    replica = world.replicas[0]
    kube = Kube(Connection(replica._send, replica._watch))
    started = time.process_time()
    for number in range(count):
        kube.get(CONSUMPTION_KEY, NAMESPACE, f"app-{number}")
        kube.get(SECRET, NAMESPACE, f"app-{number}-thegrid-rotation")
        kube.get(SECRET, NAMESPACE, f"app-{number}-grid")
    return time.process_time() - started


def _kept_bytes(world: Busy) -> int:
    """Add up what the operator's own lines have made and still keep after a start."""
    world.replicas = []
    tracemalloc.start()
    world.start()
    world.run(1)
    snapshot = tracemalloc.take_snapshot().filter_traces(
        [tracemalloc.Filter(inclusive=True, filename_pattern=OURS)]
    )
    tracemalloc.stop()
    return sum(it.size for it in snapshot.statistics("filename"))


def rotations(world: Busy, count: int) -> Iterator[Figure]:
    """Rotate all keys on demand, and let their overlaps of a minute end; all looks are counted."""
    before = (world.api_calls, world.market_calls)
    for number in range(count):
        world.people.annotate(f"app-{number}", "thegrid.ai/rotate", "now")
    world.run(120)
    api_calls, market_calls = world.api_calls - before[0], world.market_calls - before[1]
    yield Figure("api_calls_per_rotation", api_calls / count, "calls")
    yield Figure("market_calls_per_rotation", market_calls / count, "calls")
