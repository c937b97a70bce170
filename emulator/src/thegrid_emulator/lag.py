"""What appears late with `--lag`, and where.

Lists, balances, transfers and public market data show what was true a lag ago. What a change itself
answers, and reads of one key, order, trade or setting, are up to date; but an order whose cancel is
younger than the lag still says that its cancel is pending.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from thegrid_emulator.answers import Answer, Change
from thegrid_emulator.paths import fits, is_route
from thegrid_emulator.timestamps import parse_iso

LATE = (
    "platform GET /api-keys",
    "platform GET /signing-keys",
    "platform GET /consumption/stats",
    "trading GET /orders",
    "trading GET /orders/count",
    "trading GET /trades",
    "trading GET /positions",
    "trading GET /trading-accounts",
    "trading GET /trading-accounts/{id}",
    "trading GET /currency-trading-accounts",
    "trading GET /currency-trading-accounts/{id}",
    "trading GET /consumption-accounts",
    "trading GET /consumption-accounts/{id}",
    "trading GET /transfer-histories",
    "trading GET /markets/{id}/ticker",
    "trading GET /markets/{id}/orderbook",
    "trading GET /markets/{id}/trades",
    "trading GET /markets/{id}/stats",
    "consumption GET /usage",
    "consumption GET /usage/summary",
)
"""Routes that show what was true a lag ago, each as `SURFACE METHOD PATH`."""

_BY_ITS_OWNER = ("user_cancelled", "bulk_cancelled")


def is_late(surface: str, method: str, path: str) -> bool:
    """Return whether a request is answered with what was true a lag ago."""
    asked = "GET" if method == "HEAD" else method
    return any(is_route(route, surface, asked, path) for route in LATE)


def pending_cancels(lag: timedelta, now: datetime) -> Change:
    """Return how single orders of the Trading API are shown.

    Args:
        lag: how late changes show.
        now: the market's time.
    """

    def shown(answer: Answer) -> Answer:
        body = answer.body
        if not fits("/orders/{id}", answer.path) or not isinstance(body, dict):
            return answer
        order = body.get("data")
        if answer.method != "GET" or not isinstance(order, dict):
            return answer
        if order.get("closure_reason") not in _BY_ITS_OWNER:
            return answer
        if parse_iso(order["closed_at"]) <= now - lag:
            return answer
        pending = {"status": "cancellation_pending", "closure_reason": None, "closed_at": None}
        return replace(answer, body={**body, "data": {**order, **pending}})

    return shown
