"""Listings that come in pages, and that know whether they were complete.

Paging follows The Grid's documentation, "Pagination": cursors are taken as they are, and filters
stay the same on every page.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Generic

from thegrid.client import _wire
from thegrid.client._call import Filter, call
from thegrid.client._http import Sender
from thegrid.client._wire import T
from thegrid.client.errors import Truncated

PAGE_SIZE = 100
"""Rows that a page may have, as documented; only orders allow more."""


class Listing(Iterable[T], Generic[T]):
    """Rows of the market, read page by page while they are looked at.

    It can be looked at several times; what was read once is not read again. A row that two pages
    show appears once. Reading a further page raises `Refused` or `Unreachable`, and may be tried
    again by looking at the listing again. Not for several threads.

    Args:
        name: How errors call it.
        fetch: Reads the page of a cursor; None stands for the first one.
        identity: Tells rows apart.
        keep: Tells which rows to show.
    """

    def __init__(
        self,
        name: str,
        fetch: Callable[[str | None], _wire.Page[T]],
        identity: Callable[[T], Hashable],
        keep: Callable[[T], bool] = lambda _: True,
    ) -> None:
        self._name = name
        self._fetch = fetch
        self._identity = identity
        self._keep = keep
        self._rows: list[T] = []
        self._seen: set[Hashable] = set()
        self._cursor: str | None = None
        self._used_cursors: set[str] = set()
        self._truncated: bool | None = None

    @property
    def truncated(self) -> bool | None:
        """Tell whether the market had more and gave no way to it; None until all is read."""
        return self._truncated

    def __iter__(self) -> Iterator[T]:
        shown = 0
        while True:
            while shown < len(self._rows):
                yield self._rows[shown]
                shown += 1
            if self._truncated is not None:
                return
            self._read_page()

    def all(self) -> tuple[T, ...]:
        """Read all that there is to be had; `truncated` tells whether that is all there is.

        Returns:
            The rows, in the market's order.

        Raises:
            Refused: The market said no.
            Unreachable: No usable answer came.
        """
        return tuple(self)

    def complete(self) -> tuple[T, ...]:
        """Read all that there is, so that what is missing can be concluded to be absent.

        Returns:
            The rows, in the market's order.

        Raises:
            Truncated: The market had more and gave no way to it.
            Refused: The market said no.
            Unreachable: No usable answer came.
        """
        rows = self.all()
        if self._truncated:
            raise Truncated(
                f"{self._name}: the listing broke off, so what it lacks may still be there; "
                "ask again, or with a narrower filter"
            )
        return rows

    def _read_page(self) -> None:
        page = self._fetch(self._cursor)
        for row in page.items:
            identity = self._identity(row)
            if identity not in self._seen:
                self._seen.add(identity)
                if self._keep(row):
                    self._rows.append(row)
        self._turn(page)

    def _turn(self, page: _wire.Page[T]) -> None:
        """Go on to the next page, or stop: at the end, or where the cursors lead nowhere."""
        cursor = page.next_cursor
        if not page.has_more:
            self._truncated = False
        elif cursor is None or cursor in self._used_cursors or not page.items:
            self._truncated = True
        else:
            self._used_cursors.add(cursor)
            self._cursor = cursor


def listing(
    sender: Sender,
    base: str,
    path: str,
    reader: Callable[[_wire.Json], T],
    identity: Callable[[T], Hashable],
    *,
    query: Mapping[str, Filter],
    keep: Callable[[T], bool] = lambda _: True,
) -> Listing[T]:
    """Open a listing; nothing is asked until it is looked at.

    Args:
        sender: Sends the requests.
        base: The base address.
        path: The path of the listing.
        reader: Reads one row.
        identity: Tells rows apart.
        query: The filters, the same on every page.
        keep: Tells which rows to show.

    Returns:
        The listing.
    """

    def fetch(cursor: str | None) -> _wire.Page[T]:
        request = call("GET", base, path, query={**query, "next": cursor})
        return sender.read(request, lambda body: _wire.page(body, reader))

    return Listing(f"GET {path}", fetch, identity, keep)
