"""Open accounts; see all keys of one."""

from http import HTTPStatus

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

_FLAGS = ("verified", "accepted_terms", "payment_method")
_FIELDS = ("email", "mode", *_FLAGS, "scopes", "access_token_seconds")


async def _open(request: Request) -> Response:
    account, tokens = venue_of(request).open_account(
        _new_account(Fields(await json_object(request), _FIELDS))
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
    default = NewAccount()
    flags = {name: fields.optional(name, bool) for name in _FLAGS}
    scopes = fields.optional("scopes", list)
    seconds = fields.optional("access_token_seconds", int)
    if seconds is not None and seconds < 1:
        raise InvalidFieldsError("access_token_seconds", "must be at least 1")
    return NewAccount(
        email=fields.optional("email", str),
        mode=account_mode(fields.raw("mode")) if fields.has("mode") else default.mode,
        **{name: flag for name, flag in flags.items() if flag is not None},
        scopes=default.scopes if scopes is None else [str(scope) for scope in scopes],
        access_token_seconds=seconds,
    )


ROUTES = [
    Route("/accounts", _open, methods=["POST"]),
    Route("/api-keys", _list_api_keys, methods=["GET"]),
]
