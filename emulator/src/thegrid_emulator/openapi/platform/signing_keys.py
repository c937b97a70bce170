"""Signing keys, scope `keys:manage`."""

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
    component,
    enveloped,
    fields,
    or_null,
    record,
)

_BASE64_OF_32_BYTES: Schema = {"type": "string", "pattern": "^[A-Za-z0-9+/]{43}=$"}

_SUMMARY: dict[str, Schema] = {
    "id": IDENTIFIER,
    "label": NAME,
    "fingerprint_prefix": {"type": "string", "minLength": 8, "maxLength": 8},
    "is_active": FLAG,
    "created_at": MOMENT,
    "last_used_at": or_null(MOMENT),
}

SUBJECT = Subject(
    components={
        "SigningKey": record(_SUMMARY),
        "NewSigningKey": record(
            {
                **_SUMMARY,
                "public_key": _BASE64_OF_32_BYTES,
                "fingerprint": {"type": "string", "pattern": "^[A-Za-z0-9+/]{43}$"},
            }
        ),
        "RevokedSigningKey": record(
            {"id": IDENTIFIER, "label": NAME, "public_key": _BASE64_OF_32_BYTES}
        ),
    },
    paths={
        "/signing-keys": {
            "get": operation(
                "listSigningKeys",
                "All keys, revoked ones too, with the first characters of their fingerprints.",
                {200: enveloped(array(component("SigningKey")))},
                refusals=refusals.of_platform(),
                security=[BEARER],
            ),
            "post": operation(
                "registerSigningKey",
                "Register the raw 32 bytes of an Ed25519 public key; URL-safe and unpadded base64 "
                "are taken too.",
                {201: enveloped(component("NewSigningKey"))},
                refusals=refusals.of_platform(body=True),
                security=[BEARER],
                body=fields(
                    {"signing_key": fields({"label": NAME, "public_key": _BASE64_OF_32_BYTES})}
                ),
            ),
        },
        "/signing-keys/{key_id}": {
            "delete": operation(
                "revokeSigningKey",
                "Make a key inactive for good; its row stays.",
                {200: enveloped(component("RevokedSigningKey"))},
                refusals=refusals.of_platform(by_id=True),
                security=[BEARER],
                parameters=[in_path("key_id")],
            )
        },
    },
)
