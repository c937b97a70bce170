"""API keys, scope `keys:manage`."""

from thegrid_emulator.openapi import refusals
from thegrid_emulator.openapi.document import Subject
from thegrid_emulator.openapi.operation import BEARER, in_path, operation
from thegrid_emulator.openapi.schema import (
    FLAG,
    IDENTIFIER,
    MOMENT,
    NAME,
    Schema,
    array,
    changing_one_of,
    component,
    enveloped,
    fields,
    or_null,
    record,
)


def _key(secret: Schema) -> Schema:
    return record(
        {
            "id": IDENTIFIER,
            "name": NAME,
            "key_prefix": {"type": "string", "minLength": 8, "maxLength": 8},
            "key": secret,
            "is_active": FLAG,
            "expires_at": or_null(MOMENT),
            "last_used_at": or_null(MOMENT),
            "created_at": MOMENT,
            "updated_at": MOMENT,
        }
    )


_CHANGE: Schema = {
    **fields({}, {"name": NAME, "is_active": FLAG}),
    "anyOf": changing_one_of(["name", "is_active"]),
}

SUBJECT = Subject(
    components={
        "ApiKey": _key({"type": "null"}),
        "NewApiKey": _key({"type": "string", "pattern": "^[A-Za-z0-9+/]{43}$"}),
    },
    paths={
        "/api-keys": {
            "get": operation(
                "listApiKeys",
                "All keys, revoked ones too, without their secrets.",
                {200: enveloped(array(component("ApiKey")))},
                refusals=refusals.of_platform(),
                security=[BEARER],
            ),
            "post": operation(
                "createApiKey",
                "Make a key; its secret is shown here and never again.",
                {201: enveloped(component("NewApiKey"))},
                refusals=refusals.of_platform(body=True),
                security=[BEARER],
                body=fields(
                    {"api_key": fields({"name": NAME}, {"expires_at": or_null(MOMENT)})},
                ),
            ),
        },
        "/api-keys/{key_id}": {
            "get": operation(
                "readApiKey",
                "One key without its secret.",
                {200: enveloped(component("ApiKey"))},
                refusals=refusals.of_platform(by_id=True),
                security=[BEARER],
                parameters=[in_path("key_id")],
            ),
            "put": operation(
                "changeApiKey",
                "Rename a key, or switch it on or off.",
                {204: None},
                refusals=refusals.of_platform(by_id=True, body=True),
                security=[BEARER],
                parameters=[in_path("key_id")],
                body=fields({"api_key": _CHANGE}),
            ),
            "delete": operation(
                "revokeApiKey",
                "Make a key inactive for good; its row stays.",
                {204: None},
                refusals=refusals.of_platform(by_id=True),
                security=[BEARER],
                parameters=[in_path("key_id")],
            ),
        },
    },
)
