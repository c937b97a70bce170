"""Chat completions, in the public OpenAI shape."""

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
    TEXT,
    WHOLE,
    Schema,
    always,
    array,
    either,
    fields,
    one_of,
    or_null,
    record,
)

_ROLE = one_of("system", "developer", "user", "assistant", "tool", "function")
_PART = fields({"type": always("text"), "text": NAME})
_MESSAGE = fields(
    {"role": _ROLE, "content": either(TEXT, {**array(_PART), "minItems": 1})}, {"name": TEXT}
)
_TOOL = fields({"type": always("function"), "function": fields({"name": NAME})})
_FORMAT = fields({"type": one_of("text", "json_object")})
_STOP: Schema = either(TEXT, {**array(TEXT), "maxItems": 4}, {"type": "null"})

_REQUEST = fields(
    {
        "model": one_of("text-prime", "text-standard", "code-max"),
        "messages": {**array(_MESSAGE), "minItems": 1},
    },
    {
        "max_tokens": whole_within(1, MOST_TOKENS),
        "max_completion_tokens": whole_within(1, MOST_TOKENS),
        "temperature": within(0, 2),
        "top_p": within(0, 1),
        "n": whole_within(1, 128),
        "stream": MAYBE_FLAG,
        "stop": _STOP,
        "top_logprobs": whole_within(0, 20),
        "response_format": or_null(_FORMAT),
        "tools": or_null(array(_TOOL)),
        "presence_penalty": within(-2, 2),
        "frequency_penalty": within(-2, 2),
        "stream_options": or_null(fields({}, {"include_usage": MAYBE_FLAG})),
        "reasoning_effort": or_null(one_of("none", "minimal", "low", "medium", "high", "xhigh")),
    },
)

_CALL_OF_TOOL = record(
    {
        "id": TEXT,
        "type": always("function"),
        "function": record({"name": TEXT, "arguments": TEXT}),
    }
)

_ANSWER_OF_MODEL = record(
    {"role": always("assistant"), "content": or_null(TEXT)},
    {"tool_calls": array(_CALL_OF_TOOL), "refusal": {"type": "null"}},
)

_COMPLETION = record(
    {
        "id": TEXT,
        "object": always("chat.completion"),
        "created": WHOLE,
        "model": TEXT,
        "choices": array(
            record(
                {
                    "index": WHOLE,
                    "message": _ANSWER_OF_MODEL,
                    "finish_reason": one_of("stop", "length", "tool_calls"),
                },
                {"logprobs": {"type": "null"}},
            )
        ),
        "usage": record(
            dict.fromkeys(("prompt_tokens", "completion_tokens", "total_tokens"), WHOLE),
            {"completion_tokens_details": {"type": "object"}},
        ),
    }
)

CALLED = called("/chat/completions", "completeChat", _REQUEST)
ANSWERED = answered("/chat/completions", "Chat", _REQUEST, _COMPLETION)
