"""One listing of an account's keys for all resources that look at about the same time.

A look reads the resource, then the listing, then the Secrets. A listing that another look asked for
is as good, if it began after everything that this look rests on was known; it was asked before
this look reads its Secrets in any case. So a listing serves a resource

* if it began after its declaration was known: as the watch told it, where the resource read afresh
  declares the same still, else as it was read now;
* if it began after the resource's last look had ended, and with that its last mint and revocation;
  within one look it may be completed by their answers (docs/decisions/0014);
* and as long as it is young: then what others did at the market is missed for no longer than the
  market's own delay.

What belongs here: that rule, and that no two listings of an account are under way at once. What
does not: what is concluded from a listing.
"""

from __future__ import annotations

import copy
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass

from thegrid.client import GridError
from thegrid.core.model import KeyListing
from thegrid_operator.cache import Name
from thegrid_operator.kube import Json
from thegrid_operator.sights import Sight

WINDOW_SECONDS = 5.0
"""How long a listing serves others, counted from when it was asked for."""

_moments = itertools.count(1)


def moment() -> int:
    """Return a number greater than all before it: what happened in this process, in its order.

    Two times of a clock may be the same, and then do not tell what was first.
    """
    return next(_moments)


class Declarations:
    """Since when this process has known what each resource declares. Safe for several threads."""

    def __init__(self) -> None:
        self._known: dict[Name, tuple[Sight, int]] = {}

    def note(self, name: Name, sight: Sight | None) -> None:
        """Note what a watch told just now: a new or changed declaration, or None for its end."""
        if sight is None:
            self._known.pop(name, None)
        else:
            self._known[name] = (sight, moment())

    def known_since(self, name: Name, item: Json) -> int:
        """Tell since which moment a declaration has been known.

        Args:
            name: The resource.
            item: The same, just read.

        Returns:
            The moment at which the watch told it; this one if it told another, or none yet.
        """
        sight, since = self._known.get(name, (None, 0))
        return since if Sight.of(item).asks_for_the_same_as(sight) else moment()


@dataclass(frozen=True, slots=True)
class SeenKeys:
    """An account's keys as one listing showed them.

    Attributes:
        listing: The keys.
        began: The moment before it was asked for.
        asked_at: The same in seconds that only grow.
        answered_at: When the answer was there, in the same seconds.
    """

    listing: KeyListing
    began: int
    asked_at: float
    answered_at: float


def serves(seen: SeenKeys, *, known: int, now: float) -> bool:
    """Tell whether a listing that is there already is as good as another one.

    Args:
        seen: The listing.
        known: The moment at which all was known that a look rests on.
        now: The present, in seconds that only grow.
    """
    return known < seen.began and now <= seen.asked_at + WINDOW_SECONDS


class SharedListing:
    """The listings of one account, one at a time. Safe for several threads.

    Args:
        fetch: Asks the market.
        clock: Seconds that only grow.
        landed: What is waited on while a listing is under way.
    """

    def __init__(
        self,
        fetch: Callable[[], KeyListing],
        clock: Callable[[], float],
        landed: threading.Condition | None = None,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._changed = landed or threading.Condition()
        self._latest: SeenKeys | None = None
        self._flight: _Flight | None = None

    def begun_after(self, known: int) -> SeenKeys:
        """Return a listing that began after a moment; who waits for one shares its failure.

        Args:
            known: The moment at which all was known that a look rests on.

        Returns:
            The listing.

        Raises:
            GridError: The market refused or could not be asked.
        """
        with self._changed:
            while True:
                if self._latest and serves(self._latest, known=known, now=self._clock()):
                    return self._latest
                flight = self._flight
                if flight is None:
                    self._forget_what_is_old()
                    flight = self._flight = _Flight(moment(), self._clock())
                    break
                while self._flight is flight:
                    self._changed.wait()
                if known < flight.began and flight.outcome is not None:
                    return _result(flight.outcome)
        return self._fly(flight)

    def _forget_what_is_old(self) -> None:
        """Make room for another listing: two of a large account take much memory."""
        if self._latest and self._clock() > self._latest.asked_at + WINDOW_SECONDS:
            self._latest = None

    def _fly(self, flight: _Flight) -> SeenKeys:
        try:
            listing = self._fetch()
            flight.outcome = SeenKeys(listing, flight.began, flight.asked_at, self._clock())
        except GridError as problem:
            flight.outcome = problem
            raise
        finally:
            with self._changed:
                self._flight = None
                if isinstance(flight.outcome, SeenKeys):
                    self._latest = flight.outcome
                self._changed.notify_all()
        return flight.outcome


@dataclass(slots=True)
class _Flight:
    """A listing that is under way, or has ended; without an outcome after an error of ours."""

    began: int
    asked_at: float
    outcome: SeenKeys | GridError | None = None


def _result(outcome: SeenKeys | GridError) -> SeenKeys:
    if isinstance(outcome, GridError):
        raise copy.copy(outcome)  # each thread writes its own trace into the error that it raises
    return outcome
