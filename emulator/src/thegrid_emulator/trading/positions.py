"""What the caller holds of each instrument and can sell, scope `account:read`.

The one listing of this host that still takes Flop's filters.
"""

import uuid
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.exchange import Position
from thegrid_emulator.filters import Filter, identifier, moment, one_of
from thegrid_emulator.ledger.account_ids import trading_account_id
from thegrid_emulator.listings import page_answer
from thegrid_emulator.paging import Listing
from thegrid_emulator.requests import venue_of
from thegrid_emulator.responses import decimal_string
from thegrid_emulator.state.catalogue import market_of
from thegrid_emulator.timestamps import iso, iso_or_none
from thegrid_emulator.trading.authentication import authenticate
from thegrid_emulator.views import JSONObject


@dataclass(frozen=True)
class _OwnPosition:
    """A position with its account."""

    account_id: str
    position: Position

    @property
    def status(self) -> str:
        return "open" if self.position.closed_at is None else "closed"


async def _list(request: Request) -> Response:
    user_id = (await authenticate(request, "account:read")).user_id
    positions = [
        _OwnPosition(trading_account_id(user_id, it.instrument_id), it)
        for it in venue_of(request).exchange.positions(user_id)
    ]
    return page_answer(request, LISTING, positions, _view)


def _view(own: _OwnPosition) -> JSONObject:
    position = own.position
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, own.account_id)),
        "user_account_id": own.account_id,
        "instrument_id": position.instrument_id,
        "instrument_name": market_of(position.instrument_id).instrument.display_name,
        "status": own.status,
        "quantity": position.quantity,
        "average_cost": decimal_string(position.average_cost),
        "total_cost": decimal_string(position.total_cost),
        "current_market_value": decimal_string(position.market_value),
        "last_trade_price": decimal_string(position.last_price),
        "opened_at": iso(position.opened_at),
        "closed_at": iso_or_none(position.closed_at),
        "inserted_at": iso(position.opened_at),
    }


LISTING: Listing[_OwnPosition] = Listing(
    identify=lambda it: it.account_id,
    order_by={
        "opened_at": lambda it: it.position.opened_at,
        "closed_at": lambda it: it.position.closed_at,
        "instrument_id": lambda it: it.position.instrument_id,
    },
    filters={
        "instrument_id": Filter(lambda it: it.position.instrument_id, identifier("instrument")),
        "status": Filter(lambda it: it.status, one_of("open", "closed")),
        "opened_at": Filter(lambda it: it.position.opened_at, moment),
        "closed_at": Filter(lambda it: it.position.closed_at, moment),
    },
    flop=True,
)

ROUTES = [Route("/positions", _list, methods=["GET"])]
