"""Signing key routes, scope `keys:manage`."""

import base64
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.platform.authorization import authorize
from thegrid_emulator.requests import venue_of, wrapped_object
from thegrid_emulator.responses import data
from thegrid_emulator.state.signing_keys import SigningKey
from thegrid_emulator.views import signing_key_view

_SCOPE = "keys:manage"


async def _list(request: Request) -> Response:
    account = authorize(request, _SCOPE)
    keys = venue_of(request).signing_keys.of_user(account.user_id)
    return data([signing_key_view(key) for key in keys])


async def _register(request: Request) -> Response:
    account = authorize(request, _SCOPE)
    wanted = await wrapped_object(request, "signing_key")
    venue = venue_of(request)
    key = venue.signing_keys.register(
        account.user_id,
        label=wanted.get("label"),
        public_key=wanted.get("public_key"),
        now=venue.clock.now(),
    )
    created = signing_key_view(key) | {
        "public_key": _public_key(key),
        "fingerprint": key.fingerprint,
    }
    return data(created, HTTPStatus.CREATED)


async def _revoke(request: Request) -> Response:
    account = authorize(request, _SCOPE)
    key_id = request.path_params["key_id"]
    key = venue_of(request).signing_keys.revoke(account.user_id, key_id)
    return data({"id": key.key_id, "label": key.label, "public_key": _public_key(key)})


def _public_key(key: SigningKey) -> str:
    return base64.b64encode(key.public_key).decode()


ROUTES = [
    Route("/signing-keys", _list, methods=["GET"]),
    Route("/signing-keys", _register, methods=["POST"]),
    Route("/signing-keys/{key_id}", _revoke, methods=["DELETE"]),
]
