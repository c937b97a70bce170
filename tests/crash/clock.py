"""One clock for the operator, the API server and the market: it stands still until it is moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import thegrid.client
import thegrid_emulator.clock

START = datetime(2030, 1, 1, tzinfo=UTC)


class WorldClock:
    """The true time of a world. Whoever waits moves it."""

    def __init__(self):
        self.seconds = 0.0
        self.off_by = 0.0
        """By how much the wall clocks of this cluster's machines are wrong."""

    def now(self):
        return START + timedelta(seconds=self.seconds)

    def monotonic(self):
        return 1_000_000.0 + self.seconds


class MarketClock(thegrid_emulator.clock.Clock):
    """The emulator's clock is the true one."""

    def __init__(self, world: WorldClock):
        super().__init__()
        self._world = world

    def now(self):
        return self._world.now()


class ProcessClock(thegrid.client.Clock):
    """A program's wall clock, which may be off; its waits move the world.

    Args:
        world: The true time.
        wait: Lets seconds pass.
    """

    def __init__(self, world: WorldClock, wait: Callable[[float], None]):
        super().__init__()
        self._world = world
        self._wait = wait

    def now(self):
        return self._world.now() + timedelta(seconds=self._world.off_by)

    def sleep(self, seconds):
        self._wait(seconds)

    def wait_until(self, time):
        self._wait(max((time - self.now()).total_seconds(), 0.0))
