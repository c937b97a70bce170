"""Asking where a call would go, without going there."""

import json
import logging

import httpx
import pytest

from thegrid.client import LoginRejected, RateLimited, Refused, Unreachable
from thegrid.client.first_answer import first_answer
from thegrid.core.secret import Secret

KEY, TICKET = "planted-key-4f9c2a", "planted-ticket-77b1"
TARGET = f"https://supplier.example.com/v1?token={TICKET}%2F+a"


@pytest.fixture
def ask(scripted_endpoints):
    return lambda key=KEY: first_answer(scripted_endpoints, Secret(key), "text-prime")


def test_a_redirect_is_told_to_the_letter_and_not_followed(ask, scripted):
    here = f"{scripted.url}/spend?token={TICKET}%2F+a"
    scripted.will_answer(307, b"", location=here)
    answer = ask()
    assert (answer.status, answer.location.reveal()) == (307, here)
    assert [it.target for it in scripted.seen] == ["/v1/chat/completions"]


def test_one_token_is_asked_for_with_the_key_and_without_a_stream(ask, scripted):
    scripted.will_answer(307, b"", location=TARGET)
    ask()
    (sent,) = scripted.seen
    body = json.loads(sent.body)
    assert (body["model"], body["max_tokens"], "stream" in body) == ("text-prime", 1, False)
    assert sent.headers["authorization"] == f"Bearer {KEY}"


def test_a_call_that_is_served_is_told_without_its_answer(ask, scripted):
    scripted.will_answer(200, b'{"choices": []}')
    answer = ask()
    assert (answer.status, answer.location) == (200, None)


def test_a_redirect_without_a_target_is_told(ask, scripted):
    scripted.will_answer(307, b"")
    assert ask().location is None


REFUSED = {401: LoginRejected, 402: Refused, 429: RateLimited, 503: Refused}


@pytest.mark.parametrize("status", REFUSED)
def test_a_refusal_is_not_asked_again(ask, scripted, status):
    key = f"{KEY}-{status}"
    scripted.will_answer(status, json.dumps({"error": {"message": f"not {key}"}}).encode())
    with pytest.raises(REFUSED[status]) as refusal:
        ask(key)
    assert len(scripted.seen) == 1
    assert KEY not in str(refusal.value)


def test_a_limit_that_is_known_to_be_spent_is_not_waited_for(ask, scripted):
    spent = {"x-ratelimit-limit": "1", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "60"}
    scripted.will_answer(307, b"", location=TARGET, **spent)
    ask("a-key-of-its-own")
    with pytest.raises(RateLimited):
        ask("a-key-of-its-own")
    assert len(scripted.seen) == 1


BROKEN = {
    "an unreachable market": httpx.ConnectError("quotes https://secret"),
    "a silent market": httpx.ReadTimeout("quotes https://secret"),
    "a malformed target": httpx.Response(307, headers={"location": f"https://a:{TICKET}/"}),
}


@pytest.mark.parametrize("sentence", BROKEN)
def test_no_usable_answer_is_told_without_secrets(scripted_endpoints, caplog, sentence):
    def answer(_request):
        outcome = BROKEN[sentence]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    transport = httpx.MockTransport(answer)
    with caplog.at_level(logging.INFO), pytest.raises(Unreachable) as problem:
        first_answer(scripted_endpoints, Secret(KEY), "text-prime", transport=transport)
    said = f"{problem.value!r}{problem.value.__cause__!r}{problem.value.__context__!r}{caplog.text}"
    assert not any(it in said for it in (KEY, TICKET, "secret"))


def test_a_target_reaches_no_log_and_no_representation(ask, scripted, caplog):
    scripted.will_answer(307, b"", location=TARGET)
    with caplog.at_level(logging.INFO):
        answer = ask()
    assert "/chat/completions" in caplog.text
    assert TICKET not in caplog.text + repr(answer)
    assert KEY not in caplog.text
