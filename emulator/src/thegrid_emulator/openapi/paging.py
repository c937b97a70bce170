"""Where a list with cursors stands."""

from thegrid_emulator.openapi.schema import FLAG, TEXT, Schema, or_null, record

COMPONENTS: dict[str, Schema] = {
    "Paging": record({"next_cursor": or_null(TEXT), "prev_cursor": or_null(TEXT), "has_more": FLAG})
}
"""For every document; `has_more` may be true without a cursor, which means: truncated."""
