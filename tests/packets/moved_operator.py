"""The operator as a process, in time that a test moves: it has caught up when a move returns."""

import signal
import time
from contextlib import suppress

from tests.packets.operator_in_moved_time import IDLE, OFFSET, replace

from thegrid_lab.errors import ProcessFailed
from thegrid_lab.operator_process import NAMESPACE, start_operator
from thegrid_operator.__main__ import LEASE_NAME

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
        self._plane, self._folder = plane, folder
        self._offset = 0.0
        self._starts = 0
        replace(folder / OFFSET, "0.0")
        self._process = self._started()

    @property
    def pid(self):
        return self._process.pid

    def stop(self):
        self._process.stop()

    def die_and_come_back(self):
        """Kill the process on the spot, and start another, which need not wait for the lease."""
        self._process.signal(signal.SIGKILL)
        self._process.wait(timeout_seconds=_PATIENCE_SECONDS)
        lease = ("lease", LEASE_NAME, f"--namespace={NAMESPACE}")
        self._plane.kubectl("delete", *lease)
        self._process = self._started()

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
        """Return what all processes have logged, one after the other."""
        return "".join(self._log_of(it).read_text() for it in range(1, self._starts + 1))

    def _log_of(self, start):
        return self._folder / f"operator-{start}.log"

    def _started(self):
        self._starts += 1
        return start_operator(
            self._plane,
            log=self._log_of(self._starts),
            lease_seconds=_LEASE_SECONDS,
            flags=("--workers", "1"),
            program=("tests.packets.operator_in_moved_time", str(self._folder)),
        )

    def _idle_at(self):
        with suppress(FileNotFoundError):
            return float((self._folder / IDLE).read_text())
        return None
