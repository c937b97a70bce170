"""Chat completions in the public OpenAI shape: what an answer says, whole and in pieces."""

from collections.abc import Iterator

from thegrid_emulator.inference.answer import Answer, serving_model
from thegrid_emulator.inference.shape import Asked, Event, Reply
from thegrid_emulator.timestamps import unix_seconds

JSONObject = dict[str, object]


def completion(reply: Reply) -> JSONObject:
    """Return the whole answer."""
    given, asked = reply.answer, reply.asked
    choices = [
        {
            "index": index,
            "message": _message(reply, given, index),
            "logprobs": _logprobs(asked, given.pieces),
            "finish_reason": _reason(given),
        }
        for index in range(asked.choices)
    ]
    return _head("chat.completion", reply) | {"choices": choices, "usage": _usage(reply, given)}


def chunks(reply: Reply) -> Iterator[Event]:
    """Return the answer piece by piece, without the closing `[DONE]`."""
    given, asked = reply.answer, reply.asked
    head = _head("chat.completion.chunk", reply)

    def chunk(index: int, delta: JSONObject, *pieces: str, reason: str | None = None) -> Event:
        choice = {"index": index, "delta": delta, "finish_reason": reason}
        if asked.logprobs:
            choice["logprobs"] = _logprobs(asked, pieces)
        return Event(head | {"choices": [choice]}, len(pieces))

    for index in range(asked.choices):
        yield chunk(index, _first_delta(reply, given, index))
        for piece in given.pieces:
            yield chunk(index, _delta(given, piece), piece)
        yield chunk(index, {}, reason=_reason(given))
    if asked.include_usage:
        yield Event(head | {"choices": [], "usage": _usage(reply, given)})


def _message(reply: Reply, given: Answer, index: int) -> JSONObject:
    message: JSONObject = {"role": "assistant", "content": given.text}
    if given.tool_call is None:
        return message
    return message | {"content": None, "tool_calls": [_call(reply, given, index, given.text)]}


def _first_delta(reply: Reply, given: Answer, index: int) -> JSONObject:
    delta: JSONObject = {"role": "assistant", "content": ""}
    if given.tool_call is None:
        return delta
    call = {"index": 0} | _call(reply, given, index, "")
    return delta | {"content": None, "tool_calls": [call]}


def _delta(given: Answer, piece: str) -> JSONObject:
    if given.tool_call is None:
        return {"content": piece}
    return {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}


def _call(reply: Reply, given: Answer, index: int, arguments: str) -> JSONObject:
    function = {"name": given.tool_call, "arguments": arguments}
    return {"id": f"call_{reply.request_id}_{index}", "type": "function", "function": function}


def _logprobs(asked: Asked, pieces: tuple[str, ...]) -> JSONObject | None:
    """Return how likely each token was: certain, for an echo."""
    if not asked.logprobs:
        return None
    tokens = [{"token": it, "logprob": 0.0, "bytes": list(it.encode())} for it in pieces]
    return {
        "content": [it | {"top_logprobs": [it] if asked.top_logprobs else []} for it in tokens],
        "refusal": None,
    }


def _head(kind: str, reply: Reply) -> JSONObject:
    return {
        "id": f"chatcmpl-{reply.request_id}",
        "object": kind,
        "created": unix_seconds(reply.now),
        "model": serving_model(reply.instrument),
    }


def _usage(reply: Reply, given: Answer) -> dict[str, int]:
    completion_tokens = given.tokens * reply.asked.choices
    return {
        "prompt_tokens": given.prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": given.prompt_tokens + completion_tokens,
    }


def _reason(given: Answer) -> str:
    if given.cut_by_budget:
        return "length"
    return "stop" if given.tool_call is None else "tool_calls"
