"""Request limits: a fixed window of one minute for each credential on each surface."""

from dataclasses import dataclass
from datetime import datetime

from thegrid_emulator.state.digests import digest
from thegrid_emulator.timestamps import unix_seconds

WINDOW_SECONDS = 60


@dataclass(frozen=True)
class Allowance:
    """Where a credential stands after a request.

    Attributes:
        limit: requests allowed in a window.
        remaining: requests left in this one.
        resets_at: Unix seconds at which the next one begins.
        retry_after: seconds to wait, if this request was one too many; else None.
    """

    limit: int
    remaining: int
    resets_at: int
    retry_after: int | None


class RateLimits:
    """Counts requests.

    Args:
        requests_per_minute: requests allowed in a window.
    """

    def __init__(self, requests_per_minute: int) -> None:
        self._limit = requests_per_minute
        self._window = 0
        self._counts: dict[tuple[str, str], int] = {}

    def count(self, surface: str, credential: str, now: datetime) -> Allowance:
        """Count one request.

        Args:
            surface: where it arrived.
            credential: what it presented, good or bad; kept as a digest.
            now: the market's time.
        """
        seconds = unix_seconds(now)
        window = seconds // WINDOW_SECONDS
        if window != self._window:
            self._window, self._counts = window, {}
        who = (surface, digest(credential))
        used = self._counts[who] = self._counts.get(who, 0) + 1
        resets_at = (window + 1) * WINDOW_SECONDS
        return Allowance(
            limit=self._limit,
            remaining=max(0, self._limit - used),
            resets_at=resets_at,
            retry_after=resets_at - seconds if used > self._limit else None,
        )
