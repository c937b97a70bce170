"""Consumption accounts: units that inference can draw on. Scope `account:read`.

Balances are JSON numbers in units, with up to six decimals while a unit is used in part.
"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.ledger import TOKENS_PER_UNIT, Consumption
from thegrid_emulator.ledger.account_ids import consumption_account_id
from thegrid_emulator.listings import page_answer
from thegrid_emulator.requests import venue_of
from thegrid_emulator.responses import data
from thegrid_emulator.state.venue import Venue
from thegrid_emulator.timestamps import iso, iso_or_none
from thegrid_emulator.trading.account_listing import LISTING, STATUS, account_with_id
from thegrid_emulator.trading.authentication import authenticate
from thegrid_emulator.views import JSONObject

_SCOPE = "account:read"


@dataclass(frozen=True)
class _ConsumptionAccount:
    user_id: str
    instrument_id: str
    balance: Consumption

    @property
    def account_id(self) -> str:
        return consumption_account_id(self.user_id, self.instrument_id)


async def _list(request: Request) -> Response:
    user_id = (await authenticate(request, _SCOPE)).user_id
    return page_answer(request, LISTING, _accounts(venue_of(request), user_id), _view)


async def _read(request: Request) -> Response:
    user_id = (await authenticate(request, _SCOPE)).user_id
    accounts = _accounts(venue_of(request), user_id)
    return data(_view(account_with_id(accounts, request.path_params["account_id"])))


def _accounts(venue: Venue, user_id: str) -> list[_ConsumptionAccount]:
    held = venue.ledger.consumptions(user_id, venue.clock.now())
    return [_ConsumptionAccount(user_id, *it) for it in held.items()]


def _view(account: _ConsumptionAccount) -> JSONObject:
    balance = account.balance
    left = balance.returned + balance.used + balance.expired
    return {
        "account_id": account.account_id,
        "user_id": account.user_id,
        "instrument_id": account.instrument_id,
        "status": STATUS,
        "uncommitted_balance": _units(balance.uncommitted_tokens),
        "committed_balance": _units(balance.committed_tokens),
        "total_balance": _units(balance.uncommitted_tokens + balance.committed_tokens),
        "total_deposits": _units(balance.entered),
        "total_withdrawals": _units(left),
        "total_commitments": _units(balance.ever_reserved),
        "total_transfers_in": _units(balance.entered),
        "total_transfers_out": _units(balance.returned),
        "last_deposit_at": iso_or_none(balance.last_deposit_at),
        "last_withdrawal_at": iso_or_none(balance.last_withdrawal_at),
        "last_commitment_at": iso_or_none(balance.last_commitment_at),
        "last_transfer_at": iso_or_none(balance.last_transfer_at),
        "created_at": iso(balance.created_at),
        "updated_at": iso(balance.updated_at),
    }


def _units(tokens: int) -> int | float:
    """Return tokens as a number of units, written as an integer if it is whole."""
    whole, rest = divmod(tokens, TOKENS_PER_UNIT)
    return tokens / TOKENS_PER_UNIT if rest else whole


ROUTES = [
    Route("/consumption-accounts", _list, methods=["GET"]),
    Route("/consumption-accounts/{account_id}", _read, methods=["GET"]),
]
