"""Daily usage, scope `account:read`, filtered in the Flop style."""

from thegrid_emulator.openapi import refusals
from thegrid_emulator.openapi.document import Subject
from thegrid_emulator.openapi.operation import BEARER, Parameter, in_query, operation
from thegrid_emulator.openapi.schema import (
    DAY,
    MOMENT,
    POSITIVE,
    TEXT,
    WHOLE,
    always,
    array,
    component,
    either,
    enveloped,
    one_of,
    or_null,
    record,
)

_DAY_OF_USE = record(
    {
        "date": DAY,
        "instrument_id": or_null(TEXT),
        "api_key_id": or_null(TEXT),
        "request_count": WHOLE,
        "tokens_allocated": WHOLE,
        "tokens_used": WHOLE,
    }
)

_STATISTICS = record(
    {
        "resolution": always("daily"),
        "period_start": either(DAY, MOMENT),
        "period_end": either(DAY, MOMENT),
        "time_series": array(component("DayOfUse")),
        "summary": record(
            {
                "total_requests": WHOLE,
                "total_tokens_allocated": WHOLE,
                "total_tokens_used": WHOLE,
            }
        ),
    }
)


def _bound(number: int, operator: str) -> list[Parameter]:
    """Return the three parameters of one bound of the period, which must be there."""
    return [
        in_query(f"filters[{number}][field]", always("date"), required=True),
        in_query(f"filters[{number}][op]", always(operator), required=True),
        in_query(f"filters[{number}][value]", DAY, required=True),
    ]


SUBJECT = Subject(
    components={"DayOfUse": _DAY_OF_USE, "Statistics": _STATISTICS},
    paths={
        "/consumption/stats": {
            "get": operation(
                "readStatistics",
                "Requests and tokens a day, between an inclusive and an exclusive day.",
                {200: enveloped(component("Statistics"))},
                refusals={
                    **refusals.of_platform(),
                    400: refusals.ERROR,
                    422: either(refusals.FIELD_ERRORS, refusals.ERROR),
                },
                security=[BEARER],
                parameters=[
                    *_bound(0, ">="),
                    *_bound(1, "<"),
                    in_query("filters[2][field]", one_of("instrument_id", "api_key_id")),
                    in_query("filters[2][value]"),
                    in_query("order_by[]", always("date")),
                    in_query("order_directions[]", one_of("asc", "desc")),
                    in_query("page", POSITIVE),
                    in_query("page_size", POSITIVE),
                ],
            )
        }
    },
)
