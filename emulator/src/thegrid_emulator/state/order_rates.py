"""The limit on order writes: a token bucket for each user in each market.

A bucket holds what may be written in one burst, and fills again at the long-run rate. Scope and
figures are those that `GET /account/limits` tells (the vendor's Trading API reference).
"""

import math
from dataclasses import dataclass
from datetime import datetime

from thegrid_emulator.rules import Rules
from thegrid_emulator.state.rate_limits import Allowance


@dataclass
class _Bucket:
    level: float
    filled_at: datetime


class OrderRates:
    """Counts order writes.

    Args:
        rules: for the writes allowed in a second, which are also those of one burst.
    """

    def __init__(self, rules: Rules) -> None:
        self._per_second = rules.orders_per_second
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def count(self, user_id: str, market_id: str, now: datetime) -> Allowance:
        """Count one write; one that is refused takes nothing.

        Args:
            user_id: who writes.
            market_id: where, in its canonical form.
            now: the market's time.
        """
        bucket = self._buckets.setdefault((user_id, market_id), _Bucket(self._per_second, now))
        self._fill(bucket, now)
        allowed = bucket.level >= 1
        if allowed:
            bucket.level -= 1
        seconds_to_full = (self._per_second - bucket.level) / self._per_second
        return Allowance(
            limit=self._per_second,
            remaining=int(bucket.level),
            resets_at=math.ceil(now.timestamp() + seconds_to_full),
            retry_after=None if allowed else math.ceil((1 - bucket.level) / self._per_second),
        )

    def _fill(self, bucket: _Bucket, now: datetime) -> None:
        seconds = max(0.0, (now - bucket.filled_at).total_seconds())  # the clock may be moved back
        bucket.level = min(self._per_second, bucket.level + seconds * self._per_second)
        bucket.filled_at = now
