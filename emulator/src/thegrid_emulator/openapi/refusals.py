"""How each surface says no: the bodies of errors, by status.

    Error        {"errors": {"detail": CODE, "message"?: TEXT}}
    FieldErrors  {"errors": {"detail": {FIELD: [MESSAGE, ...]}}}
    OAuthError   {"error": CODE, "error_description": TEXT}

Source: "Errors and rate limits" in the vendor's documentation; RFC 6749, section 5.2.
"""

from http import HTTPStatus

from thegrid_emulator.openapi.operation import Answers
from thegrid_emulator.openapi.schema import (
    TEXT,
    Schema,
    always,
    array,
    component,
    either,
    record,
)

_ERRORS = record({"detail": TEXT}, {"message": TEXT})

COMPONENTS: dict[str, Schema] = {
    "Error": record({"errors": _ERRORS}),
    "FieldErrors": record(
        {
            "errors": record(
                {
                    "detail": {
                        "type": "object",
                        "minProperties": 1,
                        "additionalProperties": {**array(TEXT), "minItems": 1},
                    }
                }
            )
        }
    ),
    "OAuthError": record({"error": TEXT}, {"error_description": TEXT}),
    "MessagesError": record({"type": always("error"), "errors": _ERRORS}),
}
"""Schemas of errors, for every document."""

ERROR = component("Error")
FIELD_ERRORS = component("FieldErrors")
OAUTH_ERROR = component("OAuthError")
MESSAGES_ERROR = component("MessagesError")

_LIMITED: Answers = {HTTPStatus.TOO_MANY_REQUESTS: ERROR}
_UNKNOWN: Answers = {HTTPStatus.NOT_FOUND: ERROR}


def of_everybody() -> Answers:
    """Return the refusals of a route that asks for no credential."""
    return _LIMITED


def of_oauth() -> Answers:
    """Return the refusals of an OAuth endpoint with a body."""
    malformed_or_refused = either(OAUTH_ERROR, ERROR)
    return {**_LIMITED, HTTPStatus.BAD_REQUEST: malformed_or_refused}


def of_platform(*, by_id: bool = False, body: bool = False) -> dict[int, Schema | None]:
    """Return the refusals of a platform route behind a bearer.

    Args:
        by_id: whether the path names a thing.
        body: whether the route reads one.
    """
    return {
        **_LIMITED,
        HTTPStatus.UNAUTHORIZED: OAUTH_ERROR,
        HTTPStatus.FORBIDDEN: OAUTH_ERROR,
        **(_UNKNOWN if by_id else {}),
        **({HTTPStatus.BAD_REQUEST: ERROR} if body else {}),
        **({HTTPStatus.UNPROCESSABLE_ENTITY: FIELD_ERRORS} if body else {}),
    }


def of_trading(
    *, by_id: bool = False, body: bool = False, query: bool = False
) -> dict[int, Schema | None]:
    """Return the refusals of a trading route behind a signature or bearer.

    Args:
        by_id: whether the request names a thing that may not exist.
        body: whether the route reads one.
        query: whether the route reads parameters that can be wrong.
    """
    return {
        **_LIMITED,
        HTTPStatus.UNAUTHORIZED: ERROR,
        HTTPStatus.FORBIDDEN: ERROR,
        **(_UNKNOWN if by_id else {}),
        **({HTTPStatus.BAD_REQUEST: ERROR} if body or query else {}),
        **({HTTPStatus.UNPROCESSABLE_ENTITY: ERROR} if body or query else {}),
    }
