"""What a person sees of an exploration."""

from __future__ import annotations

import sys
import time

_EVERY_SECONDS = 1.0


class Progress:
    """Shows how far it is, and how long it may still take.

    Args:
        works: How much work each scenario is, by its name, in any unit.
        clock: Tells seconds.
    """

    def __init__(self, works, clock=time.monotonic):
        self._works = works
        self._width = max(map(len, works))
        self._clock = clock
        self._began = clock()
        self._ended = 0
        self._shares = {}
        self._shown_at = 0.0
        self._live = sys.stdout.isatty()

    def __call__(self, shares):
        """Show how far all is, now and then; each scenario has a share from 0 to 1."""
        self._shares |= {name: max(it, self._shares.get(name, 0.0)) for name, it in shares.items()}
        if self._live and self._clock() > self._shown_at + _EVERY_SECONDS:
            self._shown_at = self._clock()
            running = [f"{name} {it:.0%}" for name, it in self._shares.items() if 0 < it < 1]
            sys.stdout.write(f"\r{', '.join(running)}, {self._time()}\x1b[K")
            sys.stdout.flush()

    def ended(self, name, tally):
        """Show what came of a scenario: its violations with their traces, then the figures."""
        sys.stdout.write("\r\x1b[K" if self._live else "")
        for found in tally.found:
            _tell(found)
        self._shares[name] = 1.0
        self._ended += 1
        counts = f"{tally.singles} single, {tally.pairs} pairs, {tally.runs} runs"
        left = f"{len(self._works) - self._ended} scenarios to go"
        found = f"{len(tally.found)} violations"
        print(f"{name:<{self._width}}  {counts}, {found}; {left}, {self._time()}", flush=True)

    def _time(self):
        """Tell the time so far, and what is left if it goes on like that."""
        seconds = self._clock() - self._began
        done = sum(work * self._shares.get(name, 0.0) for name, work in self._works.items())
        share = done / sum(self._works.values())
        left = f", about {seconds / share - seconds:.0f} s left" if 0 < share < 1 else ""
        return f"{seconds:.0f} s{left}"


def _tell(found):
    faults = ", ".join(map(str, found.faults)) or "no fault"
    print(f"\nVIOLATION in {found.scenario} with {faults}: {found.what}")
    print("\n".join(f"    {line}" for line in found.trace))
    print(f"    again: python -m tests.crash --replay {found.replay}\n")


def last_words(tallies, ended, seconds):
    """Return what is known when a person stops it all, for scenarios that have not ended, too.

    Args:
        tallies: Those so far, by the scenarios' names.
        ended: Names of the scenarios whose violations were shown.
        seconds: How long it took.
    """
    unshown = [it for name, tally in tallies.items() if name not in ended for it in tally.found]
    lines = [f"VIOLATION in {it.scenario}: {it.what}; replay {it.replay}" for it in unshown]
    return "\n".join([*lines, last_line(tallies.values(), seconds, "crash (partial)"), ""])


def last_line(tallies, seconds, word="crash"):
    """Return the figures."""
    tallies = list(tallies)
    sites = set().union(*(tally.crashed for tally in tallies))
    singles, pairs = (sum(getattr(it, name) for it in tallies) for name in ("singles", "pairs"))
    violations = sum(len(tally.found) for tally in tallies)
    return (
        f"{word}: {len(tallies)} scenarios, {len(sites)} call sites, {singles} single, "
        f"{pairs} pairs, {violations} violations, {seconds:.0f} seconds"
    )
