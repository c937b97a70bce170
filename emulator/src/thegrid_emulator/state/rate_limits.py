"""Request limits: a fixed window of one minute for each credential on each surface.

The numbers are the vendor's older figures and limits seen in practice ("Errors and rate limits" in
its documentation names the headers, not the numbers); `Rules` holds them.
"""

from dataclasses import dataclass
from datetime import datetime

from thegrid_emulator.rules import Rules
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
        rules: for the requests allowed in a window.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._window = 0
        self._counts: dict[tuple[str, str], int] = {}

    def count(self, surface: str, credential: str, now: datetime) -> Allowance:
        """Count one request.

        Args:
            surface: where it arrived.
            credential: what it presented, good or bad; kept as a digest.
            now: the market's time.
        """
        limit = _limit(self._rules, surface)
        seconds = unix_seconds(now)
        window = seconds // WINDOW_SECONDS
        if window != self._window:
            self._window, self._counts = window, {}
        who = (surface, digest(credential))
        used = self._counts[who] = self._counts.get(who, 0) + 1
        resets_at = (window + 1) * WINDOW_SECONDS
        return Allowance(
            limit=limit,
            remaining=max(0, limit - used),
            resets_at=resets_at,
            retry_after=resets_at - seconds if used > limit else None,
        )


def _limit(rules: Rules, surface: str) -> int:
    match surface:
        case "platform":
            return rules.platform_requests_per_minute
        case "trading":
            return rules.trading_requests_per_minute
    return rules.inference_requests_per_minute
