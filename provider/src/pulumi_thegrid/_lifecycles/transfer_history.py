"""Reading the history of transfers from its newest end, as far back as somebody needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from thegrid.client import Client, Listing
from thegrid.core.model import Transfer
from thegrid.core.watermark import MARGIN, Watermark, time_of

_PAGE = 100
"""So many rows must have come newest first before the order is relied on; fewer are one request."""


def newest_first(client: Client, instrument_id: str) -> Listing[Transfer]:
    """Open the history of an instrument; nothing is asked until it is looked at."""
    return client.transfers(
        instrument_id=instrument_id, order_by="transferred_at", order_direction="desc"
    )


def read_back(
    history: Iterable[Transfer], is_enough: Callable[[Transfer, Transfer], bool]
) -> tuple[Transfer, ...]:
    """Read a history until it is known that nothing newer is left in it.

    A market that ignores the order that was asked for is read to its end.

    Args:
        history: The transfers, newest first if the market does as asked.
        is_enough: Tells, from the newest transfer and a later row, whether that row is so much
            older that all behind it can be left out.

    Returns:
        What was read.
    """
    rows: list[Transfer] = []
    in_order = True
    for row in history:
        in_order = in_order and not (rows and _is_newer(row, rows[-1]))
        rows.append(row)
        if in_order and len(rows) >= _PAGE and is_enough(rows[0], row):
            break
    return tuple(rows)


def watermark_of(client: Client, instrument_id: str) -> Watermark:
    """Take the watermark of an instrument's history.

    Args:
        client: Of the account whose history it is.
        instrument_id: Of which instrument.

    Raises:
        Refused: The market said no.
        Unreachable: No usable answer came.
    """
    history = newest_first(client, instrument_id)
    return Watermark.of(read_back(history, _is_beyond_margin))


def _is_beyond_margin(newest: Transfer, row: Transfer) -> bool:
    latest, time = time_of(newest), time_of(row)
    return latest is not None and time is not None and time < latest - MARGIN


def _is_newer(row: Transfer, other: Transfer) -> bool:
    """Compare times; a row without one counts as newer than any, so that it breaks the order."""
    time, other_time = time_of(row), time_of(other)
    return time is None or (other_time is not None and time > other_time)
