"""Trading accounts: units that can be sold, and USD. Scope `account:read`.

The USD account shows itself in both lists, since the vendor's command line looks for it among the
trading accounts and its SDK among the currency trading accounts.
"""

from dataclasses import dataclass
from decimal import Decimal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.ledger import Cash, Units
from thegrid_emulator.ledger.account_ids import currency_account_id, trading_account_id
from thegrid_emulator.listings import page_answer
from thegrid_emulator.requests import venue_of
from thegrid_emulator.responses import data, decimal_string
from thegrid_emulator.state.catalogue import USD, Market, market_of
from thegrid_emulator.state.venue import Venue
from thegrid_emulator.timestamps import iso, iso_or_none
from thegrid_emulator.trading.account_listing import LISTING, STATUS, account_with_id
from thegrid_emulator.trading.authentication import authenticate
from thegrid_emulator.views import JSONObject

_SCOPE = "account:read"


@dataclass(frozen=True)
class _TradingAccount:
    """Units of one instrument, or USD if there is no market."""

    account_id: str
    user_id: str
    balance: Units | Cash
    market: Market | None = None
    last_trade_price: Decimal | None = None

    @property
    def instrument_id(self) -> str:
        return USD.instrument_id if self.market is None else self.market.instrument.instrument_id


async def _list(request: Request) -> Response:
    user_id = (await authenticate(request, _SCOPE)).user_id
    return page_answer(request, LISTING, _accounts(venue_of(request), user_id), _view)


async def _read(request: Request) -> Response:
    user_id = (await authenticate(request, _SCOPE)).user_id
    accounts = _accounts(venue_of(request), user_id)
    return data(_view(account_with_id(accounts, request.path_params["account_id"])))


async def _list_currency(request: Request) -> Response:
    user_id = (await authenticate(request, _SCOPE)).user_id
    accounts = [_usd_account(venue_of(request), user_id)]
    return page_answer(request, LISTING, accounts, _currency_view)


async def _read_currency(request: Request) -> Response:
    user_id = (await authenticate(request, _SCOPE)).user_id
    accounts = [_usd_account(venue_of(request), user_id)]
    return data(_currency_view(account_with_id(accounts, request.path_params["account_id"])))


def _accounts(venue: Venue, user_id: str) -> list[_TradingAccount]:
    """Return the USD account and those of all instruments that the user ever could sell."""
    now = venue.clock.now()
    return [_usd_account(venue, user_id)] + [
        _TradingAccount(
            trading_account_id(user_id, instrument_id),
            user_id,
            units,
            market_of(instrument_id),
            venue.exchange.figures(market_of(instrument_id).market_id, now).last_price,
        )
        for instrument_id, units in venue.ledger.holdings(user_id).items()
    ]


def _usd_account(venue: Venue, user_id: str) -> _TradingAccount:
    return _TradingAccount(currency_account_id(user_id), user_id, venue.ledger.cash(user_id))


def _view(account: _TradingAccount) -> JSONObject:
    if account.market is None:
        held: JSONObject = {
            "market_id": None,
            "market_name": None,
            "instrument_id": USD.instrument_id,
            "instrument_name": USD.code,
            "instrument_symbol": USD.symbol,
            "currency": USD.code,
        }
    else:
        instrument = account.market.instrument
        held = {
            "market_id": account.market.market_id,
            "market_name": account.market.name,
            "instrument_id": instrument.instrument_id,
            "instrument_name": instrument.display_name,
            "instrument_symbol": instrument.symbol,
        }
    return _balances(account) | held


def _currency_view(account: _TradingAccount) -> JSONObject:
    return _balances(account) | {"currency": USD.symbol}


def _balances(account: _TradingAccount) -> JSONObject:
    balance = account.balance
    return {
        "account_id": account.account_id,
        "user_id": account.user_id,
        "total_balance": _amount(balance.total),
        "available_balance": _amount(balance.available),
        "locked_balance": _amount(balance.locked),
        "status": STATUS,
        "last_trade_price": decimal_string(account.last_trade_price),
        "last_trading_activity_at": iso_or_none(balance.last_trade_at),
        "last_deposit_at": iso_or_none(balance.last_deposit_at),
        "last_withdrawal_at": iso_or_none(balance.last_withdrawal_at),
        "created_at": iso(balance.created_at),
        "updated_at": iso(balance.updated_at),
    }


def _amount(amount: Decimal | int) -> str:
    return f"{Decimal(amount):f}"


ROUTES = [
    Route("/trading-accounts", _list, methods=["GET"]),
    Route("/trading-accounts/{account_id}", _read, methods=["GET"]),
    Route("/currency-trading-accounts", _list_currency, methods=["GET"]),
    Route("/currency-trading-accounts/{account_id}", _read_currency, methods=["GET"]),
]
