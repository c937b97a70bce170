"""The real command `thegrid-operator`, in time that a test moves.

Usage: python -m tests.packets.operator_in_moved_time FOLDER FLAG... with the operator's own flags,
one worker among them. In the folder, `offset` holds the seconds to add to the system's clocks, and
`idle` those that were added when the worker last found that nothing was due.
"""

from __future__ import annotations

import sys
import threading
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

from thegrid.client import Clock
from thegrid_operator.__main__ import main
from thegrid_operator.outside import Outside
from thegrid_operator.running import Operator

OFFSET, IDLE = "offset", "idle"
_NAP_SECONDS = 0.005


class Moved(Outside):
    """The real world, but for the time. A worker sees it move only when it has nothing to do."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._worker = threading.local()
        self._told = ""
        self._has_asked = False

    def resolve(self, servers, hosts):
        self._has_asked = True
        return super().resolve(servers, hosts)

    def clock(self, endpoints=None):
        return _MovedClock(self)

    def monotonic(self):
        return time.monotonic() + self.offset_seconds()

    def condition(self):
        return _Idle(self)

    def offset_seconds(self):
        """Return what is added for this thread."""
        return float(getattr(self._worker, "offset", None) or self._read())

    def rest(self):
        """Tell until when this worker found nothing due; from then on it sees what time it is.

        Before the first look there is nothing to tell: a process that starts knows of no resource.
        """
        seen = getattr(self._worker, "offset", self._told)
        if self._has_asked and seen != self._told:
            self._told = seen
            replace(self._folder / IDLE, seen)
        self._worker.offset = self._read()

    def _read(self):
        return (self._folder / OFFSET).read_text()


class _MovedClock(Clock):
    def __init__(self, outside: Moved):
        super().__init__()
        self._outside = outside

    def now(self):
        return super().now() + timedelta(seconds=self._outside.offset_seconds())


class _Idle(threading.Condition):
    """Wakes those who wait again and again, since the time may have been moved."""

    def __init__(self, outside: Moved):
        super().__init__()
        self._outside = outside

    def wait(self, timeout=None):
        super().wait(_NAP_SECONDS if timeout is None else min(timeout, _NAP_SECONDS))
        self._outside.rest()


def replace(file: Path, text: str) -> None:
    """Write a file so that whoever reads it sees the old text or the new one."""
    beside = file.with_suffix(".new")
    beside.write_text(text)
    beside.replace(file)


if __name__ == "__main__":
    folder, *flags = sys.argv[1:]
    sys.exit(main(flags, make=partial(Operator, outside=Moved(Path(folder)))))
