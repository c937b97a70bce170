"""Messages in the public Anthropic shape."""

from collections.abc import Iterator
from dataclasses import dataclass

from thegrid_emulator.inference import checks
from thegrid_emulator.inference.answer import Answer, Question, answer, serving_model

PATH = "/v1/messages"

_ROLES = ("user", "assistant")


@dataclass(frozen=True)
class MessagesRequest:
    """A Messages request that has been checked.

    Attributes:
        question: what is asked.
        stream: whether the answer is wanted piece by piece.
    """

    question: Question
    stream: bool


def read(body: checks.Body) -> MessagesRequest:
    """Check a request.

    Raises:
        MarketError: 400 for a wrong type, 422 for a value out of range.
    """
    checks.number(body, "temperature", 0, 1)
    checks.number(body, "top_p", 0, 1)
    checks.integer(body, "top_k", 0)
    budget = checks.integer(body, "max_tokens", 1)
    if budget is None:
        raise checks.malformed("max_tokens", "an integer")
    for tool in checks.objects(body, "tools"):
        checks.text(tool, "name")
    messages = checks.conversation(body, _ROLES)
    turns = [checks.plain_text(message.get("content")) for message in messages]
    system = checks.plain_text(body.get("system"))
    return MessagesRequest(
        question=Question(
            prompt=(system, *turns) if system else tuple(turns),
            token_budget=budget,
            stop=checks.strings(body, "stop_sequences"),
        ),
        stream=checks.flag(body, "stream"),
    )


def message(request: MessagesRequest, request_id: str, instrument: str) -> dict[str, object]:
    """Return the whole answer."""
    given = answer(request.question)
    return _head(request_id, instrument) | {
        "content": [{"type": "text", "text": given.text}],
        "stop_reason": _reason(given),
        "stop_sequence": given.stopped_by,
        "usage": {"input_tokens": given.prompt_tokens, "output_tokens": given.tokens},
    }


def events(
    request: MessagesRequest, request_id: str, instrument: str
) -> Iterator[dict[str, object]]:
    """Return the answer event by event; each event's name is its `type`."""
    given = answer(request.question)
    start = _head(request_id, instrument) | {
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": given.prompt_tokens, "output_tokens": 0},
    }
    yield {"type": "message_start", "message": start}
    block = {"type": "text", "text": ""}
    yield {"type": "content_block_start", "index": 0, "content_block": block}
    for piece in given.pieces:
        delta = {"type": "text_delta", "text": piece}
        yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    yield {
        "type": "message_delta",
        "delta": {"stop_reason": _reason(given), "stop_sequence": given.stopped_by},
        "usage": {"output_tokens": given.tokens},
    }
    yield {"type": "message_stop"}


def _head(request_id: str, instrument: str) -> dict[str, object]:
    return {
        "id": f"msg_{request_id}",
        "type": "message",
        "role": "assistant",
        "model": serving_model(instrument),
    }


def _reason(given: Answer) -> str:
    if given.cut_by_budget:
        return "max_tokens"
    return "end_turn" if given.stopped_by is None else "stop_sequence"
