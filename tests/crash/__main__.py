"""`python -m tests.crash`: crash the operator at every effect, and show that nothing is lost.

See docs/decisions/0011-fault-harness.md.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.crash.explorer import Explorer, played
from tests.crash.faults import CRASH, LOST, Fault
from tests.crash.kinds import KINDS
from tests.crash.mutants import MUTANTS, survivors
from tests.crash.report import Progress, last_line, last_words
from tests.crash.scenarios import SCENARIOS
from tests.crash.side_by_side import explored, stop_when_told
from tests.crash.sites import sites_of
from tests.crash.state import last_form

NOT_PAIRED_IN_A_GATE = ("device-login", "lost-login", "workloads", "soon-gone")
"""They have the most pairs, the first three the longest runs; one fault tells of the last."""

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


def main(arguments=None):
    """Explore all scenarios or some, or replay one run.

    Returns:
        The exit code: 1 for violations and for sites that were never crashed.
    """
    given = _parser().parse_args(arguments)
    if given.replay:
        return _replay(given.replay)
    if given.mutants:
        return _try_mutants(given.jobs)
    return _explore(given)


def _explore(given):
    began = time.monotonic()
    tallies, ended = {}, set()
    stop_when_told(lambda: last_words(tallies, ended, time.monotonic() - began))
    what = "single faults" if given.singles else "single faults and pairs"
    if given.gate:
        what = f"crashes and lost answers, in pairs but for {', '.join(NOT_PAIRED_IN_A_GATE)}"
    explorers = {name: _explorer(name, given) for name in given.only or BY_NAME}
    print(f"{len(explorers)} scenarios with {what}, {given.jobs} at a time", flush=True)
    works = {name: explorer.foreseen() for name, explorer in explorers.items()}
    longest_first = {name: explorers[name] for name in sorted(works, key=works.get, reverse=True)}
    progress = Progress(works)

    def show(so_far):
        tallies.update(so_far)
        progress({name: tally.share for name, tally in so_far.items()})

    for name, tally in explored(given.jobs, longest_first, show):
        tallies[name] = tally
        progress.ended(name, tally)
        ended.add(name)
    missed = [] if given.only or given.kinds else _never_crashed(tallies.values())
    for line in missed:
        print(f"MISSED: {line}")
    print(last_line(tallies.values(), time.monotonic() - began))
    return 1 if missed or any(tally.found for tally in tallies.values()) else 0


def _explorer(name, given):
    scenario = BY_NAME[name]
    wanted = [CRASH.name, LOST.name] if given.gate else given.kinds
    kinds = [kind for kind in scenario.kinds if not wanted or kind.name in wanted]
    singles = given.singles or (given.gate and name in NOT_PAIRED_IN_A_GATE)
    paired = [kind for kind in scenario.paired if kind in kinds and not singles]
    return Explorer(scenario, kinds, paired, stop_after=1 if given.first else 20)


def _never_crashed(tallies):
    """Return what the source and the runs do not agree about."""
    known = sites_of()
    crashed = set().union(*(tally.crashed for tally in tallies))
    met = set().union(*(tally.met for tally in tallies)) - {"event"}
    missed = [
        f"{site.where} was never crashed"
        for site in known
        if not any(site.is_named(name) for name in crashed)
    ]
    unknown = [name for name in met if not any(site.is_named(name) for site in known)]
    return missed + [f"{name} is not found in the source" for name in unknown]


def _replay(text):
    name, *faults = text.split(",")
    wrong = [fault for fault in faults if fault.partition("=")[2] not in KINDS]
    if wrong:
        sys.stderr.write(f"{wrong[0]} is no fault; each is NUMBER=KIND with {', '.join(KINDS)}\n")
        return 2
    if name not in BY_NAME:
        sys.stderr.write(f"no scenario is named {name}; there are {', '.join(BY_NAME)}\n")
        return 2
    calm, what = played(BY_NAME[name], ())
    world = calm
    if faults and not what:
        planned = [Fault.parse(fault) for fault in faults]
        world, what = played(BY_NAME[name], planned, last_form(calm))
    print("\n".join(world.trace))
    print(f"\n{what or 'nothing was violated'}")
    return 1 if what else 0


def _try_mutants(jobs):
    began = time.monotonic()

    def tell(mutant, found):
        print(f"{mutant.name}\n    {found or 'NOT FOUND'}", flush=True)

    lost = survivors(jobs, tell)
    found = len(MUTANTS) - len(lost)
    print(f"mutants: {found} of {len(MUTANTS)} found, {time.monotonic() - began:.0f} seconds")
    return 1 if lost else 0


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m tests.crash", description=__doc__.splitlines()[0]
    )
    names = {"nargs": "+", "metavar": "NAME"}
    parser.add_argument(
        "--only", choices=BY_NAME, help=f"explore these alone: {', '.join(BY_NAME)}", **names
    )
    parser.add_argument(
        "--kinds", choices=KINDS, help=f"only these kinds of faults: {', '.join(KINDS)}", **names
    )
    parser.add_argument(
        "--gate", action="store_true", help="crashes and lost answers alone, most in pairs"
    )
    parser.add_argument("--singles", action="store_true", help="leave pairs of faults out")
    parser.add_argument("--first", action="store_true", help="stop a scenario at its violation")
    parser.add_argument("--mutants", action="store_true", help="try operators that are broken")
    parser.add_argument("--jobs", type=int, default=2, help="how many scenarios at once")
    parser.add_argument("--replay", metavar="RUN", help="play one run, as a violation names it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
