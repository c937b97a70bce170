"""The only clock of the client and of what is built on it, so that a test can move it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import sleep

from thegrid.client.endpoints import Endpoints

TEST_CLOCK_VARIABLE = "THEGRID_TEST_CLOCK"
"""Names a file that holds the number of seconds to add to the system's clock."""

_LONGEST_NAP = 0.1


class Clock:
    """Tells the time in UTC.

    Args:
        offset_file: A file with the seconds to add to the system's clock, read at every look; a
            missing or empty file adds nothing. Only tests have one.
    """

    def __init__(self, offset_file: Path | None = None) -> None:
        self._offset_file = offset_file

    def now(self) -> datetime:
        """Return the time, aware and in UTC."""
        return datetime.now(UTC) + self._offset()

    def wait_until(self, time: datetime) -> None:
        """Wait until it is some time; a clock that a test moves meanwhile shortens the wait."""
        while (left := (time - self.now()).total_seconds()) > 0:
            sleep(min(left, _LONGEST_NAP))

    def sleep(self, seconds: float) -> None:
        """Wait for some seconds, before a retry or for a spent limit."""
        sleep(seconds)

    def _offset(self) -> timedelta:
        if self._offset_file is None:
            return timedelta(0)
        try:
            return timedelta(seconds=float(self._offset_file.read_text() or 0))
        except FileNotFoundError:
            return timedelta(0)


def clock_for(endpoints: Endpoints) -> Clock:
    """Return the clock to use with a market.

    Args:
        endpoints: The market. The shared test clock is honoured only when all of it is on this
            machine, so that a stray variable cannot move time for a real account.

    Returns:
        The system's clock, moved by the file that `THEGRID_TEST_CLOCK` names if that applies.
    """
    path = os.environ.get(TEST_CLOCK_VARIABLE)
    return Clock(Path(path) if path and endpoints.all_loopback else None)


def market_time(headers: Mapping[str, str]) -> datetime | None:
    """Read the market's own time from an answer's `date` (RFC 9110, section 6.6.1).

    Args:
        headers: The answer's headers, by lower-case name.

    Returns:
        The time in whole seconds, aware and in UTC; None where the answer does not tell it.
    """
    try:
        time = parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        return None
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
