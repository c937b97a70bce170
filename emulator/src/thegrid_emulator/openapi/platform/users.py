"""The user's own profile, scope `account:read`."""

from thegrid_emulator.openapi import refusals
from thegrid_emulator.openapi.document import Subject
from thegrid_emulator.openapi.operation import BEARER, operation
from thegrid_emulator.openapi.schema import (
    FLAG,
    TEXT,
    array,
    component,
    enveloped,
    one_of,
    record,
)

_USER = record(
    {
        "id": TEXT,
        "email": TEXT,
        "name": TEXT,
        "verification_status": one_of("pending", "verified"),
        "kyc_status": TEXT,
        "aml_status": TEXT,
        "has_password": FLAG,
        "has_accepted_legal_documents": FLAG,
        "connected_providers": array(TEXT),
    }
)

SUBJECT = Subject(
    components={"User": _USER},
    paths={
        "/users/self": {
            "get": operation(
                "readUser",
                "Who the caller is, and what they have confirmed and accepted.",
                {200: enveloped(component("User"))},
                refusals=refusals.of_platform(),
                security=[BEARER],
            )
        }
    },
)
