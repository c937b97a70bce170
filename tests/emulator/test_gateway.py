import json

import httpx
import pytest


@pytest.fixture
def redirect(platform, chat):
    return chat.ask(platform.create_key()["key"])


def call(redirect, http, url=None, **headers):
    url = redirect.headers["location"] if url is None else url
    return http.post(url, content=redirect.request.content, headers=headers)


def test_a_signed_url_is_good_for_one_call(redirect, http):
    assert call(redirect, http).status_code == 200
    again = call(redirect, http)
    assert (again.status_code, again.json()["errors"]["detail"]) == (401, "token_already_used")


def test_a_signed_url_is_good_for_one_minute(redirect, http, emulator, platform, chat):
    emulator.advance(61)
    expired = call(redirect, http)
    assert (expired.status_code, expired.json()["errors"]["detail"]) == (401, "token_expired")

    fresh = chat.ask(platform.create_key()["key"])
    emulator.advance(55)
    assert call(fresh, http).status_code == 200


def test_a_call_without_a_token_is_refused(redirect, http):
    url = redirect.headers["location"].partition("?")[0]
    answer = call(redirect, http, url)
    assert (answer.status_code, answer.json()["errors"]["detail"]) == (401, "missing_token")


@pytest.mark.parametrize("position", [0, -1], ids=["request id", "signature"])
def test_a_forged_token_is_refused_and_does_not_spend_the_genuine_one(redirect, http, position):
    url = httpx.URL(redirect.headers["location"])
    token = list(url.params["token"])
    token[position] = "A" if token[position] != "A" else "B"
    forged = url.copy_set_param("token", "".join(token))
    answer = call(redirect, http, forged)
    assert (answer.status_code, answer.json()["errors"]["detail"]) == (401, "invalid_token")
    assert call(redirect, http).status_code == 200


@pytest.mark.parametrize("token", ["x", "a.b", "a.b.c", "a.1.c", "ä.1.ä"])
def test_nonsense_is_no_token(redirect, http, token):
    url = httpx.URL(redirect.headers["location"]).copy_set_param("token", token)
    assert call(redirect, http, url).json()["errors"]["detail"] == "invalid_token"


def test_a_url_for_chat_does_not_serve_messages(redirect, http):
    url = redirect.headers["location"].replace("/chat/completions", "/messages")
    assert call(redirect, http, url).status_code == 401


def test_authorization_is_neither_needed_nor_read(redirect, http):
    assert call(redirect, http, authorization="Bearer wrong").status_code == 200


def test_a_stream_comes_as_server_sent_events_and_says_when_it_is_done(platform, chat):
    secret = platform.create_key()["key"]
    answer = chat.answer(secret, stream=True, stream_options={"include_usage": True})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["x-grid-request-id"]
    events = answer.text.removesuffix("\n\n").split("\n\n")
    assert events[-1] == "data: [DONE]"
    chunks = [json.loads(event.removeprefix("data: ")) for event in events[:-1]]
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks[:-1]]
    assert deltas[0]["role"] == "assistant"
    assert "".join(delta.get("content", "") for delta in deltas) == "You said: hi"
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
    assert (chunks[-1]["choices"], chunks[-1]["usage"]["total_tokens"]) == ([], 4)


def test_a_stream_counts_tokens_only_when_asked(platform, chat):
    answer = chat.answer(platform.create_key()["key"], stream=True)
    assert '"usage"' not in answer.text


def test_a_message_stream_names_its_events(http, emulator, platform):
    headers = {"x-api-key": platform.create_key()["key"]}
    turns = [{"role": "user", "content": "hi"}]
    body = {"model": "text-prime", "max_tokens": 10, "stream": True, "messages": turns}
    redirect = http.post(f"{emulator.messages}/messages", json=body, headers=headers)
    answer = http.post(redirect.headers["location"], json=body)
    names, data = [], []
    for event in answer.text.removesuffix("\n\n").split("\n\n"):
        name, _, payload = event.partition("\n")
        names.append(name.removeprefix("event: "))
        data.append(json.loads(payload.removeprefix("data: ")))
    assert names == [
        "message_start",
        "content_block_start",
        *["content_block_delta"] * 3,
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    assert [event["type"] for event in data] == names
    assert data[-2]["usage"] == {"output_tokens": 3}
