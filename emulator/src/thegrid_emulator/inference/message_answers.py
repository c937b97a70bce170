"""Messages in the public Anthropic shape: what an answer says, whole and in events."""

import json
from collections.abc import Iterator

from thegrid_emulator.inference.answer import Answer, serving_model
from thegrid_emulator.inference.shape import Event, Reply

JSONObject = dict[str, object]


def message(reply: Reply) -> JSONObject:
    """Return the whole answer."""
    given = reply.answer
    return _head(reply) | {
        "content": [_block(reply, given)],
        "stop_reason": _reason(given),
        "stop_sequence": given.stopped_by,
        "usage": {"input_tokens": given.prompt_tokens, "output_tokens": given.tokens},
    }


def events(reply: Reply) -> Iterator[Event]:
    """Return the answer event by event; each event's name is its `type`."""
    given = reply.answer
    start = _head(reply) | {
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": given.prompt_tokens, "output_tokens": 0},
    }
    yield Event({"type": "message_start", "message": start})
    block = _empty_block(reply, given)
    yield Event({"type": "content_block_start", "index": 0, "content_block": block})
    for piece in given.pieces:
        delta = {"type": "content_block_delta", "index": 0, "delta": _delta(given, piece)}
        yield Event(delta, tokens=1)
    yield Event({"type": "content_block_stop", "index": 0})
    ending = {
        "type": "message_delta",
        "delta": {"stop_reason": _reason(given), "stop_sequence": given.stopped_by},
        "usage": {"output_tokens": given.tokens},
    }
    yield Event(ending)
    yield Event({"type": "message_stop"})


def _block(reply: Reply, given: Answer) -> JSONObject:
    block = _empty_block(reply, given)
    if given.tool_call is None:
        return block | {"text": given.text}
    # What a budget has cut is no JSON any more.
    return block if given.cut_by_budget else block | {"input": json.loads(given.text)}


def _empty_block(reply: Reply, given: Answer) -> JSONObject:
    if given.tool_call is None:
        return {"type": "text", "text": ""}
    name = given.tool_call
    return {"type": "tool_use", "id": f"toolu_{reply.request_id}", "name": name, "input": {}}


def _delta(given: Answer, piece: str) -> JSONObject:
    if given.tool_call is None:
        return {"type": "text_delta", "text": piece}
    return {"type": "input_json_delta", "partial_json": piece}


def _head(reply: Reply) -> JSONObject:
    return {
        "id": f"msg_{reply.request_id}",
        "type": "message",
        "role": "assistant",
        "model": serving_model(reply.instrument),
    }


def _reason(given: Answer) -> str:
    if given.cut_by_budget:
        return "max_tokens"
    if given.tool_call is not None:
        return "tool_use"
    return "end_turn" if given.stopped_by is None else "stop_sequence"
