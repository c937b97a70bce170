"""The cap on inference calls of accounts that never deposited: so many in a day of UTC.

The cap is known (the vendor's page "Errors and rate limits"); its answer is the emulator's choice.
It is off unless `Rules.daily_calls_without_deposit` says a number.
"""

from datetime import UTC, date, datetime

from thegrid_emulator.rules import Rules
from thegrid_emulator.state.rate_limits import Allowance
from thegrid_emulator.timestamps import unix_seconds

_SECONDS_OF_A_DAY = 24 * 3600


class DailyCalls:
    """Counts inference calls.

    Args:
        rules: for the calls allowed in a day.
    """

    def __init__(self, rules: Rules) -> None:
        self._limit = rules.daily_calls_without_deposit
        self._day: date | None = None
        self._counts: dict[str, int] = {}

    def count(self, user_id: str, now: datetime) -> Allowance | None:
        """Count one call of an account without a deposit.

        Args:
            user_id: whose account.
            now: the market's time.

        Returns:
            Where the account stands after it; None if the cap is off.
        """
        if self._limit is None:
            return None
        today = now.astimezone(UTC).date()
        if today != self._day:
            self._day, self._counts = today, {}
        used = self._counts[user_id] = self._counts.get(user_id, 0) + 1
        seconds = unix_seconds(now)
        midnight = (seconds // _SECONDS_OF_A_DAY + 1) * _SECONDS_OF_A_DAY
        return Allowance(
            limit=self._limit,
            remaining=max(0, self._limit - used),
            resets_at=midnight,
            retry_after=midnight - seconds if used > self._limit else None,
        )
