"""Times as the market writes them: ISO 8601 in UTC with `Z`, or whole Unix seconds."""

import re
from datetime import UTC, datetime

_UNIX_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


def iso(moment: datetime) -> str:
    """Return an aware time as ISO 8601 in UTC with microseconds and `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def iso_or_none(moment: datetime | None) -> str | None:
    """Return `iso(moment)`, or None for None."""
    return None if moment is None else iso(moment)


def parse_iso(text: str) -> datetime:
    """Read an ISO 8601 time that says its offset.

    Args:
        text: for example `2026-01-01T00:00:00Z`.

    Returns:
        The time in UTC.

    Raises:
        ValueError: if the text is no such time, or leaves the offset open.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without an offset from UTC")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time outside the calendar once it is in UTC") from error


def unix_seconds(moment: datetime) -> int:
    """Return the whole Unix seconds that have passed at `moment`."""
    return int(moment.timestamp() // 1)


def parse_iso_or_unix(text: str) -> datetime:
    """Read a time as list filters take it: as `parse_iso`, or whole Unix seconds.

    Raises:
        ValueError: if the text is neither.
    """
    if not _UNIX_SECONDS.fullmatch(text):
        return parse_iso(text)
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (OverflowError, OSError) as error:
        raise ValueError("a time outside the calendar") from error
