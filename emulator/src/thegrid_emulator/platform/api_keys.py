"""API key routes, scope `keys:manage`."""

from datetime import datetime
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.errors import InvalidFieldsError
from thegrid_emulator.platform.authorization import authorize
from thegrid_emulator.requests import venue_of, wrapped_object
from thegrid_emulator.responses import data, no_content
from thegrid_emulator.state.api_keys import ApiKey
from thegrid_emulator.timestamps import parse_iso
from thegrid_emulator.views import api_key_view

_SCOPE = "keys:manage"


async def _list(request: Request) -> Response:
    account = authorize(request, _SCOPE)
    return data([api_key_view(key) for key in venue_of(request).api_keys.of_user(account.user_id)])


async def _get(request: Request) -> Response:
    return data(api_key_view(_addressed_key(request)))


async def _create(request: Request) -> Response:
    account = authorize(request, _SCOPE)
    wanted = await wrapped_object(request, "api_key")
    venue = venue_of(request)
    key, secret = venue.api_keys.create(
        account.user_id,
        wanted.get("name"),
        expires_at=_expiry(wanted.get("expires_at")),
        now=venue.clock.now(),
    )
    return data(api_key_view(key) | {"key": secret}, HTTPStatus.CREATED)


async def _change(request: Request) -> Response:
    key = _addressed_key(request)
    change = await wrapped_object(request, "api_key")
    venue = venue_of(request)
    venue.api_keys.change(key, change, venue.clock.now())
    return no_content()


async def _revoke(request: Request) -> Response:
    key = _addressed_key(request)
    venue = venue_of(request)
    venue.api_keys.revoke(key, venue.clock.now())
    return no_content()


def _addressed_key(request: Request) -> ApiKey:
    account = authorize(request, _SCOPE)
    return venue_of(request).api_keys.get(account.user_id, request.path_params["key_id"])


def _expiry(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        return parse_iso(str(value))
    except ValueError:
        raise InvalidFieldsError(
            "expires_at", "must be an ISO 8601 time with its offset from UTC"
        ) from None


ROUTES = [
    Route("/api-keys", _list, methods=["GET"]),
    Route("/api-keys", _create, methods=["POST"]),
    Route("/api-keys/{key_id}", _get, methods=["GET"]),
    Route("/api-keys/{key_id}", _change, methods=["PUT"]),
    Route("/api-keys/{key_id}", _revoke, methods=["DELETE"]),
]
