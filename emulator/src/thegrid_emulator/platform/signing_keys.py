"""Signing key routes, scope `keys:manage`."""

import base64
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.platform.authorization import authorize
from thegrid_emulator.requests import venue_of, wrapped_object
from thegrid_emulator.responses import data
from thegrid_emulator.state.signing_keys import FINGERPRINT_PREFIX_LENGTH, SigningKey
from thegrid_emulator.timestamps import iso, iso_or_none

_SCOPE = "keys:manage"


async def _list(request: Request) -> Response:
    account = authorize(request, _SCOPE)
    keys = venue_of(request).signing_keys.of_user(account.user_id)
    return data([_summary(key) for key in keys])


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
    created = _summary(key) | {"public_key": _public_key(key), "fingerprint": key.fingerprint}
    return data(created, HTTPStatus.CREATED)


async def _revoke(request: Request) -> Response:
    account = authorize(request, _SCOPE)
    key_id = request.path_params["key_id"]
    key = venue_of(request).signing_keys.revoke(account.user_id, key_id)
    return data({"id": key.key_id, "label": key.label, "public_key": _public_key(key)})


def _summary(key: SigningKey) -> dict[str, object]:
    """Return a key as a list shows it: the fingerprint by its prefix only."""
    return {
        "id": key.key_id,
        "label": key.label,
        "fingerprint_prefix": key.fingerprint[:FINGERPRINT_PREFIX_LENGTH],
        "is_active": key.is_active,
        "created_at": iso(key.created_at),
        "last_used_at": iso_or_none(key.last_used_at),
    }


def _public_key(key: SigningKey) -> str:
    return base64.b64encode(key.public_key).decode()


ROUTES = [
    Route("/signing-keys", _list, methods=["GET"]),
    Route("/signing-keys", _register, methods=["POST"]),
    Route("/signing-keys/{key_id}", _revoke, methods=["DELETE"]),
]
