"""Messages, in the public Anthropic shape."""

from thegrid_emulator.inference.checks import MOST_TOKENS
from thegrid_emulator.openapi.inference.calls import (
    MAYBE_FLAG,
    answered,
    called,
    whole_within,
    within,
)
from thegrid_emulator.openapi.schema import (
    NAME,
    POSITIVE,
    TEXT,
    WHOLE,
    always,
    array,
    either,
    fields,
    one_of,
    or_null,
    record,
)

_PART = fields({"type": always("text"), "text": NAME})
_CONTENT = either(TEXT, {**array(_PART), "minItems": 1})

_REQUEST = fields(
    {
        "model": one_of("text-prime", "text-standard", "code-max"),
        "max_tokens": {**POSITIVE, "maximum": MOST_TOKENS},
        "messages": {
            **array(fields({"role": one_of("user", "assistant"), "content": _CONTENT})),
            "minItems": 1,
        },
    },
    {
        "system": _CONTENT,
        "temperature": within(0, 1),
        "top_p": within(0, 1),
        "top_k": whole_within(0, MOST_TOKENS),
        "stream": MAYBE_FLAG,
        "stop_sequences": or_null(array(TEXT)),
        "tools": or_null(array(fields({"name": NAME, "input_schema": {"type": "object"}}))),
    },
)

_BLOCK = either(
    record({"type": always("text"), "text": TEXT}),
    record({"type": always("tool_use"), "id": TEXT, "name": TEXT, "input": {"type": "object"}}),
)

_MESSAGE = record(
    {
        "id": TEXT,
        "type": always("message"),
        "role": always("assistant"),
        "model": TEXT,
        "content": array(_BLOCK),
        "stop_reason": one_of("end_turn", "max_tokens", "stop_sequence", "tool_use"),
        "stop_sequence": or_null(TEXT),
        "usage": record({"input_tokens": WHOLE, "output_tokens": WHOLE}),
    }
)

CALLED = called("/messages", "createMessage", _REQUEST)
ANSWERED = answered("/messages", "Message", _REQUEST, _MESSAGE)
