"""When all units move to consumption: every four hours by the clock, in UTC.

The vendor's documentation announces these sweeps ("Sweeps"); the market does not run them yet.
"""

from datetime import UTC, datetime, timedelta

_EVERY = timedelta(hours=4)
_GRID_START = datetime(1970, 1, 1, tzinfo=UTC)


def first_sweep_between(before: datetime, now: datetime) -> datetime | None:
    """Return the first sweep after `before` and not after `now`, or None if there is none.

    Later ones in the same span find nothing more to move, unless somebody trades in between.
    """
    sweeps_before = (before - _GRID_START) // _EVERY
    sweep = _GRID_START + (sweeps_before + 1) * _EVERY
    return sweep if sweep <= now else None
