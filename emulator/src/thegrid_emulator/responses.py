"""Answers: envelopes, and how an error becomes one."""

import secrets
from collections.abc import Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ExceptionHandler

from thegrid_emulator.errors import MarketError


def data(content: object, status: HTTPStatus = HTTPStatus.OK) -> JSONResponse:
    """Return `{"data": content}`."""
    return JSONResponse({"data": content}, status)


def no_content() -> Response:
    """Return 204."""
    return Response(status_code=HTTPStatus.NO_CONTENT)


def decimal_string(amount: Decimal | None) -> str | None:
    """Return an amount of money as the market writes it: decimal, no exponent."""
    return None if amount is None else f"{amount:f}"


def new_request_id() -> str:
    """Return a value for `x-request-id`: 20 characters."""
    return secrets.token_urlsafe(15)


def error_handlers(extra: Mapping[str, object] | None = None) -> dict[Any, ExceptionHandler]:
    """Return Starlette's exception handlers of one surface.

    Args:
        extra: members that each error body of this surface has besides the envelope.
    """
    added = dict(extra or {})

    async def market_error(_request: Request, error: Exception) -> Response:
        assert isinstance(error, MarketError)  # noqa: S101 -- registered for this class below
        return JSONResponse(error.body() | added, error.status)

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 -- registered for this class below
        status = HTTPStatus(error.status_code)
        return await market_error(request, MarketError(status, code_of(status)))

    async def bug(request: Request, _error: Exception) -> Response:
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return await market_error(request, MarketError(status, code_of(status)))

    return {MarketError: market_error, HTTPException: http_error, Exception: bug}


def fixed_answer(status: int, body: object, retry_after: int | None) -> Response:
    """Return the answer that a fault prescribes.

    Args:
        status: HTTP status.
        body: a string is sent as it is, anything else as JSON; None for the documented envelope.
        retry_after: seconds for the header `retry-after`, if any.
    """
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    if isinstance(body, str):
        return Response(body, status, headers, media_type="text/plain")
    envelope = {"errors": {"detail": code_of(HTTPStatus(status))}} if body is None else body
    return JSONResponse(envelope, status, headers)


def code_of(status: HTTPStatus) -> str:
    """Return the machine code that stands for a status, for example `not_found`."""
    return status.phrase.lower().replace(" ", "_").replace("-", "_")
