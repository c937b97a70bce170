import json
import shutil
import subprocess

import anthropic
import openai
import pytest


@pytest.fixture
def secret(platform):
    return platform.create_key()["key"]


@pytest.fixture
def openai_client(emulator, secret):
    with openai.OpenAI(base_url=emulator.consumption, api_key=secret) as client:
        yield client


@pytest.fixture
def anthropic_client(emulator, secret):
    base_url = emulator.messages.removesuffix("/v1")  # this SDK appends /v1/messages itself
    # From version 2 on the SDK sends `api_key` as a bearer, which the Messages host does not read.
    headers = {"x-api-key": secret}
    with anthropic.Anthropic(base_url=base_url, api_key=secret, default_headers=headers) as client:
        yield client


TURNS = [{"role": "user", "content": "hello there"}]

LOOK_UP = {"role": "user", "content": "Use get_weather for Oslo"}
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def test_the_openai_sdk_completes_a_chat(openai_client):
    answer = openai_client.chat.completions.create(model="text-prime", messages=TURNS)
    assert answer.choices[0].message.content == "You said: hello there"
    assert answer.usage.total_tokens == 6


def test_the_openai_sdk_streams_a_chat(openai_client):
    stream = openai_client.chat.completions.create(
        model="text-prime",
        messages=TURNS,
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == "You said: hello there"
    assert chunks[-1].usage.completion_tokens == 4


def test_the_openai_sdk_goes_round_through_a_tool(openai_client):
    tools = [{"type": "function", "function": {"name": "get_weather", "parameters": CITY}}]

    def say(*turns):
        with openai_client.chat.completions.stream(
            model="text-prime", messages=[LOOK_UP, *turns], tools=tools
        ) as stream:
            return stream.get_final_completion().choices[0]

    asked = say()
    assert asked.finish_reason == "tool_calls"
    (call,) = asked.message.tool_calls
    assert json.loads(call.function.arguments) == {"city": LOOK_UP["content"]}
    done = {"role": "tool", "tool_call_id": call.id, "content": "rain"}
    assert say(asked.message, done).message.content == "The tool said: rain"


def test_the_openai_sdk_lists_the_models(openai_client):
    assert "text-prime" in {model.id for model in openai_client.models.list()}


def test_the_openai_sdk_recognises_the_refusals(openai_client, emulator):
    with pytest.raises(openai.NotFoundError):
        openai_client.chat.completions.create(model="gpt-5.2", messages=TURNS)
    with pytest.raises(openai.UnprocessableEntityError):
        openai_client.chat.completions.create(model="text-prime", messages=TURNS, temperature=3)
    stranger = openai_client.with_options(api_key="wrong")
    with pytest.raises(openai.AuthenticationError):
        stranger.chat.completions.create(model="text-prime", messages=TURNS)


def test_the_openai_sdk_gets_over_a_503(openai_client, emulator):
    emulator.order_fault("POST", "/chat/completions", status=503, retry_after=0)
    answer = openai_client.chat.completions.create(model="text-prime", messages=TURNS)
    assert answer.choices[0].finish_reason == "stop"
    assert [entry["status"] for entry in emulator.journal()[-3:]] == [503, 307, 200]


def test_the_openai_sdk_waits_for_units_that_are_being_bought(openai_client, emulator):
    newcomer = openai_client.with_options(api_key=emulator.create_account().access_token)
    answer = newcomer.chat.completions.create(model="text-prime", messages=TURNS)
    assert answer.choices[0].message.content == "You said: hello there"
    assert [entry["status"] for entry in emulator.journal()[-3:]] == [503, 307, 200]


def test_the_openai_sdk_gives_up_without_units(openai_client, emulator):
    poor = emulator.create_account(mode="advanced").access_token
    with pytest.raises(openai.APIStatusError) as refused:
        openai_client.with_options(api_key=poor).chat.completions.create(
            model="text-prime", messages=TURNS
        )
    assert refused.value.status_code == 402
    assert "insufficient_balance" in refused.value.response.text


def test_the_anthropic_sdk_waits_for_units_that_are_being_bought(
    anthropic_client, emulator, platform_of
):
    newcomer = platform_of(emulator.create_account().access_token).create_key()["key"]
    client = anthropic_client.with_options(default_headers={"x-api-key": newcomer})
    answer = client.messages.create(model="text-max", max_tokens=50, messages=TURNS)
    assert answer.content[0].text == "You said: hello there"
    assert [entry["status"] for entry in emulator.journal()[-3:]] == [503, 307, 200]


def test_the_anthropic_sdk_creates_a_message(anthropic_client):
    answer = anthropic_client.messages.create(model="text-max", max_tokens=50, messages=TURNS)
    assert answer.content[0].text == "You said: hello there"
    assert answer.stop_reason == "end_turn"


def test_the_anthropic_sdk_streams_a_message(anthropic_client):
    with anthropic_client.messages.stream(
        model="text-max", max_tokens=50, messages=TURNS
    ) as stream:
        assert "".join(stream.text_stream) == "You said: hello there"
        assert stream.get_final_message().usage.output_tokens == 4


def test_the_anthropic_sdk_goes_round_through_a_tool(anthropic_client):
    def say(*turns):
        with anthropic_client.messages.stream(
            model="text-max",
            max_tokens=50,
            messages=[LOOK_UP, *turns],
            tools=[{"name": "get_weather", "input_schema": CITY}],
        ) as stream:
            return stream.get_final_message()

    asked = say()
    assert asked.stop_reason == "tool_use"
    (use,) = asked.content
    assert use.input == {"city": LOOK_UP["content"]}
    done = {"type": "tool_result", "tool_use_id": use.id, "content": "rain"}
    answered = say(
        {"role": "assistant", "content": asked.content}, {"role": "user", "content": [done]}
    )
    assert answered.content[0].text == "The tool said: rain"


def test_the_anthropic_sdk_is_refused_with_a_key_in_the_bearer_alone(emulator, secret):
    base_url = emulator.messages.removesuffix("/v1")
    with (
        anthropic.Anthropic(base_url=base_url, api_key=secret) as client,
        pytest.raises(anthropic.AuthenticationError, match="missing_api_key"),
    ):
        client.messages.create(model="text-max", max_tokens=50, messages=TURNS)


def test_the_anthropic_sdk_recognises_the_refusals(anthropic_client):
    with pytest.raises(anthropic.NotFoundError):
        anthropic_client.messages.create(model="claude-9", max_tokens=50, messages=TURNS)
    with pytest.raises(anthropic.UnprocessableEntityError):
        anthropic_client.messages.create(model="text-max", max_tokens=0, messages=TURNS)


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
def test_curl_follows_the_redirect_with_its_location_flag(emulator, secret):
    command = [
        "curl",
        "--silent",
        "--noproxy",
        "*",
        "--location",
        f"{emulator.consumption}/chat/completions",
        "--header",
        f"Authorization: Bearer {secret}",
        "--json",
        '{"model": "text-prime", "messages": [{"role": "user", "content": "hello"}]}',
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
    assert '"content":"You said: hello"' in done.stdout
