"""What one route takes and answers, as OpenAPI writes it."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from thegrid_emulator.openapi.schema import MOMENT, TEXT, WHOLE, Schema, one_of

Operation = dict[str, object]
Parameter = dict[str, object]
Answers = Mapping[int, Schema | None]
"""Body by status; None for an empty body."""

BEARER = "bearer"
SIGNATURE = "signature"
API_KEY = "api_key"
URL_TOKEN = "url_token"  # noqa: S105 -- the name of a scheme


def operation(
    name: str,
    summary: str,
    answers: Answers,
    *,
    refusals: Answers,
    security: Sequence[str] = (),
    optional_security: bool = False,
    parameters: Sequence[Parameter] = (),
    body: Schema | None = None,
    form: bool = False,
    headers: Mapping[int, Sequence[str]] | None = None,
    stream: bool = False,
) -> Operation:
    """Return one operation.

    Args:
        name: unique in its document.
        summary: what the route does, in one sentence.
        answers: what it answers when all is well.
        refusals: what it answers otherwise; see `thegrid_emulator.openapi.refusals`.
        security: names of the schemes of which one lets the caller in; none for everybody.
        optional_security: whether nobody needs any of them.
        parameters: in path and query.
        body: schema of the JSON body, if the route reads one.
        form: whether the body may come as a form as well.
        headers: names of headers by status, besides those of every answer.
        stream: whether a success may come as server-sent events as well.
    """
    described: Operation = {
        "operationId": name,
        "summary": summary,
        "security": [{scheme: []} for scheme in security] + [{}] * optional_security,
        "responses": {
            str(status): _response(status, schema, (headers or {}).get(status, ()), stream=stream)
            for status, schema in {**answers, **refusals}.items()
        },
    }
    if parameters:
        described["parameters"] = list(parameters)
    if body is not None:
        kinds = ["application/json", *(["application/x-www-form-urlencoded"] if form else [])]
        described["requestBody"] = {
            "required": True,
            "content": {kind: {"schema": body} for kind in kinds},
        }
    return described


def in_path(name: str, schema: Schema = TEXT) -> Parameter:
    """Return a part of the path."""
    return {"name": name, "in": "path", "required": True, "schema": schema}


def in_query(name: str, schema: Schema = TEXT, *, required: bool = False) -> Parameter:
    """Return a query parameter."""
    return {"name": name, "in": "query", "required": required, "schema": schema}


def paged(largest: int = 100) -> list[Parameter]:
    """Return the parameters of a list with cursors.

    Args:
        largest: the most entries of a page; the market takes a larger number for this one.
    """
    limit = in_query("limit", {"type": "integer", "minimum": 1, "default": 50})
    limit["description"] = f"More than {largest} count as {largest}."
    return [limit, in_query("next"), in_query("prev")]


def sorted_by(*names: str, direction: str = "asc") -> list[Parameter]:
    """Return the parameters that sort a list.

    Args:
        names: of the fields it can be sorted by.
        direction: which way, if not said.
    """
    way = {**one_of("asc", "desc"), "default": direction}
    return [in_query("order_by", one_of(*names)), in_query("order_direction", way)]


TIME_FILTER: Schema = {"anyOf": [MOMENT, WHOLE]}
"""A moment in a filter: ISO 8601 or Unix seconds."""

_COMMON_HEADERS = (
    "x-request-id",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
)
_LIMIT_HEADERS = ("retry-after", "x-ratelimit-retry-after")


def _response(
    status: int, schema: Schema | None, headers: Sequence[str], *, stream: bool
) -> dict[str, object]:
    limits = _LIMIT_HEADERS if status == HTTPStatus.TOO_MANY_REQUESTS else ()
    described: dict[str, object] = {
        "description": HTTPStatus(status).phrase,
        "headers": {
            name: {"$ref": f"#/components/headers/{name}"}
            for name in (*_COMMON_HEADERS, *limits, *headers)
        },
    }
    if schema is not None:
        content: dict[str, object] = {"application/json": {"schema": schema}}
        if stream and status == HTTPStatus.OK:
            content["text/event-stream"] = {"schema": TEXT}
        described["content"] = content
    return described


HEADERS: dict[str, object] = {
    "x-request-id": {"description": "Quote it to support.", "schema": TEXT},
    "x-ratelimit-limit": {"description": "Requests allowed in the window.", "schema": WHOLE},
    "x-ratelimit-remaining": {"description": "Requests left in it.", "schema": WHOLE},
    "x-ratelimit-reset": {"description": "Unix time at which it resets.", "schema": WHOLE},
    "x-ratelimit-retry-after": {"description": "Seconds to wait.", "schema": WHOLE},
    "retry-after": {"description": "Seconds to wait.", "schema": WHOLE},
    "x-grid-request-id": {"description": "Handle of the usage receipt.", "schema": TEXT},
    "location": {"description": "Where the call is answered, once.", "schema": TEXT},
}
"""Headers among the components of every document."""

SECURITY_SCHEMES: dict[str, dict[str, object]] = {
    BEARER: {"type": "http", "scheme": "bearer"},
    SIGNATURE: {
        "type": "apiKey",
        "in": "header",
        "name": "x-thegrid-signature",
        "description": "Ed25519 over timestamp + METHOD + path + body, with the headers "
        "x-thegrid-timestamp and x-thegrid-fingerprint.",
    },
    API_KEY: {"type": "apiKey", "in": "header", "name": "x-api-key"},
    URL_TOKEN: {"type": "apiKey", "in": "query", "name": "token"},
}
"""How callers are recognised."""
