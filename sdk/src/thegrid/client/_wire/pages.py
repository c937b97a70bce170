"""One page of a listing, in each of the market's envelopes.

Cursors follow The Grid's documentation, "Pagination"; the older envelope with `meta` counts pages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic

from thegrid.client._wire.fields import Json, T, boolean, first, rows, section, text, whole_or_none


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a listing.

    Attributes:
        items: In the market's order.
        next_cursor: What asks for the next page, or None where there is no asking.
        has_more: Whether the market has more than this.
    """

    items: tuple[T, ...]
    next_cursor: str | None
    has_more: bool


def page(body: Json, reader: Callable[[Json], T]) -> Page[T]:
    """Read a page. Without a word about paging it is the last one.

    Args:
        body: The decoded answer.
        reader: Reads one row.

    Returns:
        The page.
    """
    if not isinstance(body["data"], list):
        raise TypeError
    items = rows(body["data"], reader)
    paging = section(body, "paging")
    if not paging:
        return Page(items, None, _has_more_pages(section(body, "meta"), len(items)))
    cursor = first(paging, "next_cursor")
    next_cursor = None if cursor is None else text(cursor)
    return Page(items, next_cursor, boolean(paging.get("has_more", next_cursor is not None)))


def _has_more_pages(meta: Json, shown: int) -> bool:
    """Tell from the older envelope whether a listing goes on; such pages cannot be asked for."""
    counts = section(meta, "pagination") or meta
    pages, current = (whole_or_none(counts.get(name)) for name in ("total_pages", "current_page"))
    if pages is not None and current is not None:
        return current < pages
    total = whole_or_none(first(counts, "total_count", "total"))
    offset = whole_or_none(first(counts, "current_offset", "offset")) or 0
    return total is not None and offset + shown < total
