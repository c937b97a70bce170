"""The caller's account and the limits that hold for it, scope `account:read`."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.errors import impossible_parameter
from thegrid_emulator.requests import venue_of
from thegrid_emulator.responses import data
from thegrid_emulator.rules import Rules
from thegrid_emulator.state.identifiers import canonical_id
from thegrid_emulator.timestamps import iso
from thegrid_emulator.trading.authentication import authenticate


async def _read_me(request: Request) -> Response:
    account = await authenticate(request, "account:read")
    return data(
        {
            "user_id": account.user_id,
            "email": account.email,
            "name": account.name,
            "email_verified": account.verified,
            "accepted_terms": account.accepted_terms,
            "account_mode": account.settings.account_mode,
            "capabilities": ["trade"],
            "created_at": iso(account.created_at),
            "updated_at": iso(account.updated_at),
        }
    )


async def _read_limits(request: Request) -> Response:
    await authenticate(request, "account:read")
    asked = request.query_params.get("market_id")
    if not asked:
        raise impossible_parameter("market_id", "is required")
    venue = venue_of(request)
    market = venue.exchange.market(canonical_id("market", asked))
    return data(
        {
            "market_id": market.market_id,
            "order_rate_limits": _order_limits(venue.rules),
            "response_headers": {
                "limit": "x-ratelimit-limit",
                "remaining": "x-ratelimit-remaining",
                "retry_after": "retry-after",
            },
        }
    )


def _order_limits(rules: Rules) -> dict[str, object]:
    return {
        "scope": "user_market",
        "max_orders_per_second": rules.orders_per_second,
        "max_orders_per_minute": rules.orders_per_second * 60,
        "burst_capacity": rules.orders_per_second,
        "window_seconds": 1,
    }


ROUTES = [
    Route("/me", _read_me, methods=["GET"]),
    Route("/account/limits", _read_limits, methods=["GET"]),
]
