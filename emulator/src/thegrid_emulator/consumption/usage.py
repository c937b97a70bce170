"""Receipts of inference calls, and what they add up to ("Spend transparency")."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import get_args

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from thegrid_emulator.consumption.authentication import authenticate_bearer
from thegrid_emulator.errors import impossible_parameter
from thegrid_emulator.filters import Filter, moment, one_of
from thegrid_emulator.inference.answer import serving_model
from thegrid_emulator.listings import page_answer
from thegrid_emulator.paging import Listing
from thegrid_emulator.requests import venue_of
from thegrid_emulator.state.receipts import Cost, CostStatus, Receipt, ReceiptStatus
from thegrid_emulator.state.usage import GROUPINGS, UsageTotals, added_up, grouped
from thegrid_emulator.timestamps import iso

JSONObject = dict[str, object]

_LONGEST_SPAN = timedelta(days=31)
_USUAL_SPAN = timedelta(days=30)
_METERING_POLICY = "emulator-1"


async def _list(request: Request) -> Response:
    caller = authenticate_bearer(request)
    venue = venue_of(request)
    now = venue.clock.now()
    view = partial(_view, now=now)
    return page_answer(request, _listing(now), venue.receipts.of_user(caller.user_id), view)


async def _read(request: Request) -> Response:
    caller = authenticate_bearer(request)
    venue = venue_of(request)
    receipt = venue.receipts.get(caller.user_id, request.path_params["request_id"])
    return JSONResponse(_view(receipt, venue.clock.now(), with_breakdown=True))


async def _summarise(request: Request) -> Response:
    caller = authenticate_bearer(request)
    venue = venue_of(request)
    now = venue.clock.now()
    begin, end = _span(request.query_params, now)
    grouping = request.query_params.get("group_by") or None
    if grouping is not None and grouping not in GROUPINGS:
        raise impossible_parameter("group_by", "must be one of " + ", ".join(GROUPINGS))
    key_id = request.query_params.get("api_key_id")
    receipts = [
        receipt
        for receipt in venue.receipts.of_user(caller.user_id)
        if begin <= receipt.created_at < end and (not key_id or receipt.api_key_id == key_id)
    ]
    summary: JSONObject = {
        "totals": _totals_view(added_up(receipts, now)),
        "group_by": grouping,
        "from": iso(begin),
        "to": iso(end),
    }
    if grouping is not None:
        buckets = grouped(receipts, grouping, now)
        summary["buckets"] = [{"key": key} | _totals_view(totals) for key, totals in buckets]
    return JSONResponse(summary)


def _span(parameters: Mapping[str, str], now: datetime) -> tuple[datetime, datetime]:
    """Return the time that a summary covers; its end does not belong to it."""
    end = moment("to", parameters["to"]) if parameters.get("to") else now
    begin = moment("from", parameters["from"]) if parameters.get("from") else _usual_begin(end)
    if end <= begin:
        raise impossible_parameter("to", "must be after from")
    if end - begin > _LONGEST_SPAN:
        raise impossible_parameter("from", f"must be at most {_LONGEST_SPAN.days} days before to")
    return begin, end


def _usual_begin(end: datetime) -> datetime:
    try:
        return end - _USUAL_SPAN
    except OverflowError:
        raise impossible_parameter("to", "leads out of the calendar") from None


def _listing(now: datetime) -> Listing[Receipt]:
    """Return how receipts are listed: newest first, by what they are at `now`."""
    return Listing(
        identify=lambda receipt: receipt.request_id,
        order_by={
            "inserted_at": lambda receipt: receipt.created_at,
            "total_tokens": lambda receipt: receipt.total_tokens,
        },
        filters={
            "from": Filter(lambda receipt: receipt.created_at, moment, ">="),
            "to": Filter(lambda receipt: receipt.created_at, moment, "<"),
            "status": Filter(lambda receipt: receipt.status(now), one_of(*get_args(ReceiptStatus))),
            "cost_status": Filter(
                lambda receipt: receipt.cost_status(now), one_of(*get_args(CostStatus))
            ),
            "model": Filter(
                lambda receipt: receipt.instrument.symbol, lambda _name, text: text.lower()
            ),
            "api_key_id": Filter(lambda receipt: receipt.api_key_id),
        },
        descending=True,
    )


def _view(receipt: Receipt, now: datetime, *, with_breakdown: bool = False) -> JSONObject:
    spent = receipt.spent
    return {
        "request_id": receipt.request_id,
        "status": receipt.status(now),
        "requested_model": receipt.instrument.symbol,
        "serving_model": None if spent is None else serving_model(receipt.instrument.symbol),
        "endpoint": receipt.endpoint,
        "api_key_id": receipt.api_key_id,
        "created_at": iso(receipt.created_at),
        "usage": {
            "input_tokens": None if spent is None else spent.input_tokens,
            "output_tokens": None if spent is None else spent.output_tokens,
            "total_tokens": None if spent is None else spent.total_tokens,
        },
        "cost": _cost_view(receipt, now, with_breakdown=with_breakdown),
        "timing": _timing_view(receipt),
    }


def _cost_view(receipt: Receipt, now: datetime, *, with_breakdown: bool) -> JSONObject:
    status = receipt.cost_status(now)
    known = receipt.spent if status in ("reconciled", "unpriced") else None
    cost: JSONObject = {
        "amount": None if known is None else cost_string(known.amount),
        "currency": "USD",
        "status": status,
        "effective_price_per_token": None
        if known is None
        else cost_string(known.effective_price_per_token),
        "metering_policy_version": _METERING_POLICY,
        "reconciled_at": None if known is None else iso(known.settles_at),
    }
    if with_breakdown:
        cost["breakdown"] = [] if known is None else [_part_view(it) for it in known.costs]
    return cost


def _part_view(cost: Cost) -> JSONObject:
    return {
        "acquisition_price_per_token": cost_string(cost.price_per_token),
        "tokens": cost.tokens,
        "subtotal": cost_string(cost.subtotal),
    }


def _timing_view(receipt: Receipt) -> JSONObject:
    """Return how long a call took by the market's clock, which a test may stop or turn back."""
    spent, started_at = receipt.spent, receipt.started_at
    if spent is None or started_at is None:
        return {"ttft_ms": None, "tokens_per_second": None, "duration_ms": None}
    duration = max(0.0, (spent.ended_at - started_at).total_seconds())
    first = spent.first_token_at
    return {
        "ttft_ms": None if first is None else _milliseconds((first - started_at).total_seconds()),
        "tokens_per_second": round(spent.output_tokens / duration, 3) if duration else None,
        "duration_ms": _milliseconds(duration),
    }


def _milliseconds(seconds: float) -> float:
    return round(max(0.0, seconds) * 1000, 3)


def _totals_view(totals: UsageTotals) -> JSONObject:
    return {
        "request_count": totals.request_count,
        "input_tokens": totals.input_tokens,
        "output_tokens": totals.output_tokens,
        "total_tokens": totals.input_tokens + totals.output_tokens,
        "cost": {
            "reconciled_amount": cost_string(totals.reconciled_amount),
            "currency": "USD",
            "reconciled_requests": totals.reconciled_requests,
            "pending_requests": totals.pending_requests,
            "unpriced_requests": totals.unpriced_requests,
            "cancelled_requests": totals.cancelled_requests,
            "unpriced_tokens": totals.unpriced_tokens,
        },
    }


def cost_string(amount: Decimal | None) -> str | None:
    """Return an amount of USD with up to 12 decimals, no exponent, no trailing zeros."""
    return None if amount is None else f"{round(amount, 12).normalize():f}"


ROUTES = [
    Route("/usage", _list, methods=["GET"]),
    Route("/usage/summary", _summarise, methods=["GET"]),
    Route("/usage/{request_id}", _read, methods=["GET"]),
]
