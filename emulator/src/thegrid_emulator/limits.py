"""Limits that only a handler can count, because it knows who asks for what.

The limit per credential is counted for every request by `thegrid_emulator.conduct`. What is
counted here stands in the same headers: the answer shows the limit that is closest to being met.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import cast

from starlette.requests import Request

from thegrid_emulator.errors import MarketError
from thegrid_emulator.requests import venue_of
from thegrid_emulator.state.accounts import Account
from thegrid_emulator.state.rate_limits import Allowance


def check_order_rate(request: Request, user_id: str, market_id: str) -> None:
    """Count an order write: a new order, a change or a cancel of one order.

    Args:
        request: what was received.
        user_id: who writes.
        market_id: where, in its canonical form.

    Raises:
        MarketError: 429 `rate_limit_exceeded` if the user writes too fast in this market.
    """
    venue = venue_of(request)
    _note(request, venue.order_rates.count(user_id, market_id, venue.clock.now()))


def check_daily_calls(request: Request, account: Account) -> None:
    """Count an inference call of an account that never deposited.

    Args:
        request: what was received.
        account: who pays.

    Raises:
        MarketError: 429 `rate_limit_exceeded` if it was one too many today and the cap is on.
    """
    if account.has_deposited:
        return
    venue = venue_of(request)
    allowance = venue.daily_calls.count(account.user_id, venue.clock.now())
    if allowance is not None:
        _note(request, allowance)


def rate_limit_exceeded() -> MarketError:
    """Return the refusal of a request that was one too many."""
    return MarketError(HTTPStatus.TOO_MANY_REQUESTS, "rate_limit_exceeded")


def tightest(allowances: Sequence[Allowance]) -> Allowance:
    """Return the allowance that a caller has to heed: a refusal, else the one with least left.

    Args:
        allowances: at least one.
    """
    return min(allowances, key=lambda it: (it.retry_after is None, it.remaining, -it.resets_at))


def _note(request: Request, allowance: Allowance) -> None:
    cast("list[Allowance]", request.state.allowances).append(allowance)
    if allowance.retry_after is not None:
        raise rate_limit_exceeded()
