"""`python -m tests.soak`: a thousand rotations under steady traffic, and no call that fails."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.soak.plan import Times
from tests.soak.run import Plan, Soak

from thegrid_lab.processes import clean_exit_on_sigterm

_MOST_TOLD = 10
_INTERRUPTED = 130


class Display:
    """What a person sees meanwhile: a line that changes on a terminal, else one now and then.

    Args:
        wanted: How many rotations there are to be.
    """

    def __init__(self, wanted):
        self._wanted = wanted
        self._live = sys.stdout.isatty()
        self._every_seconds = 0.5 if self._live else 30.0
        self._began = self._shown_at = time.monotonic()

    def say(self, text):
        """Tell what begins."""
        print(f"{self._clear()}{text}", flush=True)

    def show(self, outcome, pods):
        """Tell how far it is, if that was not told just now."""
        now = time.monotonic()
        if now < self._shown_at + self._every_seconds:
            return
        self._shown_at = now
        line = (
            f"  {now - self._began:4.0f} s: {outcome.rotations} of {self._wanted} rotations, "
            f"{outcome.calls} calls, {len(outcome.failures)} failed, {pods} pods"
        )
        print(f"{self._clear()}{line}", end="" if self._live else "\n", flush=True)

    def _clear(self):
        return "\r\x1b[K" if self._live else ""


def main(arguments=None):
    """Soak.

    Returns:
        The exit code: 1 unless every rotation came, every call succeeded and every key is gone.
    """
    given = _parser().parse_args(arguments)
    times = Times(**{name: getattr(given, name) for name in _TIMES})
    plan = Plan(given.resources, given.rotations, times, given.told_volume_delay)
    display = Display(plan.resources * plan.rotations)
    soak = Soak(plan, display.show, display.say, given.evidence)
    try:
        with clean_exit_on_sigterm():
            outcome = soak.run()
    except KeyboardInterrupt:
        print("\ninterrupted; everything that was started has been stopped")
        return _INTERRUPTED
    for failure in outcome.failures[:_MOST_TOLD]:
        print(f"FAILED CALL {failure}")
    for problem in outcome.problems:
        print(f"PROBLEM: {problem}")
    display.say(f"  {outcome.processes} client processes ran, one for each pod")
    print(
        f"soak: {outcome.rotations} rotations, {outcome.calls} calls, "
        f"{len(outcome.failures)} failed, {outcome.left} keys left"
    )
    short = outcome.rotations < plan.resources * plan.rotations
    return 1 if short or outcome.failures or outcome.problems or outcome.left else 0


_TIMES = ("rotate_after", "overlap", "volume_delay", "volume_period", "seldom_pause")


def _parser():
    usual = Times()
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--resources", type=int, default=Plan.resources, help="how many keys")
    parser.add_argument("--rotations", type=int, default=Plan.rotations, help="of each key")
    for name in _TIMES:
        value = getattr(usual, name)
        flag, kind = f"--{name.replace('_', '-')}", type(value)
        parser.add_argument(flag, type=kind, default=value, metavar="SECONDS")
    parser.add_argument(
        "--told-volume-delay",
        type=int,
        metavar="SECONDS",
        help="tell the operator something else about volumes than what is true",
    )
    parser.add_argument("--evidence", type=Path, metavar="FOLDER", help="keep the logs there")
    return parser


if __name__ == "__main__":
    sys.exit(main())
