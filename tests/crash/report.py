"""What a person sees of an exploration."""

from __future__ import annotations

import sys
import time

_EVERY_SECONDS = 1.0


class Progress:
    """Shows how far it is.

    Args:
        names: The scenarios.
    """

    def __init__(self, names):
        self._width = max(map(len, names))
        self._began = time.monotonic()
        self._to_go = set(names)
        self._shown_at = 0.0
        self._live = sys.stdout.isatty()

    def __call__(self, name, tally):
        """Show a tally, now and then."""
        if self._live and time.monotonic() > self._shown_at + _EVERY_SECONDS:
            self._shown_at = time.monotonic()
            sys.stdout.write(f"\r{self._line(name, tally)}\x1b[K")
            sys.stdout.flush()

    def ended(self, name, tally):
        """Show what came of a scenario: its violations with their traces, then the figures."""
        sys.stdout.write("\r\x1b[K" if self._live else "")
        for found in tally.found:
            _tell(found)
        self._to_go.discard(name)
        found = f"{len(tally.found)} violations, {len(self._to_go)} scenarios to go"
        print(f"{self._line(name, tally)}, {found}", flush=True)

    def _line(self, name, tally):
        counts = f"{tally.singles} single, {tally.pairs} pairs, {tally.runs} runs"
        return f"{name:<{self._width}}  {counts}, {time.monotonic() - self._began:.0f} s"


def _tell(found):
    faults = ", ".join(map(str, found.faults)) or "no fault"
    print(f"\nVIOLATION in {found.scenario} with {faults}: {found.what}")
    print("\n".join(f"    {line}" for line in found.trace))
    print(f"    again: python -m tests.crash --replay {found.replay}\n")


def last_line(tallies, seconds):
    """Return the figures."""
    tallies = list(tallies)
    sites = set().union(*(tally.crashed for tally in tallies))
    singles, pairs = (sum(getattr(it, name) for it in tallies) for name in ("singles", "pairs"))
    violations = sum(len(tally.found) for tally in tallies)
    return (
        f"crash: {len(tallies)} scenarios, {len(sites)} call sites, {singles} single, "
        f"{pairs} pairs, {violations} violations, {seconds:.0f} seconds"
    )
