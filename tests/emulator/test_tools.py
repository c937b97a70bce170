"""Tool calls and structured answers, in both public shapes."""

import json
from datetime import UTC, datetime

import pytest

from thegrid_emulator.errors import MarketError
from thegrid_emulator.inference.chat import CHAT
from thegrid_emulator.inference.messages import MESSAGES
from thegrid_emulator.inference.shape import Reply

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
ASKING = "Use get_weather for Oslo"


def whole(shape, body):
    return shape.whole(Reply(shape.read(body), "r1", "text-prime", NOW))


def events(shape, body):
    return [it.content for it in shape.events(Reply(shape.read(body), "r1", "text-prime", NOW))]


def chat(*turns, **members):
    return {
        "messages": list(turns) or [{"role": "user", "content": ASKING}],
        "tools": [only(name, parameters=CITY) for name in ("get_weather", "get_time")],
        **members,
    }


def message(*turns, **members):
    return {
        "messages": list(turns) or [{"role": "user", "content": ASKING}],
        "max_tokens": 50,
        "tools": [{"name": name, "input_schema": CITY} for name in ("get_weather", "get_time")],
        **members,
    }


def called(body):
    """The names of the tools that a chat completion calls."""
    choice = whole(CHAT, body)["choices"][0]
    return [it["function"]["name"] for it in choice["message"].get("tool_calls", [])]


def test_a_tool_that_the_user_names_is_called():
    choice = whole(CHAT, chat())["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None
    (call,) = choice["message"]["tool_calls"]
    assert (call["type"], call["function"]["name"]) == ("function", "get_weather")
    assert json.loads(call["function"]["arguments"]) == {"city": ASKING}


def only(name, **members):
    return {"type": "function", "function": {"name": name, **members}}


def user(text):
    return {"role": "user", "content": text}


CALLS = {
    "nothing that is not named": (chat(user("How are you?")), []),
    "nothing whose name is only a part of a word": (chat(user("not forget_weather")), []),
    "the first on offer of several": (chat(user("get_time, get_weather")), ["get_weather"]),
    "nothing that was forbidden": (chat(tool_choice="none"), []),
    "the first on offer if some call is required": (
        chat(user("Hello"), tool_choice="required"),
        ["get_weather"],
    ),
    "the one that is required": (
        chat(tool_choice=only("get_time")),
        ["get_time"],
    ),
}


@pytest.mark.parametrize("sentence", CALLS)
def test_it_calls(sentence):
    body, expected = CALLS[sentence]
    assert called(body) == expected


WRONG = {
    "an unknown tool is required": (CHAT, chat(tool_choice=only("x"))),
    "a tool is required and none is there": (CHAT, chat(tool_choice="required", tools=[])),
    "a choice is no choice": (CHAT, chat(tool_choice={"type": "maybe"})),
    "a result answers no call": (CHAT, chat({"role": "tool", "tool_call_id": "c1"})),
    "a result of a message answers no call": (
        MESSAGES,
        message({"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1"}]}),
    ),
    "a message's choice is no choice": (MESSAGES, message(tool_choice="auto")),
    "the arguments would never end": (
        CHAT,
        chat(tools=[only("get_weather", parameters={"$ref": "#"})]),
    ),
}


@pytest.mark.parametrize("sentence", WRONG)
def test_it_is_unprocessable_that(sentence):
    shape, body = WRONG[sentence]
    with pytest.raises(MarketError) as refused:
        shape.read(body)
    assert refused.value.status == 422


def test_a_tools_result_is_answered_in_words():
    asked = {"id": "c1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
    body = chat(
        user(ASKING),
        {"role": "assistant", "content": None, "tool_calls": [asked]},
        {"role": "tool", "tool_call_id": "c1", "content": "get_weather says rain"},
    )
    choice = whole(CHAT, body)["choices"][0]
    assert choice["message"]["content"] == "The tool said: get_weather says rain"
    assert choice["finish_reason"] == "stop"


def test_a_stream_brings_the_arguments_in_pieces():
    chunks = events(CHAT, chat(stream=True))
    first, *middle, last = [chunk["choices"][0] for chunk in chunks]
    (call,) = first["delta"]["tool_calls"]
    assert (call["index"], call["function"]) == (0, {"name": "get_weather", "arguments": ""})
    pieces = [it["delta"]["tool_calls"][0]["function"]["arguments"] for it in middle]
    assert len(pieces) > 1
    assert json.loads("".join(pieces)) == {"city": ASKING}
    assert last["finish_reason"] == "tool_calls"


def test_a_budget_cuts_a_call_too():
    choice = whole(CHAT, chat(max_tokens=1))["choices"][0]
    assert choice["finish_reason"] == "length"
    cut = whole(MESSAGES, message(max_tokens=1))
    assert (cut["stop_reason"], cut["content"][0]["input"]) == ("max_tokens", {})


def test_a_message_uses_a_tool():
    given = whole(MESSAGES, message())
    assert given["stop_reason"] == "tool_use"
    (block,) = given["content"]
    assert (block["type"], block["name"], block["input"]) == (
        "tool_use",
        "get_weather",
        {"city": ASKING},
    )


@pytest.mark.parametrize(
    ("choice", "name"),
    [({"type": "any"}, "get_weather"), ({"type": "tool", "name": "get_time"}, "get_time")],
)
def test_a_message_can_be_forced_to_use_a_tool(choice, name):
    given = whole(MESSAGES, message(user("Hello"), tool_choice=choice))
    assert given["content"][0]["name"] == name
    assert whole(MESSAGES, message(tool_choice={"type": "none"}))["content"][0]["type"] == "text"


def test_a_message_stream_brings_the_input_in_pieces():
    stream = events(MESSAGES, message(stream=True))
    start = next(it for it in stream if it["type"] == "content_block_start")
    assert start["content_block"]["type"] == "tool_use"
    deltas = [it["delta"] for it in stream if it["type"] == "content_block_delta"]
    assert {it["type"] for it in deltas} == {"input_json_delta"}
    assert json.loads("".join(it["partial_json"] for it in deltas)) == {"city": ASKING}
    assert stream[-2]["delta"]["stop_reason"] == "tool_use"


def test_a_message_with_a_tools_result_is_answered_in_words():
    body = message(
        user(ASKING),
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "get_weather"}]},
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": "rain"},
                {"type": "text", "text": "now"},
            ],
        },
    )
    assert whole(MESSAGES, body)["content"] == [{"type": "text", "text": "The tool said: now rain"}]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"type": "json_object"}, {"said": ASKING}),
        ({"type": "json_schema", "json_schema": {"name": "x", "schema": CITY}}, {"city": ASKING}),
    ],
)
def test_a_structured_answer_is_json_that_fits(wanted, expected):
    choice = whole(CHAT, chat(tools=[], response_format=wanted))["choices"][0]
    assert json.loads(choice["message"]["content"]) == expected
    assert choice["finish_reason"] == "stop"


def test_the_likelihood_of_tokens_comes_when_asked_for():
    asked = chat(user("hi"), logprobs=True, top_logprobs=2)
    tokens = whole(CHAT, asked)["choices"][0]["logprobs"]["content"]
    assert [it["token"] for it in tokens] == ["You", " said:", " hi"]
    assert tokens[1]["bytes"] == list(b" said:")
    assert tokens[0]["top_logprobs"][0]["token"] == "You"
    streamed = [it["choices"][0]["logprobs"]["content"] for it in events(CHAT, asked)]
    assert [token for content in streamed for token in content] == tokens
    assert whole(CHAT, chat(user("hi")))["choices"][0]["logprobs"] is None
