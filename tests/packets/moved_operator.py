"""The operator as a process, in time that a test moves: it has caught up when a move returns."""

import time
from contextlib import suppress

from tests.packets.operator_in_moved_time import IDLE, OFFSET, replace

from thegrid_lab.errors import ProcessFailed
from thegrid_lab.operator_process import start_operator

_LEASE_SECONDS = 10_000_000  # outlasts all moves: no time passes in which the lease is renewed
_PATIENCE_SECONDS = 30.0
_POLL_SECONDS = 0.002


class MovedOperator:
    """One replica with one worker.

    Args:
        plane: Where the chart is installed.
        folder: For its log and its time.
    """

    def __init__(self, plane, folder):
        self._folder = folder
        self._offset = 0.0
        replace(folder / OFFSET, "0.0")
        self._process = start_operator(
            plane,
            log=folder / "operator.log",
            lease_seconds=_LEASE_SECONDS,
            flags=("--workers", "1"),
            program=("tests.packets.operator_in_moved_time", str(folder)),
        )
        self.stop = self._process.stop
        self.pid = self._process.pid

    def advance(self, seconds):
        """Move the time, and wait until nothing is due that has not been done."""
        self._offset += seconds
        replace(self._folder / OFFSET, str(self._offset))
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while self._idle_at() != self._offset:
            if time.monotonic() > give_up_at or self._process.exit_code is not None:
                raise ProcessFailed(f"the operator does not come to rest: {self.log()[-500:]}")
            time.sleep(_POLL_SECONDS)

    def log(self):
        return (self._folder / "operator.log").read_text()

    def _idle_at(self):
        with suppress(FileNotFoundError):
            return float((self._folder / IDLE).read_text())
        return None
