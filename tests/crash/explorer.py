"""All single faults of a scenario and all pairs, each reached state once.

A crash throws the process's memory away, so what follows depends on the world alone: two crashes
that leave the same world behind have one future, which is looked at once. After a lost answer it
depends on what the process remembers, too. Faults that change the world are all run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from tests.crash.faults import ITS_LIFE, LOST, Fault
from tests.crash.kinds import KINDS
from tests.crash.state import last_form
from tests.crash.world import Violation, World

PAIRS_A_RUN = 3
"""About so many pairs share one future."""


def _telling(moments):
    """Return the numbers of the moments at which a change of the world tells something new.

    Seen from the process, a change does the same a moment later where nothing is sent in between;
    an event, which nothing depends on, counts as nothing.
    """
    moments = [moment for moment in moments if moment.site != "event"]
    pairs = pairwise([*moments, None])
    return {it.number for it, later in pairs if later is None or later.requests != it.requests}


@dataclass
class Found:
    """A run in which something was not as it must be."""

    scenario: str
    faults: tuple[Fault, ...]
    what: str
    trace: list[str]

    @property
    def replay(self):
        return ",".join([self.scenario, *map(str, self.faults)])


@dataclass
class Tally:
    """What came of a scenario.

    Attributes:
        singles: Single faults, those that share their future with another included.
        pairs: Pairs of faults, likewise.
        runs: Runs that this took.
        crashed: Sites at which the process was ended.
        met: Sites that were passed.
        found: Violations.
        share: How much of the work is done, from 0 to 1, as far as that can be told.
    """

    singles: int = 0
    pairs: int = 0
    runs: int = 0
    crashed: set[str] = field(default_factory=set)
    met: set[str] = field(default_factory=set)
    found: list[Found] = field(default_factory=list)
    share: float = 0.0


class Explorer:
    """Explores one scenario.

    Args:
        scenario: Which.
        kinds: The kinds of faults that strike once.
        paired: Those that are also combined, each with each.
        stop_after: So many violations are enough.
    """

    def __init__(self, scenario, kinds, paired, *, stop_after=20):
        self._scenario = scenario
        self._kinds = kinds
        self._paired = paired
        self._stop_after = stop_after
        self._seen: set[str] = set()
        """States from which a run without further faults is known."""
        self._continued: set[str] = set()
        """States from which runs with one more fault are known, too."""
        self._lost_at: set[str] = set()
        """States of world and process at which an answer was lost."""
        self._wanted = None
        self.tally = Tally()

    def explore(self, progress: Callable = lambda tally: None):
        """Run the scenario without faults, with each one, and with each two.

        Args:
            progress: Called with the tally after each run.

        Returns:
            The tally.
        """
        calm = self._run((), progress, records_from=0)
        if calm is None:
            return self.tally
        self._wanted = last_form(calm)
        firsts = list(self._faults(self._kinds, calm.moments))
        works = self._works(firsts)
        for first, done in zip(firsts, accumulate(works, initial=0.0), strict=False):
            self.tally.share = done / sum(works)
            self.tally.singles += 1
            if self._is_known(first, calm.moments, self._continued):
                continue
            has_a_future = self._has_a_future(first, calm.moments)
            records_from = first.at + 1 if has_a_future else None
            world = self._run((first,), progress, records_from)
            if world is not None and has_a_future:
                self._pairs_with(first, world, progress)
            if len(self.tally.found) >= self._stop_after:
                break
        return self.tally

    def foreseen(self):
        """Foresee how much work it is, in seconds, by one run without faults."""
        began = time.process_time()
        world = World(self._scenario, records_from=0)
        with suppress(Violation):
            world.play()
        works = self._works(list(self._faults(self._kinds, world.moments)))
        return (time.process_time() - began) * sum(works)

    def _works(self, firsts):
        """Foresee how many runs each first fault takes, those with a second one included."""
        works, later = [], 0
        for fault in reversed(firsts):
            paired = KINDS[fault.kind] in self._paired
            works.append(1 + (later / PAIRS_A_RUN if paired else 0.0))
            later += paired
        return works[::-1]

    def _pairs_with(self, first, world, progress):
        for second in self._faults(self._paired, world.moments[first.at + 1 :]):
            self.tally.pairs += 1
            known = self._is_known(second, world.moments, self._seen)
            if not known and self._has_a_future(second, world.moments):
                self._run((first, second), progress)
            if len(self.tally.found) >= self._stop_after:
                break

    def _has_a_future(self, fault, moments):
        """Tell whether a pair can bring what single faults do not.

        An event that is lost changes nothing: nobody reads it, and the operator goes on.
        """
        kind, site = KINDS[fault.kind], moments[fault.at].site
        return kind in self._paired and (kind.ends_the_process or site != "event")

    def _faults(self, kinds, moments) -> Iterator[Fault]:
        telling = _telling(moments)
        for moment in moments:
            for kind in kinds:
                tells = not kind.is_of_the_world or moment.number in telling
                if tells and moment.phase in kind.phases:
                    yield Fault(moment.number, kind.name)

    def _is_known(self, fault, moments, before):
        """Tell whether the world that a fault leaves to a new process was met before.

        Args:
            fault: It happens next.
            moments: Those of the run in which it happens.
            before: The states to look among.
        """
        moment, kind = moments[fault.at], KINDS[fault.kind]
        if kind == LOST:
            return self._was_lost_before(moment)
        if not kind.ends_the_process:
            return False
        self.tally.crashed.add(moment.site)
        if moment.state is None:
            return False
        known = moment.state in before
        self._continued |= {moment.state} if before is self._continued else set()
        self._seen.add(moment.state)
        return known

    def _was_lost_before(self, moment):
        """Tell whether the same process was at the same point in the same world."""
        known = moment.whole in self._lost_at
        self._lost_at |= {moment.whole} - {None}
        return known

    def _run(self, faults, progress, records_from=None):
        world, what = played(self._scenario, faults, self._wanted, records_from=records_from)
        self.tally.runs += 1
        self.tally.met |= {moment.site for moment in world.moments}
        if what:
            self.tally.found.append(Found(self._scenario.name, faults, what, world.trace))
        progress(self.tally)
        return None if what else world


def played(scenario, faults, wanted=None, *, records_from=None):
    """Play a scenario with faults.

    Args:
        scenario: Which.
        faults: What goes wrong.
        wanted: How the world is to be in the end; None for as it comes.
        records_from: From which moment on states are recorded; None for none of them.

    Returns:
        The world, and what was not as it must be, or None.
    """
    world = World(scenario, faults, records_from=records_from)
    try:
        world.play()
    except Violation as violation:
        return world, str(violation)
    spared = {part for fault in faults for part in KINDS[fault.kind].may_cost}
    if ITS_LIFE in spared:
        spared |= {"live keys", "what pods hold"}
    got = last_form(world)
    left = _difference(
        *({k: v for k, v in it.items() if k not in spared} for it in (wanted or got, got))
    )
    return world, f"the end is not that without faults: {left}" if left else None


def _difference(wanted, got):
    """Return what differs, by its path."""
    if wanted == got:
        return {}
    if isinstance(wanted, dict) and isinstance(got, dict):
        differs = {}
        for name in wanted.keys() | got.keys():
            inner = _difference(wanted.get(name), got.get(name))
            differs |= {f"{name}.{path}".rstrip("."): it for path, it in inner.items()}
        return differs
    return {"": f"{wanted!r} became {got!r}"}
