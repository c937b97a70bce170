"""Chat completions in the public OpenAI shape: what a request may say.

Ranges are those of the vendor's "Consumption API" page; what it passes through is not checked.
"""

import json
from collections.abc import Mapping

from thegrid_emulator.inference import chat_answers, checks
from thegrid_emulator.inference.answer import Question, Turn
from thegrid_emulator.inference.documents import document
from thegrid_emulator.inference.shape import Asked, Shape
from thegrid_emulator.inference.tools import Choice, Tool, wanted_call

_ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh")
_FORMATS = ("text", "json_object", "json_schema")
_ANY_OBJECT = {"required": ["said"], "properties": {}}


def _read(body: checks.Body) -> Asked:
    _check_sampling(body)
    prompt = _prompt(body)
    call = wanted_call(_tools(body), _tool_choice(body.get("tool_choice")), prompt)
    budget = checks.integer(body, "max_completion_tokens", 1, checks.MOST_TOKENS)
    older_budget = checks.integer(body, "max_tokens", 1, checks.MOST_TOKENS)
    return Asked(
        question=Question(
            prompt=prompt,
            token_budget=older_budget if budget is None else budget,
            stop=checks.strings(body, "stop", at_most=4),
            tool_call=call,
            document=_document(body, prompt[-1].text),
        ),
        choices=checks.integer(body, "n", 1, 128) or 1,
        stream=checks.flag(body, "stream"),
        include_usage=checks.flag(checks.members(body, "stream_options"), "include_usage"),
        logprobs=checks.flag(body, "logprobs"),
        top_logprobs=checks.integer(body, "top_logprobs", 0, 20) or 0,
    )


def _check_sampling(body: checks.Body) -> None:
    checks.number(body, "temperature", 0, 2)
    checks.number(body, "top_p", 0, 1)
    checks.number(body, "presence_penalty", -2, 2)
    checks.number(body, "frequency_penalty", -2, 2)
    checks.integer(body, "seed", -(2**63), 2**63 - 1)
    checks.choice(body, "reasoning_effort", _EFFORTS)


def _prompt(body: checks.Body) -> tuple[Turn, ...]:
    """Return the turns; what a tool came back with must answer a call that was made before."""
    turns, calls = [], set[str]()
    for message in checks.conversation(body, _ROLES):
        calls |= {checks.text(call, "id") for call in checks.objects(message, "tool_calls")}
        from_tool = message["role"] == "tool"
        if from_tool and checks.text(message, "tool_call_id") not in calls:
            raise checks.out_of_range("tool_call_id", "the id of a tool call made before")
        turns.append(Turn(checks.plain_text(message.get("content")), from_tool))
    return tuple(turns)


def _tools(body: checks.Body) -> list[Tool]:
    tools = []
    for entry in checks.objects(body, "tools"):
        function = checks.members(entry, "function")
        name = function.get("name")
        if entry.get("type") != "function" or not isinstance(name, str) or not name:
            raise checks.out_of_range("tools", "functions with a name")
        tools.append(Tool(name, _as_object(checks.members(function, "parameters"))))
    return tools


def _tool_choice(value: object) -> Choice:
    match value:
        case None | "auto":
            return Choice()
        case "none":
            return Choice("none")
        case "required":
            return Choice("any")
        case {"type": "function", "function": {"name": str(name)}}:
            return Choice("one", name)
    raise checks.out_of_range("tool_choice", "none, auto, required or a function by its name")


def _document(body: checks.Body, text: str) -> str | None:
    response_format = checks.members(body, "response_format")
    if not response_format:
        return None
    kind = checks.text(response_format, "type")
    checks.choice(response_format, "type", _FORMATS)
    if kind == "json_object":
        return document(_ANY_OBJECT, text)
    if kind == "text":
        return None
    wanted = checks.members(response_format, "json_schema")
    checks.text(wanted, "name")
    return document(_as_object(checks.members(wanted, "schema")), text)


def _as_object(schema: checks.Body) -> dict[str, object]:
    """Return a schema of an object, which arguments and documents are unless it says otherwise."""
    return {"type": "object"} | dict(schema)


def _frame(content: Mapping[str, object]) -> str:
    return f"data: {json.dumps(content)}\n\n"


CHAT = Shape(
    path="/v1/chat/completions",
    read=_read,
    whole=chat_answers.completion,
    events=chat_answers.chunks,
    frame=_frame,
    closing="data: [DONE]\n\n",
)
