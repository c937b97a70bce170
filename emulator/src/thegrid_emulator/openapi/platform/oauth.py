"""OAuth: scopes, device login, tokens, revocation (RFC 6749, 7009, 8628)."""

from thegrid_emulator.openapi import refusals
from thegrid_emulator.openapi.document import Subject
from thegrid_emulator.openapi.operation import in_query, operation
from thegrid_emulator.openapi.schema import (
    ADDRESS,
    NAME,
    POSITIVE,
    TEXT,
    WHOLE,
    Schema,
    always,
    array,
    component,
    either,
    enveloped,
    fields,
    record,
)

_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

_SCOPE = record({"scope": TEXT, "description": TEXT})

_LOGIN = record(
    {
        "device_code": TEXT,
        "user_code": {"type": "string", "pattern": "^[A-Z0-9]{4}-[A-Z0-9]{4}$"},
        "verification_uri": ADDRESS,
        "verification_uri_complete": ADDRESS,
        "expires_in": POSITIVE,
        "interval": WHOLE,
    }
)

_TOKENS = record(
    {
        "access_token": NAME,
        "refresh_token": NAME,
        "token_type": always("Bearer"),
        "expires_in": POSITIVE,
        "scope": TEXT,
    }
)

_TOKEN_REQUEST: Schema = either(
    fields({"grant_type": always(_DEVICE_GRANT), "client_id": TEXT, "device_code": NAME}),
    fields({"grant_type": always("refresh_token"), "client_id": TEXT, "refresh_token": NAME}),
)

SUBJECT = Subject(
    components={"Scope": _SCOPE, "DeviceLogin": _LOGIN, "Tokens": _TOKENS},
    paths={
        "/oauth/scopes": {
            "get": operation(
                "listScopes",
                "The scopes that a client may ask for.",
                {200: enveloped(array(component("Scope")))},
                refusals={**refusals.of_everybody(), 404: refusals.OAUTH_ERROR},
                parameters=[in_query("client_id", required=True)],
            )
        },
        "/oauth/device/code": {
            "post": operation(
                "beginDeviceLogin",
                "Begin a login that its user approves in a browser.",
                {200: component("DeviceLogin")},
                refusals=refusals.of_oauth(),
                body=fields({"client_id": TEXT, "scope": NAME}),
                form=True,
            )
        },
        "/oauth/token": {
            "post": operation(
                "issueTokens",
                "Exchange an approved device code or a refresh token for a new pair.",
                {200: component("Tokens")},
                refusals={**refusals.of_oauth(), 401: refusals.OAUTH_ERROR},
                body=_TOKEN_REQUEST,
                form=True,
            )
        },
        "/oauth/revoke": {
            "post": operation(
                "revokeToken",
                "Revoke a token; an unknown one is no error.",
                {200: {"type": "object"}},
                refusals=refusals.of_oauth(),
                body=fields({"token": NAME}),
                form=True,
            )
        },
    },
)
