"""Times as the market writes them: ISO 8601 in UTC with `Z`, or whole Unix seconds."""

from datetime import UTC, datetime


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
    return moment.astimezone(UTC)


def unix_seconds(moment: datetime) -> int:
    """Return the whole Unix seconds that have passed at `moment`."""
    return int(moment.timestamp() // 1)
