"""Usage receipts: what each call used and cost, and sums of them."""

from thegrid_emulator.openapi import refusals
from thegrid_emulator.openapi.document import Subject
from thegrid_emulator.openapi.inference.calls import CONSUMPTION_REFUSALS
from thegrid_emulator.openapi.operation import (
    BEARER,
    in_path,
    in_query,
    operation,
    paged,
    sorted_by,
)
from thegrid_emulator.openapi.schema import (
    DECIMAL,
    MOMENT,
    NUMBER,
    TEXT,
    WHOLE,
    Schema,
    always,
    array,
    component,
    one_of,
    or_null,
    page_of,
    record,
)

_STATUS = one_of("pending", "reconciled", "error")
_COST_STATUS = one_of("pending", "reconciled", "unpriced", "cancelled")

_COST: dict[str, Schema] = {
    "amount": or_null(DECIMAL),
    "currency": always("USD"),
    "status": _COST_STATUS,
    "effective_price_per_token": or_null(DECIMAL),
    "metering_policy_version": or_null(TEXT),
    "reconciled_at": or_null(MOMENT),
}
_DRAWN = record(
    {"acquisition_price_per_token": or_null(DECIMAL), "tokens": WHOLE, "subtotal": or_null(DECIMAL)}
)


def _receipt(cost: Schema) -> Schema:
    return record(
        {
            "request_id": TEXT,
            "status": _STATUS,
            **dict.fromkeys(
                ("requested_model", "serving_model", "endpoint", "api_key_id"), or_null(TEXT)
            ),
            "created_at": MOMENT,
            "usage": record(
                dict.fromkeys(("input_tokens", "output_tokens", "total_tokens"), or_null(WHOLE))
            ),
            "cost": cost,
            "timing": record(
                dict.fromkeys(("ttft_ms", "tokens_per_second", "duration_ms"), or_null(NUMBER))
            ),
        }
    )


_SUMS: dict[str, Schema] = {
    "request_count": WHOLE,
    "input_tokens": WHOLE,
    "output_tokens": WHOLE,
    "total_tokens": WHOLE,
    "cost": record(
        {
            "reconciled_amount": or_null(DECIMAL),
            "currency": always("USD"),
            "reconciled_requests": WHOLE,
            "pending_requests": WHOLE,
            "unpriced_requests": WHOLE,
            "cancelled_requests": WHOLE,
            "unpriced_tokens": WHOLE,
        }
    ),
}

_SUMMARY = record(
    {
        "totals": record(_SUMS),
        "group_by": or_null(one_of("day", "model", "api_key")),
        "from": MOMENT,
        "to": MOMENT,
    },
    {"buckets": {**array(record({**_SUMS, "key": or_null(TEXT)})), "maxItems": 100}},
)

_PERIOD = [in_query("from", MOMENT), in_query("to", MOMENT)]
_QUERY_REFUSALS = {**CONSUMPTION_REFUSALS, 400: refusals.ERROR, 422: refusals.ERROR}

SUBJECT = Subject(
    components={
        "Receipt": _receipt(record(_COST)),
        "ReceiptInFull": _receipt(record({**_COST, "breakdown": array(_DRAWN)})),
        "Summary": _SUMMARY,
    },
    paths={
        "/usage": {
            "get": operation(
                "listReceipts",
                "Receipts of the caller's calls, newest first, without their breakdown.",
                {200: page_of(component("Receipt"))},
                refusals=_QUERY_REFUSALS,
                security=[BEARER],
                parameters=[
                    *_PERIOD,
                    in_query("status", _STATUS),
                    in_query("cost_status", _COST_STATUS),
                    in_query("model"),
                    in_query("api_key_id"),
                    *sorted_by("inserted_at", "total_tokens", direction="desc"),
                    *paged(),
                ],
            )
        },
        "/usage/summary": {
            "get": operation(
                "summariseUsage",
                "Sums over at most 31 days.",
                {200: component("Summary")},
                refusals=_QUERY_REFUSALS,
                security=[BEARER],
                parameters=[
                    *_PERIOD,
                    in_query("group_by", one_of("day", "model", "api_key")),
                    in_query("api_key_id"),
                ],
            )
        },
        "/usage/{request_id}": {
            "get": operation(
                "readReceipt",
                "One receipt, with the lots that paid for it.",
                {200: component("ReceiptInFull")},
                refusals={**CONSUMPTION_REFUSALS, 404: refusals.ERROR},
                security=[BEARER],
                parameters=[in_path("request_id")],
            )
        },
    },
)
