"""Transfers from trading to consumption (`trade:write`), and their history (`account:read`).

They go one way ("Transfers" in the vendor's documentation); the older way back is a switch of the
market's rules. A transfer is applied before its answer, so that the history has it at once.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from thegrid_emulator.bodies import required_integer, required_text
from thegrid_emulator.errors import MarketError, not_found
from thegrid_emulator.filters import Filter, identifier, moment
from thegrid_emulator.ledger import Transfer
from thegrid_emulator.ledger.account_ids import consumption_account_id, trading_account_id
from thegrid_emulator.listings import page_answer
from thegrid_emulator.paging import Listing
from thegrid_emulator.requests import json_object, venue_of
from thegrid_emulator.state.catalogue import instrument_with_id, market_of
from thegrid_emulator.timestamps import iso
from thegrid_emulator.trading.authentication import authenticate
from thegrid_emulator.views import JSONObject

Move = Callable[[str, str, int, datetime], Transfer]
"""A method of the ledger: user id, instrument id, units, now."""


async def _to_consumption(request: Request) -> Response:
    user_id = (await authenticate(request, "trade:write")).user_id
    return await _move(request, user_id, venue_of(request).ledger.transfer)


async def _to_trading(request: Request) -> Response:
    user_id = (await authenticate(request, "trade:write")).user_id
    venue = venue_of(request)
    if not venue.rules.two_way_transfers:
        raise MarketError(
            HTTPStatus.NOT_FOUND, "not_found", "units in consumption cannot go back to trading"
        )
    return await _move(request, user_id, venue.ledger.transfer_back)


async def _move(request: Request, user_id: str, move: Move) -> Response:
    body = await json_object(request)
    quantity = required_integer(body, "quantity")
    instrument = instrument_with_id(required_text(body, "instrument_id"))
    if instrument is None:
        raise not_found("instrument")
    now = venue_of(request).clock.now()
    transfer = move(user_id, instrument.instrument_id, quantity, now)
    accepted = {"status": "success", "transfer_id": transfer.transfer_id}
    return JSONResponse(accepted, HTTPStatus.ACCEPTED)


async def _list_history(request: Request) -> Response:
    user_id = (await authenticate(request, "account:read")).user_id
    return page_answer(request, LISTING, venue_of(request).ledger.transfers_of(user_id), _view)


def _accounts(transfer: Transfer) -> tuple[str, str]:
    """Return the ids of the account that gave and of the one that received."""
    trading = trading_account_id(transfer.user_id, transfer.instrument_id)
    consumption = consumption_account_id(transfer.user_id, transfer.instrument_id)
    if transfer.direction == "trading_to_consumption":
        return trading, consumption
    return consumption, trading


def _view(transfer: Transfer) -> JSONObject:
    sender_id, receiver_id = _accounts(transfer)
    market = market_of(transfer.instrument_id)
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, transfer.transfer_id)),
        "transfer_id": transfer.transfer_id,
        "account_id": receiver_id,
        "sender_account_id": sender_id,
        "instrument_id": transfer.instrument_id,
        "instrument_name": market.instrument.display_name,
        "market_id": market.market_id,
        "quantity": transfer.quantity,
        "transferred_at": iso(transfer.transferred_at),
        "inserted_at": iso(transfer.transferred_at),
        "updated_at": iso(transfer.transferred_at),
    }


LISTING: Listing[Transfer] = Listing(
    identify=lambda it: it.transfer_id,
    order_by={
        "transferred_at": lambda it: it.transferred_at,
        "quantity": lambda it: it.quantity,
    },
    filters={
        "market_id": Filter(lambda it: market_of(it.instrument_id).market_id, identifier("market")),
        "instrument_id": Filter(lambda it: it.instrument_id, identifier("instrument")),
        "sender_account_id": Filter(lambda it: _accounts(it)[0]),
        "account_id": Filter(lambda it: _accounts(it)[1]),
        "transferred_at": Filter(lambda it: it.transferred_at, moment),
    },
)

ROUTES = [
    Route("/transfers/trading-to-consumption", _to_consumption, methods=["POST"]),
    Route("/transfers/consumption-to-trading", _to_trading, methods=["POST"]),
    Route("/transfer-histories", _list_history, methods=["GET"]),
]
