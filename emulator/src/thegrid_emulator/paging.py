"""Listings in pages: opaque cursors, page sizes, filters, order. Pure: no request, no clock.

As "Pagination" in the vendor's documentation has it: `limit`, and `next` or `prev` with a cursor
of the page before. What the page leaves open is read strictly, so that a careless client is found
out: a cursor is good for the same filters and order only, and for a short time.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Generic

from thegrid_emulator.errors import MarketError, impossible_parameter, wrong_parameter
from thegrid_emulator.filters import Filter, Row, Row_contra, flat_conditions, flop_conditions
from thegrid_emulator.rules import Rules
from thegrid_emulator.state.digests import digest
from thegrid_emulator.timestamps import unix_seconds

DEFAULT_PAGE = 50
LARGEST_PAGE = 100

_INTEGER = re.compile(r"-?[0-9]+", re.ASCII)
_MOST_DIGITS = 9
_DIRECTIONS = ("asc", "desc")


@dataclass(frozen=True, kw_only=True)
class Listing(Generic[Row_contra]):
    """How rows of one kind are listed.

    Attributes:
        identify: a row's id.
        order_by: what a listing can be sorted by; the first is the default.
        filters: flat filters by parameter.
        flop: whether Flop's filters and order are understood too.
        descending: whether it is sorted so unless asked otherwise.
        largest_page: the most rows of a page; a larger wish is cut down to it.
    """

    identify: Callable[[Row_contra], str]
    order_by: Mapping[str, Callable[[Row_contra], Any]]
    filters: Mapping[str, Filter[Row_contra]]
    flop: bool = False
    descending: bool = False
    largest_page: int = LARGEST_PAGE


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page.

    Attributes:
        rows: in the listing's order.
        next_cursor: leads to the rows behind, None if there are none.
        prev_cursor: leads to the rows before, None if there are none.
        has_more: whether rows remain in the direction of travel.
    """

    rows: Sequence[Row]
    next_cursor: str | None
    prev_cursor: str | None
    has_more: bool

    def envelope(self, view: Callable[[Row], object]) -> dict[str, object]:
        """Return the JSON object of the answer.

        Args:
            view: how one row looks.
        """
        paging = {
            "next_cursor": self.next_cursor,
            "prev_cursor": self.prev_cursor,
            "has_more": self.has_more,
        }
        return {"data": [view(row) for row in self.rows], "paging": paging}


def read_page(
    listing: Listing[Row],
    rows: Sequence[Row],
    parameters: Mapping[str, str],
    *,
    now: datetime,
    rules: Rules,
) -> Page[Row]:
    """Return the page that a query asks for.

    Args:
        listing: how these rows are listed.
        rows: all that the caller may see, oldest first.
        parameters: of the query; unknown ones are ignored.
        now: the market's time.
        rules: how long a cursor lasts, and whether listings lose theirs.

    Raises:
        MarketError: 400 if a parameter is not of its type, both cursors are given, or a cursor is
            none of this listing or has expired; 422 if a value is out of range, or a numeric page
            is asked for.
    """
    if parameters.get("page"):
        raise impossible_parameter("page", "is not supported; follow paging.next_cursor")
    size = page_size(parameters, listing.largest_page)
    asked = _asked_cursor(parameters)
    ordered = _in_order(listing, rows, parameters)
    conditions = flat_conditions(listing.filters, parameters)
    if listing.flop:
        conditions += flop_conditions(listing.filters, parameters.items())
    cursors = _Cursors(_fingerprint(listing, parameters), now, rules.cursor_seconds)

    start = 0
    if asked is not None:
        anchor = cursors.read(asked.name, asked.text)
        start = _index_of(listing, ordered, anchor, asked.name) + asked.is_forward
    before = [row for row in ordered[:start] if all(holds(row) for holds in conditions)]
    behind = [row for row in ordered[start:] if all(holds(row) for holds in conditions)]

    forward = asked is None or asked.is_forward
    page = behind[:size] if forward else before[-size:]
    more_behind = len(behind) > size if forward else bool(behind)
    more_before = bool(before) if forward else len(before) > size
    shows_cursors = bool(page) and not rules.listings_lose_their_cursor
    return Page(
        rows=page,
        next_cursor=cursors.write(listing.identify(page[-1]))
        if more_behind and shows_cursors
        else None,
        prev_cursor=cursors.write(listing.identify(page[0]))
        if more_before and shows_cursors
        else None,
        has_more=more_behind if forward else more_before,
    )


def page_size(parameters: Mapping[str, str], largest: int = LARGEST_PAGE) -> int:
    """Return how many rows a query asks for by `limit`.

    Args:
        parameters: of the query.
        largest: the most that a page has; a larger wish is cut down to it.

    Raises:
        MarketError: 400 if `limit` is no integer, 422 if it is below 1.
    """
    text = parameters.get("limit") or str(DEFAULT_PAGE)
    if not _INTEGER.fullmatch(text):
        raise wrong_parameter("limit", "an integer")
    if text.startswith("-") or not text.strip("0"):
        raise impossible_parameter("limit", "must be at least 1")
    return largest if len(text) > _MOST_DIGITS else min(int(text), largest)


@dataclass(frozen=True)
class _AskedCursor:
    name: str
    text: str

    @property
    def is_forward(self) -> bool:
        return self.name == "next"


@dataclass(frozen=True)
class _Cursors:
    """Writes and reads cursors: base64 of `{"id", "at", "of"}`.

    Attributes:
        listing: which filters and order they belong to.
        now: the market's time.
        seconds: how long one lasts.
    """

    listing: str
    now: datetime
    seconds: int

    def write(self, row_id: str) -> str:
        content = {"id": row_id, "at": unix_seconds(self.now), "of": self.listing}
        return base64.b64encode(json.dumps(content).encode()).decode()

    def read(self, name: str, text: str) -> str:
        """Return the id that a cursor holds."""
        try:
            # A plus sign that was not percent-encoded arrives as a space.
            content = json.loads(base64.b64decode(text.replace(" ", "+"), validate=True))
        except (ValueError, RecursionError):
            raise _bad_cursor(name) from None
        match content:
            case {"id": str(row_id), "at": int(written_at), "of": self.listing}:
                if not 0 <= unix_seconds(self.now) - written_at <= self.seconds:
                    raise MarketError(
                        HTTPStatus.BAD_REQUEST,
                        "expired_cursor",
                        f"{name}: has expired; list from the beginning",
                    )
                return row_id
        raise _bad_cursor(name)


def _bad_cursor(name: str) -> MarketError:
    return MarketError(
        HTTPStatus.BAD_REQUEST,
        "invalid_cursor",
        f"{name}: must be a cursor of the same listing, with the same filters and order",
    )


def _asked_cursor(parameters: Mapping[str, str]) -> _AskedCursor | None:
    given = [
        _AskedCursor(name, parameters[name]) for name in ("next", "prev") if parameters.get(name)
    ]
    if len(given) > 1:
        raise wrong_parameter("next", "given without prev")
    return given[0] if given else None


def _in_order(
    listing: Listing[Row], rows: Sequence[Row], parameters: Mapping[str, str]
) -> list[Row]:
    """Sort by the wanted field; equal rows keep the order in which they came to be."""
    name = _order_parameter(listing, parameters, "order_by", "order_by[]", tuple(listing.order_by))
    direction = _order_parameter(
        listing, parameters, "order_direction", "order_directions[]", _DIRECTIONS
    )
    key = listing.order_by[name or next(iter(listing.order_by))]
    descending = listing.descending if direction is None else direction == "desc"

    def place(numbered: tuple[int, Row]) -> tuple[bool, Any, int]:
        number, row = numbered
        value = key(row)
        return value is not None, value, number

    return [row for _, row in sorted(enumerate(rows), key=place, reverse=descending)]


def _order_parameter(
    listing: Listing[Row],
    parameters: Mapping[str, str],
    flat: str,
    flop: str,
    allowed: Sequence[str],
) -> str | None:
    for name in (flat, flop) if listing.flop else (flat,):
        wanted = parameters.get(name)
        if wanted:
            if wanted not in allowed:
                raise impossible_parameter(name, "must be one of " + ", ".join(allowed))
            return wanted
    return None


def _fingerprint(listing: Listing[Row], parameters: Mapping[str, str]) -> str:
    """Return what tells one selection and order of rows from another."""
    names = {"order_by", "order_direction", *listing.filters}
    chosen = sorted(
        (name, text)
        for name, text in parameters.items()
        if text and (name in names or name.startswith(("filters[", "order_")))
    )
    return digest(repr(chosen))[:16]


def _index_of(listing: Listing[Row], ordered: Sequence[Row], row_id: str, name: str) -> int:
    for index, row in enumerate(ordered):
        if listing.identify(row) == row_id:
            return index
    raise _bad_cursor(name)
