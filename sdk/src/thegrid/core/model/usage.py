"""What inference offers and what it cost: the catalogue, receipts, sums over days.

Receipts follow The Grid's documentation, "Consumption API", usage and spend.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Model:
    """An instrument as the inference catalogue names it.

    Attributes:
        id: What a request calls `model`.
        display_name: For people.
        context_length: Tokens of request and answer together, or None where it is not told.
        max_completion_tokens: Tokens of an answer, or None where it is not told.
        capabilities: Such as `tools`; empty where they are not told.
    """

    id: str
    display_name: str
    context_length: int | None = None
    max_completion_tokens: int | None = None
    capabilities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CostShare:
    """The tokens of a call that came out of one lot.

    Attributes:
        price_per_token: US dollars that a token of the lot was bought for, or None for unknown.
        tokens: How many.
        subtotal: US dollars, or None for unknown.
    """

    price_per_token: Decimal | None
    tokens: int
    subtotal: Decimal | None


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call cost; it settles after the answer.

    Attributes:
        amount: US dollars, or None until it is known.
        currency: `USD`.
        status: `pending`, `reconciled`, `unpriced` or `cancelled`.
        price_per_token: Average over the lots drawn, in US dollars, or None.
        metering_policy_version: Which rules it was counted by, or None.
        reconciled_at: When it was settled, or None.
        breakdown: One share per lot drawn; only a single receipt has it.
    """

    amount: Decimal | None
    currency: str
    status: str
    price_per_token: Decimal | None = None
    metering_policy_version: str | None = None
    reconciled_at: datetime | None = None
    breakdown: tuple[CostShare, ...] = ()


@dataclass(frozen=True, slots=True)
class UsageReceipt:
    """What one inference call used and cost.

    Attributes:
        request_id: What the answer to the call named in `x-grid-request-id`.
        status: `pending`, `reconciled` or `error`.
        cost: What it cost.
        requested_model: The instrument that was asked for, or None.
        serving_model: The model that answered, or None.
        endpoint: Which route was called, or None.
        api_key_id: The consumption key that was used, or None.
        created_at: When it was called.
        input_tokens: Tokens of the request, or None until they are known.
        output_tokens: Tokens of the answer, or None until they are known.
        total_tokens: Both together, or None until they are known.
        first_token_milliseconds: Time to the first token, or None.
        tokens_per_second: Speed of the answer, or None.
        duration_milliseconds: Time of the whole call, or None.
    """

    request_id: str
    status: str
    cost: Cost
    requested_model: str | None = None
    serving_model: str | None = None
    endpoint: str | None = None
    api_key_id: str | None = None
    created_at: datetime | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    first_token_milliseconds: Decimal | None = None
    tokens_per_second: Decimal | None = None
    duration_milliseconds: Decimal | None = None


@dataclass(frozen=True, slots=True)
class UsageSum:
    """Sums over many calls.

    Attributes:
        key: The day, model or key that this is the sum of; None for the sum of all.
        request_count: Calls.
        input_tokens: Tokens of requests.
        output_tokens: Tokens of answers.
        total_tokens: Both together.
        reconciled_amount: US dollars of the settled calls, or None where there are none.
        currency: `USD`.
        reconciled_requests: Calls whose cost is settled.
        pending_requests: Calls whose cost is not settled yet.
        unpriced_requests: Calls without a price.
        cancelled_requests: Calls that were not charged.
        unpriced_tokens: Tokens without a price.
    """

    key: str | None
    request_count: int
    input_tokens: int
    output_tokens: int
    total_tokens: int
    reconciled_amount: Decimal | None = None
    currency: str = "USD"
    reconciled_requests: int = 0
    pending_requests: int = 0
    unpriced_requests: int = 0
    cancelled_requests: int = 0
    unpriced_tokens: int = 0


@dataclass(frozen=True, slots=True)
class UsageSummary:
    """Sums over a span of time.

    Attributes:
        totals: Over all of it.
        begins_at: Start of the span.
        ends_at: End of the span.
        group_by: What the buckets are for, or None.
        buckets: At most 100, one per day, model or key; empty without `group_by`.
    """

    totals: UsageSum
    begins_at: datetime | None
    ends_at: datetime | None
    group_by: str | None = None
    buckets: tuple[UsageSum, ...] = ()


@dataclass(frozen=True, slots=True)
class DayOfUsage:
    """What was used on one day.

    Attributes:
        day: In UTC.
        instrument_id: Of which instrument, or None for all.
        api_key_id: With which consumption key, or None for all.
        request_count: Calls.
        tokens_allocated: Tokens that calls reserved.
        tokens_used: Tokens that calls used.
    """

    day: date
    instrument_id: str | None
    api_key_id: str | None
    request_count: int
    tokens_allocated: int
    tokens_used: int


@dataclass(frozen=True, slots=True)
class DailyUsage:
    """Use by days. The market counts every 15 minutes, so today is not complete.

    Attributes:
        days: One row per day, and per instrument and key where the market tells them apart.
        total_requests: Calls in all.
        total_tokens_allocated: Tokens reserved in all.
        total_tokens_used: Tokens used in all.
    """

    days: tuple[DayOfUsage, ...]
    total_requests: int
    total_tokens_allocated: int
    total_tokens_used: int
