import pytest

TURNS = [{"role": "user", "content": "one two three"}]


@pytest.fixture
def secret(platform):
    return platform.create_key()["key"]


@pytest.fixture
def create_message(http, emulator, secret):
    def create(**members):
        body = {"model": "text-prime", "max_tokens": 10, "messages": TURNS} | members
        body = {name: value for name, value in body.items() if value is not ...}
        headers = {"x-api-key": secret}
        return http.post(f"{emulator.messages}/messages", json=body, headers=headers)

    return create


@pytest.mark.parametrize(
    "members",
    [
        {"temperature": -0.1},
        {"temperature": 2.1},
        {"top_p": 1.5},
        {"n": 0},
        {"n": 129},
        {"max_tokens": 0},
        {"max_completion_tokens": 0},
        {"top_logprobs": 21},
        {"stop": ["a", "b", "c", "d", "e"]},
        {"presence_penalty": -2.5},
        {"reasoning_effort": "extreme"},
        {"response_format": {"type": "xml"}},
        {"tools": [{"type": "function", "function": {}}]},
        {"tools": [{"type": "robot"}]},
        {"messages": [{"role": "nobody", "content": "hi"}]},
    ],
    ids=str,
)
def test_a_value_out_of_range_is_unprocessable_and_named(chat, secret, members):
    answer = chat.ask(secret, **members)
    assert answer.status_code == 422
    detail = answer.json()["errors"]["detail"]
    assert detail.startswith(("role: ", "type: ", *(f"{name}: " for name in members)))


@pytest.mark.parametrize(
    "members",
    [
        {"temperature": "warm"},
        {"temperature": True},
        {"n": 1.5},
        {"stream": "yes"},
        {"messages": []},
        {"messages": "hi"},
        {"messages": [{"content": "hi"}]},
        {"messages": [{"role": "user", "content": 5}]},
        {"model": ""},
        {"model": None},
        {"stop": [1]},
        {"tools": "hammer"},
        {"stream_options": []},
    ],
    ids=str,
)
def test_a_value_of_the_wrong_type_is_malformed(chat, secret, members):
    assert chat.ask(secret, **members).status_code == 400


@pytest.mark.parametrize(
    "members",
    [
        {"temperature": 0, "top_p": 1, "n": 128, "top_logprobs": 20, "stop": ["a"] * 4},
        {"temperature": 2, "presence_penalty": -2, "frequency_penalty": 2.0},
        {"reasoning_effort": "xhigh", "service_tier": "flex", "seed": 1, "user": "anybody"},
        {"response_format": {"type": "json_object"}, "stop": "a", "stream_options": None},
        {"tools": [{"type": "function", "function": {"name": "look", "parameters": {}}}]},
    ],
    ids=str,
)
def test_values_within_their_ranges_are_accepted(chat, secret, members):
    assert chat.ask(secret, **members).status_code == 307


def test_checks_come_in_the_order_key_model_parameters(chat, secret):
    assert chat.ask("wrong", model="unknown", temperature=9).status_code == 401
    assert chat.ask(secret, model="unknown", temperature=9).status_code == 404
    assert chat.ask(secret, temperature=9).status_code == 422


@pytest.mark.parametrize(
    ("members", "status"),
    [
        ({"max_tokens": ...}, 400),
        ({"max_tokens": 0}, 422),
        ({"temperature": 1.1}, 422),
        ({"messages": [{"role": "system", "content": "hi"}]}, 422),
        ({"tools": [{}]}, 400),
        ({"system": "be brief", "temperature": 1, "top_k": 0, "stop_sequences": ["x"]}, 307),
    ],
    ids=str,
)
def test_messages_have_their_own_parameters(create_message, members, status):
    assert create_message(**members).status_code == status


def test_a_budget_cuts_the_answer(chat, secret):
    choice = chat.answer(secret, messages=TURNS, max_tokens=3).json()["choices"][0]
    assert choice["message"]["content"] == "You said: one"
    assert choice["finish_reason"] == "length"
    newer = chat.answer(secret, messages=TURNS, max_tokens=3, max_completion_tokens=4).json()
    assert newer["choices"][0]["message"]["content"] == "You said: one two"


def test_a_stop_text_ends_the_answer_before_it(http, chat, secret, create_message):
    choice = chat.answer(secret, messages=TURNS, stop=["three", " two"]).json()["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("You said: one", "stop")
    redirect = create_message(stop_sequences=[" three"])
    answer = chat.follow(redirect).json()
    assert answer["content"][0]["text"] == "You said: one two"
    assert (answer["stop_reason"], answer["stop_sequence"]) == ("stop_sequence", " three")


def test_several_answers_are_counted_together(chat, secret):
    body = chat.answer(secret, messages=TURNS, n=3).json()
    assert [choice["index"] for choice in body["choices"]] == [0, 1, 2]
    assert body["usage"] == {"prompt_tokens": 3, "completion_tokens": 15, "total_tokens": 18}
