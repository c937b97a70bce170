"""The market's clock: the system clock plus an offset that a test may move.

Every timestamp the emulator writes or compares comes from here. Waiting for real (a delayed
answer, a socket) does not.
"""

import contextlib
import math
import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

CLOCK_VARIABLE = "THEGRID_TEST_CLOCK"
"""Environment variable that names the file in which several processes share one offset."""


class Clock:
    """System time plus an offset in seconds.

    Args:
        file: where the offset stands as a decimal number of seconds. It is read at every use, so
            that processes which name the same file agree about the time; a missing or empty file
            means no offset. None keeps the offset in memory.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._offset = 0.0

    @classmethod
    def from_environment(cls) -> "Clock":
        """Return a clock on the file named by THEGRID_TEST_CLOCK, or one in memory."""
        name = os.environ.get(CLOCK_VARIABLE)
        return cls(Path(name) if name else None)

    @property
    def offset_seconds(self) -> float:
        """Seconds by which this clock is ahead of the system's.

        Raises:
            ValueError: if the shared file holds anything but a finite decimal number.
        """
        if self._file is None:
            return self._offset
        try:
            text = self._file.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return 0.0
        return _seconds(text) if text else 0.0

    def now(self) -> datetime:
        """Return the market's time, aware, in UTC.

        Raises:
            ValueError: if the shared file holds anything but a finite decimal number.
        """
        return datetime.now(UTC) + timedelta(seconds=self.offset_seconds)

    def advance(self, seconds: float) -> None:
        """Move the clock.

        Args:
            seconds: how far; a negative number moves it back.

        Raises:
            ValueError: if `seconds` is not finite, or leads out of the calendar.
        """
        offset = self.offset_seconds + seconds
        try:
            datetime.now(UTC) + timedelta(seconds=offset)
        except (OverflowError, ValueError) as error:
            raise ValueError(
                "advance_seconds: must be a finite number that stays within the calendar"
            ) from error
        if self._file is None:
            self._offset = offset
        else:
            _replace(self._file, f"{offset!r}\n")

    def move_to(self, moment: datetime) -> None:
        """Set the clock so that it reads `moment` now and goes on from there.

        Args:
            moment: an aware time.

        Raises:
            ValueError: as `advance`.
        """
        self.advance((moment - self.now()).total_seconds())


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{CLOCK_VARIABLE}: its file must hold a decimal number of seconds")
    return value


def _replace(file: Path, text: str) -> None:
    """Write so that a reader in another process sees the old text or the new, never a part."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as temporary:
            temporary.write(text)
        Path(name).replace(file)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
