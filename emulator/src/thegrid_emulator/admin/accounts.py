"""Open accounts; see all keys of one."""

from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from thegrid_emulator.admin.fields import Fields
from thegrid_emulator.errors import InvalidFieldsError
from thegrid_emulator.requests import json_object, venue_of
from thegrid_emulator.responses import data
from thegrid_emulator.state.settings import account_mode
from thegrid_emulator.state.venue import NewAccount
from thegrid_emulator.views import api_key_view

_KINDS: dict[str, type] = {
    "email": str,
    "verified": bool,
    "accepted_terms": bool,
    "payment_method": bool,
    "scopes": list,
    "access_token_seconds": int,
    "usd": str,
    "units": dict,
    "consumption_units": dict,
}


async def _open(request: Request) -> Response:
    account, tokens = venue_of(request).open_account(
        _new_account(Fields(await json_object(request), (*_KINDS, "mode")))
    )
    opened = {
        "user_id": account.user_id,
        "email": account.email,
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "expires_in": tokens.expires_in,
    }
    return JSONResponse(opened, HTTPStatus.CREATED)


async def _list_api_keys(request: Request) -> Response:
    venue = venue_of(request)
    account = venue.accounts.get(request.query_params.get("user_id", ""))
    return data([api_key_view(key) for key in venue.api_keys.of_user(account.user_id)])


def _new_account(fields: Fields) -> NewAccount:
    members: dict[str, Any] = {
        name: fields.optional(name, kind) for name, kind in _KINDS.items() if fields.has(name)
    }
    if fields.has("mode"):
        members["mode"] = account_mode(fields.raw("mode"))
    if "scopes" in members:
        members["scopes"] = [str(scope) for scope in members["scopes"]]
    if "usd" in members:
        members["usd"] = _decimal("usd", members["usd"])
    if members.get("access_token_seconds", 1) < 1:
        raise InvalidFieldsError("access_token_seconds", "must be at least 1")
    return NewAccount(**members)


def _decimal(name: str, text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise InvalidFieldsError(name, "must be a decimal string") from None


ROUTES = [
    Route("/accounts", _open, methods=["POST"]),
    Route("/api-keys", _list_api_keys, methods=["GET"]),
]
