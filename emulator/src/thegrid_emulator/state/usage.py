"""What an account's calls add up to, over a time and in groups."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from thegrid_emulator.state.receipts import Receipt

MOST_BUCKETS = 100

GROUPINGS: dict[str, Callable[[Receipt], str | None]] = {
    "day": lambda receipt: receipt.created_at.date().isoformat(),
    "model": lambda receipt: receipt.instrument.symbol,
    "api_key": lambda receipt: receipt.api_key_id,
}
"""How calls can be grouped: what two of the same group have in common."""


@dataclass
class UsageTotals:
    """Calls added up. Tokens are those of calls that have ended, amounts USD."""

    request_count: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    reconciled_amount: Decimal | None = None
    reconciled_requests: int = 0
    pending_requests: int = 0
    unpriced_requests: int = 0
    cancelled_requests: int = 0
    unpriced_tokens: int = 0

    def add(self, receipt: Receipt, now: datetime) -> None:
        """Count one call as it stands at `now`."""
        self.request_count += 1
        if receipt.spent is not None:
            self.input_tokens += receipt.spent.input_tokens
            self.output_tokens += receipt.spent.output_tokens
        match receipt.cost_status(now):
            case "pending":
                self.pending_requests += 1
            case "cancelled":
                self.cancelled_requests += 1
            case "unpriced":
                self.unpriced_requests += 1
                self.unpriced_tokens += receipt.total_tokens
            case "reconciled":
                self.reconciled_requests += 1
                amount = Decimal(0) if receipt.spent is None else receipt.spent.amount
                self.reconciled_amount = (self.reconciled_amount or 0) + (amount or Decimal(0))


def added_up(receipts: Iterable[Receipt], now: datetime) -> UsageTotals:
    """Return all calls added up."""
    totals = UsageTotals()
    for receipt in receipts:
        totals.add(receipt, now)
    return totals


def grouped(
    receipts: Iterable[Receipt], grouping: str, now: datetime
) -> list[tuple[str | None, UsageTotals]]:
    """Return the calls added up by group.

    Args:
        receipts: the calls.
        grouping: a key of GROUPINGS.
        now: the market's time.

    Returns:
        Groups and their totals, in the order of the groups' names; if they are too many, the last
        MOST_BUCKETS. Calls with an access token have no key, and their group no name.
    """
    buckets: dict[str | None, UsageTotals] = {}
    for receipt in receipts:
        buckets.setdefault(GROUPINGS[grouping](receipt), UsageTotals()).add(receipt, now)
    return sorted(buckets.items(), key=lambda bucket: bucket[0] or "")[-MOST_BUCKETS:]
