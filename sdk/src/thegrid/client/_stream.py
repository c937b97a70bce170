"""Answers that come bit by bit: the events of a chat completion or of a message.

The formats are the public ones of OpenAI (`data: [DONE]` ends a stream) and Anthropic (the event
`message_stop` does). A stream that breaks off before its end says so, so that half an answer is not
taken for a whole one.
"""

from __future__ import annotations

import weakref
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from thegrid.client import _wire
from thegrid.client._call import Call
from thegrid.client._events import EventReader, ServerSentEvent
from thegrid.client._http import Closing, describe
from thegrid.client._redirects import OpenAnswer
from thegrid.client._refusal import without_secrets
from thegrid.client.errors import Unreachable, one_line

_END = "[DONE]"
_LAST_EVENT = "message_stop"


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event of an answer.

    Attributes:
        type: The event's name, `message` for all events of a chat completion.
        data: What it holds, in the public format of the route that was asked.
    """

    type: str
    data: dict[str, Any]


class AnswerStream(Closing, Iterator[StreamEvent]):
    """The events of one answer, as they arrive. Not for several threads.

    Looking at it raises `Unreachable` when the answer breaks off, and when the supplier reports an
    error in it. It closes its connection at its end, at the end of a `with` block, and when it is
    given up.

    Attributes:
        request_id: The handle of the call's receipt (`Inference.usage_receipt`), or None.

    Args:
        call: What was asked.
        answer: The answer, not read yet.
    """

    def __init__(self, call: Call, answer: OpenAnswer) -> None:
        self.request_id = answer.request_id
        self._events = _events_of(call, answer.response)
        self._give_up = weakref.finalize(self, answer.response.close)

    def __next__(self) -> StreamEvent:
        return next(self._events)

    def close(self) -> None:
        """Close the connection; what has not arrived is lost."""
        self._events.close()
        self._give_up()


def _events_of(call: Call, response: httpx.Response) -> Generator[StreamEvent, None, None]:
    try:
        for event in _read(call, response):
            if event.data == _END:
                return
            decoded = _decoded(call, response, event.data)
            yield StreamEvent(event.type, decoded)
            if _LAST_EVENT in (event.type, decoded.get("type")):
                return
    finally:
        response.close()
    raise Unreachable(f"{call.name}: the answer broke off before its end")


def _read(call: Call, response: httpx.Response) -> Iterator[ServerSentEvent]:
    reader, problem = EventReader(), None
    try:
        for piece in response.iter_bytes():
            yield from reader.feed(piece)
    except httpx.RequestError as failure:  # which holds the request, and so the key
        problem = describe(failure)
    if problem:
        raise Unreachable(f"{call.name}: {problem}")


def _decoded(call: Call, response: httpx.Response, data: str) -> dict[str, Any]:
    """Decode an event's data; one that reports an error ends the answer."""
    body = data.encode(errors="replace")
    problem = None
    try:
        decoded = dict(_wire.parse(body, lambda told: told, number=float))
    except _wire.UnusableAnswer:
        problem = "an event is not a JSON object"
    else:
        if not decoded.get("error"):
            return decoded
        code, message = _wire.error_texts(body)
        said = one_line(without_secrets(f"{code} {message}".strip(), call, response))
        problem = f"the supplier gave up: {said}"
    raise Unreachable(f"{call.name}: {problem}")
