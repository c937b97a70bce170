"""How results look: JSON for scripts, small tables for people, colours on terminals only.

Results go to stdout and everything else to stderr, so that a pipe gets results alone. Colours
follow `NO_COLOR` and whether stdout is a terminal, which rich looks after.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TextIO

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

_WIDTH_OF_A_PIPE = 1000
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


class Output:
    """Where one command writes.

    Args:
        as_json: Whether a script reads the result.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def show(self, document: Mapping[str, Any], *people_see: RenderableType) -> None:
        """Print a result on stdout.

        Args:
            document: What a script gets.
            *people_see: What a person gets instead.
        """
        if self.as_json:
            sys.stdout.write(json.dumps(document, indent=2, default=_json) + "\n")
        else:
            console = console_on(sys.stdout)
            for part in people_see:
                console.print(part, soft_wrap=isinstance(part, str))
        sys.stdout.flush()

    def say(self, text: str) -> None:
        """Tell a person something on stderr; a script may ignore it."""
        console_on(sys.stderr).print(text, soft_wrap=True)


def console_on(stream: TextIO) -> Console:
    """Make a console that takes texts as they are; a pipe is never cut at a terminal's width."""
    width = None if stream.isatty() else _WIDTH_OF_A_PIPE
    return Console(file=stream, width=width, markup=False, emoji=False, highlight=False)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> RenderableType:
    """Lay out a table without lines.

    Args:
        columns: The headings; one that begins with `>` is for numbers, at the right edge.
        rows: The cells.

    Returns:
        What a console prints; a dash where there are no rows.
    """
    laid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in columns:
        side = "right" if heading.startswith(">") else "left"
        laid.add_column(heading.removeprefix(">"), justify=side, overflow="fold")  # type: ignore[arg-type]
    for row in rows:
        laid.add_row(*(Text(cell(value)) for value in row))
    return laid if laid.row_count else Text("-", style="dim")


def facts(pairs: Mapping[str, object]) -> RenderableType:
    """Lay out names and values below each other; what is None is left out."""
    laid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    laid.add_column(style="bold", no_wrap=True)
    laid.add_column(overflow="fold")
    for name, value in pairs.items():
        if value is not None:
            laid.add_row(name, Text(cell(value)))
    return laid


def cell(value: object) -> str:
    """Write a value for people; what the market sends must not steer the terminal."""
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    if isinstance(value, timedelta):
        return duration(value)
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    return "".join(letter if letter.isprintable() else " " for letter in text)


def duration(length: timedelta) -> str:
    """Write a length of time in its largest whole unit, such as `53 min`."""
    seconds = int(length.total_seconds())
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return "0 s"


def time_text(time: datetime | None) -> str | None:
    """Write a time for scripts: ISO 8601 in UTC, or None."""
    return None if time is None else time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _json(value: object) -> str:
    """Write money for scripts as it is, not as a binary float."""
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} has no shape in JSON")
