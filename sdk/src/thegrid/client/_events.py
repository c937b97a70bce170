"""Server-sent events, from bytes as they arrive to events.

The format is that of the HTML Living Standard (WHATWG), "Server-sent events", section "Interpreting
an event stream". What an event's data means is not known here.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

_LINE_END = re.compile("\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """An event as it was sent: its type, `message` where none was named, and its data."""

    type: str
    data: str


class EventReader:
    """Puts events together from pieces of a stream, however they were cut.

    An event that the stream's end cuts off never comes out, as the standard demands.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
        self._unfinished = ""
        self._after_carriage_return = False
        self._type = ""
        self._data: list[str] = []

    def feed(self, piece: bytes) -> Iterator[ServerSentEvent]:
        """Take the next bytes of the stream.

        Args:
            piece: The bytes, cut anywhere.

        Yields:
            The events that are whole now.
        """
        for line in self._lines(self._decoder.decode(piece)):
            if line:
                self._take(line)
                continue
            if self._data:
                yield ServerSentEvent(self._type or "message", "\n".join(self._data))
            self._type, self._data = "", []

    def _lines(self, text: str) -> list[str]:
        """Cut off the lines that are whole; a line end may be cut in two itself."""
        if not text:
            return []
        if self._after_carriage_return:
            text = text.removeprefix("\n")
        self._after_carriage_return = text.endswith("\r")
        *lines, self._unfinished = _LINE_END.split(self._unfinished + text)
        return lines

    def _take(self, line: str) -> None:
        """Take a field; a comment, and what only matters for reconnecting, is passed over."""
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._type = value
