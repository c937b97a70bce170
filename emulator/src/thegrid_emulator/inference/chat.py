"""Chat completions in the public OpenAI shape.

Ranges are those of the vendor's "Consumption API" page; what it passes through is not checked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from thegrid_emulator.inference import checks
from thegrid_emulator.inference.answer import Answer, Question, answer, serving_model
from thegrid_emulator.timestamps import unix_seconds

PATH = "/v1/chat/completions"

_ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh")
_FORMATS = ("text", "json_object", "json_schema")


@dataclass(frozen=True)
class ChatRequest:
    """A chat completion request that has been checked.

    Attributes:
        question: what is asked.
        choices: how many answers are wanted.
        stream: whether they are wanted piece by piece.
        include_usage: whether a stream ends with the token counts.
    """

    question: Question
    choices: int
    stream: bool
    include_usage: bool


def read(body: checks.Body) -> ChatRequest:
    """Check a request.

    Raises:
        MarketError: 400 for a wrong type, 422 for a value out of range.
    """
    _check_sampling(body)
    _check_output(body)
    messages = checks.conversation(body, _ROLES)
    budget = checks.integer(body, "max_completion_tokens", 1)
    older_budget = checks.integer(body, "max_tokens", 1)
    options = checks.members(body, "stream_options")
    return ChatRequest(
        question=Question(
            prompt=tuple(checks.plain_text(message.get("content")) for message in messages),
            token_budget=older_budget if budget is None else budget,
            stop=checks.strings(body, "stop", at_most=4),
        ),
        choices=checks.integer(body, "n", 1, 128) or 1,
        stream=checks.flag(body, "stream"),
        include_usage=checks.flag(options, "include_usage"),
    )


def completion(
    request: ChatRequest, request_id: str, instrument: str, now: datetime
) -> dict[str, object]:
    """Return the whole answer."""
    given = answer(request.question)
    message = {"role": "assistant", "content": given.text}
    choices = [
        {"index": index, "message": message, "logprobs": None, "finish_reason": _reason(given)}
        for index in range(request.choices)
    ]
    return _head("chat.completion", request_id, instrument, now) | {
        "choices": choices,
        "usage": _usage(given, request.choices),
    }


def chunks(
    request: ChatRequest, request_id: str, instrument: str, now: datetime
) -> Iterator[dict[str, object]]:
    """Return the answer piece by piece, without the closing `[DONE]`."""
    given = answer(request.question)
    head = _head("chat.completion.chunk", request_id, instrument, now)

    def chunk(index: int, delta: dict[str, str], reason: str | None) -> dict[str, object]:
        return head | {"choices": [{"index": index, "delta": delta, "finish_reason": reason}]}

    for index in range(request.choices):
        yield chunk(index, {"role": "assistant", "content": ""}, None)
        for piece in given.pieces:
            yield chunk(index, {"content": piece}, None)
        yield chunk(index, {}, _reason(given))
    if request.include_usage:
        yield head | {"choices": [], "usage": _usage(given, request.choices)}


def _check_sampling(body: checks.Body) -> None:
    checks.number(body, "temperature", 0, 2)
    checks.number(body, "top_p", 0, 1)
    checks.number(body, "presence_penalty", -2, 2)
    checks.number(body, "frequency_penalty", -2, 2)
    checks.integer(body, "top_logprobs", 0, 20)
    checks.choice(body, "reasoning_effort", _EFFORTS)


def _check_output(body: checks.Body) -> None:
    response_format = checks.members(body, "response_format")
    if response_format:
        checks.text(response_format, "type")
        checks.choice(response_format, "type", _FORMATS)
    for tool in checks.objects(body, "tools"):
        function = tool.get("function")
        named = isinstance(function, dict) and isinstance(function.get("name"), str)
        if tool.get("type") != "function" or not named:
            raise checks.out_of_range("tools", "functions with a name")


def _head(kind: str, request_id: str, instrument: str, now: datetime) -> dict[str, object]:
    return {
        "id": f"chatcmpl-{request_id}",
        "object": kind,
        "created": unix_seconds(now),
        "model": serving_model(instrument),
    }


def _usage(given: Answer, choices: int) -> dict[str, int]:
    completion_tokens = given.tokens * choices
    return {
        "prompt_tokens": given.prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": given.prompt_tokens + completion_tokens,
    }


def _reason(given: Answer) -> str:
    return "length" if given.cut_by_budget else "stop"
