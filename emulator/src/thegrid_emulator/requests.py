"""What handlers read from a request."""

import json
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import NoReturn, cast
from urllib.parse import parse_qsl

from starlette.requests import Request

from thegrid_emulator.errors import InvalidFieldsError, MarketError
from thegrid_emulator.state.journal import JournalEntry
from thegrid_emulator.state.venue import Venue


def venue_of(request: Request) -> Venue:
    """Return the market as a request may see it: listings may be late."""
    return cast("Venue", request.scope["state"].get("late_venue", request.app.state.venue))


def live_venue_of(request: Request) -> Venue:
    """Return the market as it is now, by which every request is authenticated."""
    return cast("Venue", request.app.state.venue)


def journal_entry_of(request: Request) -> JournalEntry:
    """Return the journal's entry of a request, to write down who asked."""
    return cast("JournalEntry", request.state.journal_entry)


def bearer_token(request: Request) -> str | None:
    """Return the token of `Authorization: Bearer TOKEN`, or None if there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


async def json_object(request: Request) -> dict[str, object]:
    """Return the body, which must be a JSON object; fractions come as Decimal.

    Raises:
        MarketError: 400 if it is not.
    """
    return parse_object(await request.body())


def parse_object(body: bytes) -> dict[str, object]:
    """Read a JSON object; fractions come as Decimal.

    Raises:
        MarketError: 400 if it is none.
    """
    try:
        content = json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
        _refuse_lone_surrogates(body, content)
    except (ValueError, RecursionError, InvalidOperation):
        content = None
    if not isinstance(content, dict):
        raise MarketError(
            HTTPStatus.BAD_REQUEST, "malformed_json", "the body must be a JSON object"
        )
    return content


async def wrapped_object(request: Request, name: str) -> dict[str, object]:
    """Return the object under one name of the body, as in `{"api_key": {...}}`.

    Raises:
        MarketError: 400 if the body is no JSON object.
        InvalidFieldsError: if there is no object under the name.
    """
    content = (await json_object(request)).get(name)
    if not isinstance(content, dict):
        raise InvalidFieldsError(name, "must be an object")
    return content


async def form_or_json(request: Request) -> dict[str, object]:
    """Return the fields of a form or JSON body.

    RFC 6749 asks for a form; the vendor's clients send JSON.

    Raises:
        MarketError: 400 if the body is neither.
    """
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        try:
            return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        except ValueError:
            raise MarketError(HTTPStatus.BAD_REQUEST, "malformed_form") from None
    return await json_object(request)


def _refuse_lone_surrogates(body: bytes, content: object) -> None:
    r"""Refuse half of a surrogate pair (`"\ud800"`), which no answer could repeat in UTF-8."""
    if b"\\ud" in body.lower():
        json.dumps(content, ensure_ascii=False, default=str).encode()


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON (RFC 8259, section 6)")
