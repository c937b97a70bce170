"""The inference catalogue, receipts and sums (The Grid's documentation, "Consumption API")."""

from __future__ import annotations

from datetime import date

from thegrid.client._wire.fields import (
    Json,
    decimal_or_none,
    label,
    required,
    rows,
    section,
    text,
    text_or_none,
    texts,
    time,
    unwrapped,
    whole,
    whole_or_none,
)
from thegrid.core.model import (
    Cost,
    CostShare,
    DailyUsage,
    DayOfUsage,
    Model,
    UsageReceipt,
    UsageSum,
    UsageSummary,
    normal_instrument_id,
)


def models(body: Json) -> tuple[Model, ...]:
    """Read the inference catalogue."""
    if not isinstance(body["data"], list):
        raise TypeError
    return rows(body["data"], _model)


def _model(data: Json) -> Model:
    capabilities = data.get("capabilities")
    return Model(
        id=text(data["id"]),
        display_name=label(data.get("display_name") or data["id"]),
        context_length=whole_or_none(data.get("context_length")),
        max_completion_tokens=whole_or_none(data.get("max_completion_tokens")),
        capabilities=texts(capabilities) if isinstance(capabilities, list) else (),
    )


def usage_receipt(body: Json) -> UsageReceipt:
    """Read a receipt, a single one or a row of a listing."""
    data = unwrapped(body)
    used, timing = section(data, "usage"), section(data, "timing")
    return UsageReceipt(
        request_id=text(data["request_id"]),
        status=text(data["status"]),
        cost=_cost(section(data, "cost")),
        requested_model=text_or_none(data.get("requested_model")),
        serving_model=text_or_none(data.get("serving_model")),
        endpoint=text_or_none(data.get("endpoint")),
        api_key_id=text_or_none(data.get("api_key_id")),
        created_at=time(data.get("created_at")),
        input_tokens=whole_or_none(used.get("input_tokens")),
        output_tokens=whole_or_none(used.get("output_tokens")),
        total_tokens=whole_or_none(used.get("total_tokens")),
        first_token_milliseconds=decimal_or_none(timing.get("ttft_ms")),
        tokens_per_second=decimal_or_none(timing.get("tokens_per_second")),
        duration_milliseconds=decimal_or_none(timing.get("duration_ms")),
    )


def _cost(data: Json) -> Cost:
    return Cost(
        amount=decimal_or_none(data.get("amount")),
        currency=label(data.get("currency")) or "USD",
        status=label(data.get("status")) or "pending",
        price_per_token=decimal_or_none(data.get("effective_price_per_token")),
        metering_policy_version=text_or_none(data.get("metering_policy_version")),
        reconciled_at=time(data.get("reconciled_at")),
        breakdown=rows(data.get("breakdown"), _cost_share),
    )


def _cost_share(data: Json) -> CostShare:
    return CostShare(
        price_per_token=decimal_or_none(data.get("acquisition_price_per_token")),
        tokens=whole(data["tokens"]),
        subtotal=decimal_or_none(data.get("subtotal")),
    )


def usage_summary(body: Json) -> UsageSummary:
    """Read sums over a span of time."""
    data = unwrapped(body)
    return UsageSummary(
        totals=_usage_sum(data["totals"]),
        begins_at=time(data.get("from")),
        ends_at=time(data.get("to")),
        group_by=text_or_none(data.get("group_by")),
        buckets=rows(data.get("buckets"), _usage_sum),
    )


def _usage_sum(data: Json) -> UsageSum:
    cost = section(data, "cost")
    return UsageSum(
        key=text_or_none(data.get("key")),
        request_count=whole(data["request_count"]),
        input_tokens=_count(data, "input_tokens"),
        output_tokens=_count(data, "output_tokens"),
        total_tokens=_count(data, "total_tokens"),
        reconciled_amount=decimal_or_none(cost.get("reconciled_amount")),
        currency=label(cost.get("currency")) or "USD",
        reconciled_requests=_count(cost, "reconciled_requests"),
        pending_requests=_count(cost, "pending_requests"),
        unpriced_requests=_count(cost, "unpriced_requests"),
        cancelled_requests=_count(cost, "cancelled_requests"),
        unpriced_tokens=_count(cost, "unpriced_tokens"),
    )


def daily_usage(body: Json) -> DailyUsage:
    """Read use by days."""
    data = body["data"]
    summary = section(data, "summary")
    return DailyUsage(
        days=rows(required(data, "time_series"), _day_of_usage),
        total_requests=_count(summary, "total_requests"),
        total_tokens_allocated=_count(summary, "total_tokens_allocated"),
        total_tokens_used=_count(summary, "total_tokens_used"),
    )


def _day_of_usage(data: Json) -> DayOfUsage:
    instrument_id = text_or_none(data.get("instrument_id"))
    return DayOfUsage(
        day=date.fromisoformat(text(data["date"])[:10]),
        instrument_id=None if instrument_id is None else normal_instrument_id(instrument_id),
        api_key_id=text_or_none(data.get("api_key_id")),
        request_count=_count(data, "request_count"),
        tokens_allocated=_count(data, "tokens_allocated"),
        tokens_used=_count(data, "tokens_used"),
    )


def _count(data: Json, name: str) -> int:
    """Read a count; one that is not told is none."""
    return whole_or_none(data.get(name)) or 0
