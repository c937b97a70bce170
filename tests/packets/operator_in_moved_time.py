"""The real command `thegrid-operator`, in time that a test moves.

Usage: python -m tests.packets.operator_in_moved_time FOLDER FLAG... with the operator's own flags,
one worker among them. In the folder, `offset` holds the seconds to add to the system's clocks, and
`idle` those that were added when the worker last found that nothing was due.
"""

from __future__ import annotations

import sys
import threading
import time
from functools import partial
from pathlib import Path

from thegrid.client import Clock
from thegrid_operator.__main__ import main
from thegrid_operator.outside import Outside
from thegrid_operator.running import Operator

OFFSET, IDLE = "offset", "idle"
_NAP_SECONDS = 0.005


class Moved(Outside):
    """The real world, but for the time."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._clock = Clock(folder / OFFSET)
        self._offset_file = folder / OFFSET
        self._idle_file = folder / IDLE
        self._seen = threading.local()
        self._told = ""

    def clock(self, endpoints=None):
        return self._clock

    def monotonic(self):
        self._seen.offset = self._offset_file.read_text()
        return time.monotonic() + float(self._seen.offset)

    def condition(self):
        return _Idle(self._tell_idle)

    def _tell_idle(self):
        """Tell what was added when the thread that is about to wait last asked for the time."""
        if self._seen.offset != self._told:
            self._told = self._seen.offset
            replace(self._idle_file, self._told)


class _Idle(threading.Condition):
    """Wakes those who wait again and again, since the time may have been moved."""

    def __init__(self, tell):
        super().__init__()
        self._tell = tell

    def wait(self, timeout=None):
        self._tell()
        return super().wait(_NAP_SECONDS if timeout is None else min(timeout, _NAP_SECONDS))


def replace(file: Path, text: str) -> None:
    """Write a file so that whoever reads it sees the old text or the new one."""
    beside = file.with_suffix(".new")
    beside.write_text(text)
    beside.replace(file)


if __name__ == "__main__":
    folder, *flags = sys.argv[1:]
    sys.exit(main(flags, make=partial(Operator, outside=Moved(Path(folder)))))
