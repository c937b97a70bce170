"""The service itself, the caller's account and its limits."""

from thegrid_emulator.openapi import diagnostics, refusals
from thegrid_emulator.openapi.document import Subject
from thegrid_emulator.openapi.operation import in_query, operation
from thegrid_emulator.openapi.schema import (
    FLAG,
    MOMENT,
    POSITIVE,
    TEXT,
    always,
    array,
    component,
    enveloped,
    one_of,
    record,
)
from thegrid_emulator.openapi.trading.access import SIGNED_OR_BEARER

_ME = record(
    {
        "user_id": TEXT,
        "email": TEXT,
        "account_mode": one_of("easy", "advanced"),
        "capabilities": array(one_of("trade", "supply")),
        "name": TEXT,
        "email_verified": FLAG,
        "accepted_terms": FLAG,
        "created_at": MOMENT,
        "updated_at": MOMENT,
    }
)

_LIMITS = record(
    {
        "market_id": TEXT,
        "order_rate_limits": record(
            {
                "scope": always("user_market"),
                "max_orders_per_second": POSITIVE,
                "max_orders_per_minute": POSITIVE,
                "burst_capacity": POSITIVE,
                "window_seconds": POSITIVE,
            }
        ),
        "response_headers": record(
            {
                "limit": always("x-ratelimit-limit"),
                "remaining": always("x-ratelimit-remaining"),
                "retry_after": always("retry-after"),
            }
        ),
    }
)

SUBJECTS = (
    Subject(
        components={"Me": _ME, "OrderLimits": _LIMITS},
        paths={
            "/health": {
                "get": operation(
                    "readHealth",
                    "Whether the service answers; for everybody.",
                    {200: enveloped(record({"status": always("ok"), "service": TEXT}))},
                    refusals=refusals.of_everybody(),
                )
            },
            "/me": {
                "get": operation(
                    "readMe",
                    "Who the caller is, and what they may do.",
                    {200: enveloped(component("Me"))},
                    refusals=refusals.of_trading(),
                    security=SIGNED_OR_BEARER,
                )
            },
            "/account/limits": {
                "get": operation(
                    "readOrderLimits",
                    "How many orders the caller may send to a market.",
                    {200: enveloped(component("OrderLimits"))},
                    refusals=refusals.of_trading(by_id=True, query=True),
                    security=SIGNED_OR_BEARER,
                    parameters=[in_query("market_id", required=True)],
                )
            },
        },
    ),
    diagnostics.subject(refusals.of_trading(), SIGNED_OR_BEARER),
)
