"""Answers that are one page of a listing."""

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from thegrid_emulator.filters import Row
from thegrid_emulator.paging import Listing, read_page
from thegrid_emulator.requests import venue_of


def page_answer(
    request: Request,
    listing: Listing[Row],
    rows: Sequence[Row],
    view: Callable[[Row], object],
) -> Response:
    """Return the page that a request asks for.

    Args:
        request: what was received.
        listing: how these rows are listed.
        rows: all that the caller may see, oldest first.
        view: how one row looks.

    Raises:
        MarketError: 400 or 422, as `read_page`.
    """
    venue = venue_of(request)
    page = read_page(listing, rows, request.query_params, now=venue.clock.now(), rules=venue.rules)
    return JSONResponse(page.envelope(view))
