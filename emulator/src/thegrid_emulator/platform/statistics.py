"""Daily consumption statistics, scope `account:read`, with Flop's filters and pages."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.errors import InvalidFieldsError, wrong_parameter
from thegrid_emulator.filters import FlopFilter, flop_filters
from thegrid_emulator.platform.authorization import authorize
from thegrid_emulator.requests import venue_of
from thegrid_emulator.responses import data
from thegrid_emulator.state.daily_usage import DayUsage, daily_usage
from thegrid_emulator.state.identifiers import canonical_id

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_WHOLE = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


@dataclass(frozen=True)
class _Wanted:
    """What a query asks for: from the first day to the one before the end."""

    begin: date
    end: date
    instrument_id: str | None
    api_key_id: str | None


async def _read(request: Request) -> Response:
    account = authorize(request, "account:read")
    venue = venue_of(request)
    now = venue.clock.now()
    wanted = _wanted(flop_filters(request.query_params.multi_items()), now)
    days = [
        day
        for day in daily_usage(venue.receipts.of_user(account.user_id), wanted.api_key_id, now)
        if wanted.begin <= day.day < wanted.end
        and wanted.instrument_id in (None, day.instrument_id)
    ]
    series = _page(_in_order(days, request.query_params), request.query_params)
    return data(
        {
            "resolution": "daily",
            "period_start": wanted.begin.isoformat(),
            "period_end": wanted.end.isoformat(),
            "time_series": [_view(day) for day in series],
            "summary": {
                "total_requests": sum(day.request_count for day in days),
                "total_tokens_allocated": sum(day.tokens_allocated for day in days),
                "total_tokens_used": sum(day.tokens_used for day in days),
            },
        }
    )


def _wanted(filters: Sequence[FlopFilter], now: datetime) -> _Wanted:
    """Read the filters; both bounds of the date are required, the end is not included."""
    given: dict[tuple[str, str], str] = {}
    for number, it in enumerate(filters):
        if (it.field, it.operator) not in _FILTERS:
            allowed = ", ".join(f"{field} {operator}" for field, operator in _FILTERS)
            raise InvalidFieldsError(f"filters[{number}]", f"must be one of {allowed}")
        given[it.field, it.operator] = it.value
    begin, end = _day(given, ">="), _day(given, "<")
    if end <= begin:
        raise InvalidFieldsError("date", "must end after it begins")
    if end > now.date() + timedelta(days=1):
        raise InvalidFieldsError("date", "must end at the latest with today, in UTC")
    instrument_id = given.get(("instrument_id", "=="))
    return _Wanted(
        begin,
        end,
        canonical_id("instrument", instrument_id) if instrument_id else None,
        given.get(("api_key_id", "==")) or None,
    )


_FILTERS = (("date", ">="), ("date", "<"), ("instrument_id", "=="), ("api_key_id", "=="))


def _day(given: Mapping[tuple[str, str], str], operator: str) -> date:
    text = given.get(("date", operator))
    if not text:
        raise InvalidFieldsError("date", f"must have a filter with {operator}")
    try:
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        raise InvalidFieldsError("date", "must be YYYY-MM-DD") from None


def _in_order(days: list[DayUsage], parameters: Mapping[str, str]) -> list[DayUsage]:
    if parameters.get("order_by[]", "date") != "date":
        raise InvalidFieldsError("order_by", "must be date")
    direction = parameters.get("order_directions[]", "asc")
    if direction not in ("asc", "desc"):
        raise InvalidFieldsError("order_directions", "must be asc or desc")
    return sorted(days, key=lambda day: day.day, reverse=direction == "desc")


def _page(days: list[DayUsage], parameters: Mapping[str, str]) -> list[DayUsage]:
    size = _number(parameters, "page_size", max(1, len(days)))
    start = (_number(parameters, "page", 1) - 1) * size
    return days[start : start + size]


def _number(parameters: Mapping[str, str], name: str, default: int) -> int:
    text = parameters.get(name) or str(default)
    if not _WHOLE.fullmatch(text):
        raise wrong_parameter(name, "a whole number, at least 1")
    return int(text)


def _view(day: DayUsage) -> dict[str, object]:
    return {
        "date": day.day.isoformat(),
        "instrument_id": day.instrument_id,
        "api_key_id": day.api_key_id,
        "request_count": day.request_count,
        "tokens_allocated": day.tokens_allocated,
        "tokens_used": day.tokens_used,
    }


ROUTES = [Route("/consumption/stats", _read, methods=["GET"])]
