"""Messages in the public Anthropic shape: what a request may say."""

import json
from collections.abc import Mapping

from thegrid_emulator.inference import checks, message_answers
from thegrid_emulator.inference.answer import Question, Turn
from thegrid_emulator.inference.shape import Asked, Shape
from thegrid_emulator.inference.tools import Choice, Tool, wanted_call

_ROLES = ("user", "assistant")


def _read(body: checks.Body) -> Asked:
    checks.number(body, "temperature", 0, 1)
    checks.number(body, "top_p", 0, 1)
    checks.integer(body, "top_k", 0, checks.MOST_TOKENS)
    budget = checks.integer(body, "max_tokens", 1, checks.MOST_TOKENS)
    if budget is None:
        raise checks.malformed("max_tokens", "an integer")
    prompt = _prompt(body)
    return Asked(
        question=Question(
            prompt=prompt,
            token_budget=budget,
            stop=checks.strings(body, "stop_sequences"),
            tool_call=wanted_call(_tools(body), _tool_choice(body.get("tool_choice")), prompt),
        ),
        stream=checks.flag(body, "stream"),
    )


def _prompt(body: checks.Body) -> tuple[Turn, ...]:
    """Return system text and turns; a tool's result must answer a call that was made before."""
    system = checks.plain_text(body.get("system"))
    turns, calls = [Turn(system)] if system else [], set[str]()
    for message in checks.conversation(body, _ROLES):
        content = message.get("content")
        calls |= {checks.text(block, "id") for block in _blocks(content, "tool_use")}
        results = _blocks(content, "tool_result")
        if not all(checks.text(block, "tool_use_id") in calls for block in results):
            raise checks.out_of_range("tool_use_id", "the id of a tool use made before")
        said = [
            checks.plain_text(content),
            *(checks.plain_text(it.get("content")) for it in results),
        ]
        turns.append(Turn(" ".join(filter(None, said)), bool(results)))
    return tuple(turns)


def _blocks(content: object, kind: str) -> list[checks.Body]:
    blocks = content if isinstance(content, list) else []
    return [block for block in blocks if block.get("type") == kind]


def _tools(body: checks.Body) -> list[Tool]:
    return [
        Tool(
            checks.text(entry, "name"),
            {"type": "object"} | dict(checks.members(entry, "input_schema")),
        )
        for entry in checks.objects(body, "tools")
    ]


def _tool_choice(value: object) -> Choice:
    match value:
        case None | {"type": "auto"}:
            return Choice()
        case {"type": "none"}:
            return Choice("none")
        case {"type": "any"}:
            return Choice("any")
        case {"type": "tool", "name": str(name)}:
            return Choice("one", name)
    raise checks.out_of_range("tool_choice", "of type auto, any, none, or tool with its name")


def _frame(content: Mapping[str, object]) -> str:
    return f"event: {content['type']}\ndata: {json.dumps(content)}\n\n"


MESSAGES = Shape(
    path="/v1/messages",
    read=_read,
    whole=message_answers.message,
    events=message_answers.events,
    frame=_frame,
    closing="",
)
