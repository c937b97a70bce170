"""What the dashboard shows of one account and one market, as JSON: a pure function of the venue."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from itertools import islice

from thegrid_emulator.errors import not_found
from thegrid_emulator.exchange import DepthLevel, Order
from thegrid_emulator.ledger import Consumption
from thegrid_emulator.ledger.consumption import in_units
from thegrid_emulator.responses import decimal_string
from thegrid_emulator.state.accounts import Account
from thegrid_emulator.state.api_keys import ApiKey
from thegrid_emulator.state.catalogue import INSTRUMENTS, MARKETS, Market, find_market
from thegrid_emulator.state.redirects import Redirect
from thegrid_emulator.state.signing_keys import SigningKey
from thegrid_emulator.state.venue import Venue
from thegrid_emulator.timestamps import iso
from thegrid_emulator.views import (
    JSONObject,
    api_key_view,
    journal_view,
    lot_view,
    redirect_view,
    signing_key_view,
)

_REQUESTS = 30
_REDIRECTS = 30
_LEVELS = 8

_SYMBOLS = {it.instrument_id: it.symbol for it in INSTRUMENTS}


def dashboard_view(venue: Venue, user_id: str, symbol: str, now: datetime) -> JSONObject:
    """Return what the dashboard shows.

    Args:
        venue: the market as a whole, caught up with `now`.
        user_id: whose account; the first one stands in for one that there is not, since a page
            may have outlived the emulator that it was opened from.
        symbol: of the instrument whose order book is shown; the first stands in, likewise.
        now: the market's time.

    Raises:
        MarketError: 404 if there is no account at all.
    """
    accounts = venue.accounts.all()
    if not accounts:
        raise not_found("account")
    account = next((it for it in accounts if it.user_id == user_id), accounts[0])
    market = next((it for it in MARKETS if it.instrument.symbol == symbol), MARKETS[0])
    consumptions = venue.ledger.consumptions(account.user_id, now)
    return {
        "now": iso(now),
        "clock_offset_seconds": venue.clock.offset_seconds,
        "account": _account(account),
        "accounts": [_account(it) for it in accounts],
        "cash": _cash(venue, account),
        "holdings": _holdings(venue, account, consumptions),
        "lots": _lots(consumptions),
        "consumption_keys": _api_keys(venue.api_keys.of_user(account.user_id), now),
        "signing_keys": _signing_keys(venue.signing_keys.of_user(account.user_id)),
        "market": _market(venue, market, now),
        "markets": [_market_name(it) for it in MARKETS],
        "orders": _orders(venue.exchange.open_orders_of(account.user_id)),
        "redirects": _redirects(venue.redirects.recent, account),
        "requests": [journal_view(it) for it in reversed(venue.journal.entries[-_REQUESTS:])],
    }


def _account(account: Account) -> JSONObject:
    return {
        "user_id": account.user_id,
        "email": account.email,
        "account_mode": account.settings.account_mode,
    }


def _cash(venue: Venue, account: Account) -> JSONObject:
    cash = venue.ledger.cash(account.user_id)
    return {
        "total": decimal_string(cash.total),
        "available": decimal_string(cash.available),
        "locked": decimal_string(cash.locked),
    }


def _holdings(
    venue: Venue, account: Account, consumptions: Mapping[str, Consumption]
) -> list[JSONObject]:
    """Return the units of every instrument of which the account has any."""
    trading = venue.ledger.holdings(account.user_id)
    views: list[JSONObject] = []
    for instrument in INSTRUMENTS:
        units = trading.get(instrument.instrument_id)
        consumption = consumptions.get(instrument.instrument_id)
        to_trade = units.total if units else 0
        to_consume = consumption.total if consumption else Decimal(0)
        if to_trade or to_consume:
            views.append(
                {
                    "symbol": instrument.symbol,
                    "trading": to_trade,
                    "trading_locked": units.locked if units else 0,
                    "consumption": decimal_string(to_consume),
                    "consumption_committed": decimal_string(
                        consumption.committed if consumption else Decimal(0)
                    ),
                }
            )
    return views


def _lots(consumptions: Mapping[str, Consumption]) -> list[JSONObject]:
    """Return everything that will expire, what expires first at the top."""
    lots = [(it, instrument_id) for instrument_id, of in consumptions.items() for it in of.lots]
    lots.sort(key=lambda it: (it[0].expires_at, it[0].number))
    return [
        lot_view(instrument_id, lot)
        | {
            "symbol": _SYMBOLS[instrument_id],
            "units": decimal_string(in_units(lot.free + lot.reserved)),
        }
        for lot, instrument_id in lots
    ]


def _api_keys(keys: Iterable[ApiKey], now: datetime) -> list[JSONObject]:
    """Return consumption keys: those that work first, and among them the newest first."""
    ordered = sorted(keys, key=lambda it: (it.is_usable(now), it.created_at), reverse=True)
    return [api_key_view(it) | {"state": _state(it, now)} for it in ordered]


def _state(key: ApiKey, now: datetime) -> str:
    if key.is_usable(now):
        return "active"
    return "expired" if key.is_active else "revoked"


def _signing_keys(keys: Iterable[SigningKey]) -> list[JSONObject]:
    ordered = sorted(keys, key=lambda it: (it.is_active, it.created_at), reverse=True)
    return [
        signing_key_view(it) | {"state": "active" if it.is_active else "revoked"} for it in ordered
    ]


def _market_name(market: Market) -> JSONObject:
    return {"symbol": market.instrument.symbol, "name": market.name}


def _market(venue: Venue, market: Market, now: datetime) -> JSONObject:
    figures = venue.exchange.figures(market.market_id, now)
    depth = venue.exchange.depth(market.market_id, _LEVELS)
    deepest = max((it.total for it in (*depth.buy, *depth.sell)), default=1)
    return _market_name(market) | {
        "status": venue.exchange.status(market.market_id),
        "last_price": decimal_string(figures.last_price),
        "volume_24h": figures.volume_24h,
        "buy": [_level(it, deepest) for it in depth.buy],
        "sell": [_level(it, deepest) for it in depth.sell],
    }


def _level(level: DepthLevel, deepest: int) -> JSONObject:
    return {
        "price": decimal_string(level.price),
        "quantity": level.quantity,
        "total": level.total,
        "share": level.total / deepest,
    }


def _orders(orders: Iterable[Order]) -> list[JSONObject]:
    return [_order(it) for it in sorted(orders, key=lambda it: it.submitted_at, reverse=True)]


def _redirects(redirects: Iterable[Redirect], account: Account) -> list[JSONObject]:
    """Return where the account's latest calls were sent, newest first."""
    own = (redirect_view(it) for it in redirects if it.user_id == account.user_id)
    return list(islice(own, _REDIRECTS))


def _order(order: Order) -> JSONObject:
    market = find_market(order.market_id)
    return {
        "id": order.order_id,
        "symbol": market.instrument.symbol if market else order.market_id,
        "side": order.side,
        "price": decimal_string(order.price),
        "quantity": order.quantity,
        "filled_quantity": order.filled_quantity,
        "status": order.status,
        "client_order_id": order.client_order_id,
        "submitted_at": iso(order.submitted_at),
    }
