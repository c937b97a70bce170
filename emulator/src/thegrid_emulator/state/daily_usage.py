"""Daily consumption statistics, which lag behind: they are made up every quarter of an hour."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from thegrid_emulator.state.receipts import Receipt

_AGGREGATION = timedelta(minutes=15)


@dataclass
class DayUsage:
    """One instrument's calls of one day (UTC).

    Attributes:
        day: on which they were accepted.
        instrument_id: what was asked for.
        api_key_id: API key to which the statistics are narrowed; None for all callers.
        request_count: calls that have ended.
        tokens_allocated: tokens that were held for them.
        tokens_used: tokens that they used.
    """

    day: date
    instrument_id: str
    api_key_id: str | None
    request_count: int = 0
    tokens_allocated: int = 0
    tokens_used: int = 0


def daily_usage(
    receipts: Iterable[Receipt], api_key_id: str | None, now: datetime
) -> list[DayUsage]:
    """Add up the calls that had ended when the statistics were last made up.

    Args:
        receipts: the calls.
        api_key_id: narrows them to those of one API key; None for all.
        now: the market's time.

    Returns:
        The days by date, and each day's instruments by id.
    """
    made_up_at = _last_aggregation(now)
    days: defaultdict[tuple[date, str], list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        ended_at = None if receipt.spent is None else receipt.spent.ended_at
        if ended_at is None or ended_at >= made_up_at:
            continue
        if api_key_id is None or receipt.api_key_id == api_key_id:
            day = receipt.created_at.date()
            days[day, receipt.instrument.instrument_id].append(receipt)
    return [
        DayUsage(
            day=day,
            instrument_id=instrument_id,
            api_key_id=api_key_id,
            request_count=len(calls),
            tokens_allocated=sum(it.allocated_tokens for it in calls),
            tokens_used=sum(it.total_tokens for it in calls),
        )
        for (day, instrument_id), calls in sorted(days.items())
    ]


def _last_aggregation(now: datetime) -> datetime:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return now - (now - midnight) % _AGGREGATION
