"""What a stack of our resources costs over one of as many empty dynamic resources.

Each side is the real CLI on a `file://` backend, from its start to its end: the first `up`, which
makes everything, and a second one, which changes nothing. Checkpoints are off on both sides, since
they alone would take most of the time; the market's limits are off, and it runs in this process,
which waits meanwhile. The stack's identity, which our first key makes by itself, is counted: the
other side makes one resource more.

What a key's properties cost in Pulumi itself is shown by resources of the same shape that do
nothing.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Figure

from thegrid_emulator import Rules, serve
from thegrid_emulator.running import RunningEmulator
from thegrid_lab.pulumi_cli import PulumiWorkspace, pulumi_workspace
from thegrid_lab.pulumi_project import PulumiProject

PROGRAMS = Path(__file__).parent / "programs"
MANY = 1000
ROUNDS = {100: 5, MANY: 1}
UNLIMITED = 10**9
WITHOUT_CHECKPOINTS = {"PULUMI_SKIP_CHECKPOINTS": "true", "PULUMI_EXPERIMENTAL": "true"}


@dataclass(frozen=True)
class Run:
    """How long a stack took, and what it asked of the market.

    Attributes:
        first_seconds: The `up` that makes everything.
        unchanged_seconds: The `up` after it.
        first_calls: Calls to the market during the former.
        unchanged_calls: Calls to the market during the latter.
    """

    first_seconds: float
    unchanged_seconds: float
    first_calls: int
    unchanged_calls: int


def figures(part: int) -> Iterator[Figure]:
    """Compare stacks of consumption keys with stacks of empty resources."""
    rules = Rules(platform_requests_per_minute=UNLIMITED, trading_requests_per_minute=UNLIMITED)
    with serve(rules=rules) as market, pulumi_workspace() as workspace:
        for named, rounds in ROUNDS.items():
            count = named // part
            pairs = [
                (
                    _measured(_keys(workspace, market, count), market),
                    _measured(_inert(workspace, "empty", count + 1), market),
                )
                for _ in range(max(1, rounds // part))
            ]
            yield Figure(f"pulumi_first_up_ratio_{named}", _ratio(pairs, _first), "x")
            yield Figure(f"pulumi_unchanged_up_ratio_{named}", _ratio(pairs, _unchanged), "x")
        ours = pairs[0][0]
        yield Figure("market_calls_per_create", ours.first_calls / count, "calls")
        yield Figure("market_calls_unchanged", ours.unchanged_calls, "calls")
        shaped = [(ours, _measured(_inert(workspace, "shaped", MANY // part), market))]
        yield Figure(f"pulumi_first_up_over_shape_{MANY}", _ratio(shaped, _first), "x")
        yield Figure(f"pulumi_unchanged_up_over_shape_{MANY}", _ratio(shaped, _unchanged), "x")


def _first(run: Run) -> float:
    return run.first_seconds


def _unchanged(run: Run) -> float:
    return run.unchanged_seconds


def _ratio(pairs: list[tuple[Run, Run]], seconds: Callable[[Run], float]) -> float:
    return statistics.median(seconds(ours) / seconds(empty) for ours, empty in pairs)


def _keys(workspace: PulumiWorkspace, market: RunningEmulator, count: int) -> PulumiProject:
    account = market.create_account()
    config = {
        "thegrid:platformUrl": market.platform,
        "thegrid:tradingUrl": market.trading,
        "thegrid:consumptionUrl": market.consumption,
        "thegrid:messagesUrl": market.messages,
        "count": str(count),
    }
    secret = {"thegrid:accessToken": account.access_token}
    return workspace.project(PROGRAMS / "keys", config=config, secret_config=secret)


def _inert(workspace: PulumiWorkspace, program: str, count: int) -> PulumiProject:
    return workspace.project(PROGRAMS / program, config={"count": str(count)})


def _measured(project: PulumiProject, market: RunningEmulator) -> Run:
    first_seconds, first_calls = _timed(project.up, market)
    unchanged_seconds, unchanged_calls = _timed(
        lambda **env: project.up("--expect-no-changes", **env), market
    )
    project.run("stack", "rm", "--yes", "--force", env=WITHOUT_CHECKPOINTS)
    return Run(first_seconds, unchanged_seconds, first_calls, unchanged_calls)


def _timed(up: Callable[..., object], market: RunningEmulator) -> tuple[float, int]:
    calls = len(market.journal())
    started = time.perf_counter()
    up(env=WITHOUT_CHECKPOINTS)
    return time.perf_counter() - started, len(market.journal()) - calls
