"""What a call holds, what it takes, and what becomes of the rest."""

import json
import socket
import time
from datetime import datetime, timedelta

import httpx
import pytest

UNIT = 1_000_000
WORDS = "one two three"


@pytest.fixture
def account(emulator):
    """An account that buys nothing by itself, with one unit."""
    return emulator.create_account(
        mode="advanced", consumption_units={"text-prime": 1}, access_token_seconds=86_400
    )


@pytest.fixture
def ask(chat, account):
    def ask(text=WORDS, **members):
        return chat.ask(
            account.access_token, messages=[{"role": "user", "content": text}], **members
        )

    return ask


@pytest.fixture
def balance(emulator, account):
    """Free and reserved tokens of all lots."""

    def balance():
        lots = emulator.lots(account.user_id)
        return sum(lot["free_tokens"] for lot in lots), sum(lot["reserved_tokens"] for lot in lots)

    return balance


def test_a_call_holds_what_it_may_use_and_takes_what_it_used(ask, chat, balance):
    redirect = ask(max_tokens=100)
    assert balance() == (UNIT - 103, 103)
    assert chat.follow(redirect).json()["usage"]["total_tokens"] == 8
    assert balance() == (UNIT - 8, 0)


def test_every_answer_has_the_budget(ask, chat, balance):
    redirect = ask(max_tokens=100, n=4)
    assert balance() == (UNIT - 403, 403)
    assert chat.follow(redirect).json()["usage"]["completion_tokens"] == 20
    assert balance() == (UNIT - 23, 0)


def test_a_call_without_a_limit_holds_the_usual_budget(ask, balance):
    ask()
    assert balance() == (UNIT - 4099, 4099)


def test_a_limit_beyond_what_the_model_can_say_holds_no_more_than_that(ask, balance):
    ask(max_tokens=900_000)
    assert balance()[1] == 3 + 131_072


def test_a_redirect_that_nobody_follows_holds_nothing_once_it_has_expired(ask, balance, emulator):
    ask()
    emulator.advance(61)
    assert balance() == (UNIT, 0)


def test_a_call_may_use_what_is_left_and_is_cut_there(ask, chat, balance):
    ask("hi", n=7, max_tokens=131_072)
    ask("hi", max_tokens=82_490)
    assert balance()[0] == 4
    answer = chat.follow(ask(max_tokens=100)).json()
    assert answer["choices"][0]["message"]["content"] == "You"
    assert answer["choices"][0]["finish_reason"] == "length"
    assert balance()[0] == 0


def test_less_than_the_question_and_a_token_is_an_empty_balance(ask, balance):
    ask("hi", n=7, max_tokens=131_072)
    ask("hi", max_tokens=82_491)
    assert balance()[0] == 3
    assert ask().status_code == 402
    assert ask("one two").status_code == 307


def test_a_question_beyond_the_context_is_refused(ask, balance):
    answer = ask("word " * 196_609)
    assert answer.status_code == 422
    assert "196608 tokens" in answer.json()["errors"]["detail"]
    assert balance() == (UNIT, 0)


def expiry(emulator, account):
    (lot,) = emulator.lots(account.user_id)
    return datetime.fromisoformat(lot["expires_at"])


def test_a_lot_can_be_used_until_it_expires_and_not_longer(ask, emulator, account):
    expires_at = expiry(emulator, account)
    emulator.clock.move_to(expires_at - timedelta(seconds=5))
    assert ask().status_code == 307
    emulator.clock.move_to(expires_at)
    assert ask().status_code == 402
    assert emulator.lots(account.user_id)[0]["free_tokens"] == 0, "only the reservation is left"


def test_a_call_outlives_the_lot_that_it_holds(ask, chat, emulator, account, balance):
    emulator.clock.move_to(expiry(emulator, account) - timedelta(seconds=5))
    redirect = ask()
    emulator.advance(10)
    assert balance() == (0, 4099)
    assert chat.follow(redirect).status_code == 200
    assert balance() == (0, 0)


def test_a_stream_takes_what_it_brought(ask, chat, balance):
    answer = chat.follow(ask(stream=True, n=2))
    assert answer.text.endswith("data: [DONE]\n\n")
    assert balance() == (UNIT - 13, 0)


def test_a_stream_whose_client_goes_away_takes_what_it_had_sent(ask, emulator, balance, account):
    words = 60_000
    redirect = ask("word " * words, stream=True, max_tokens=words + 2)
    small = httpx.HTTPTransport(socket_options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)])
    with (
        httpx.Client(transport=small) as client,
        client.stream(
            "POST", redirect.headers["location"], content=redirect.request.content
        ) as answer,
    ):
        for line in answer.iter_lines():
            if "word" in line:
                break
    deadline = time.monotonic() + 20
    while balance()[1]:
        assert time.monotonic() < deadline, "the reservation was not settled"
    used = UNIT - balance()[0]
    assert words + 3 <= used < 2 * words


def test_a_refused_call_takes_nothing(ask, balance):
    assert ask(temperature=9).status_code == 422
    assert balance() == (UNIT, 0)


def test_a_call_that_fails_at_the_gateway_is_not_charged(ask, chat, emulator, balance):
    emulator.order_fault("POST", "/chat/completions", surface="gateway", status=500)
    assert chat.follow(ask()).status_code == 500
    emulator.advance(61)
    assert balance() == (UNIT, 0)


def test_another_body_than_the_one_that_was_checked_is_refused_and_takes_nothing(
    ask, http, emulator, balance
):
    redirect = ask()
    body = json.loads(redirect.request.content) | {"max_tokens": 100_000}
    for changed in (json.dumps(body), "nonsense"):
        answer = http.post(ask().headers["location"], content=changed)
        assert answer.status_code == 400
        assert answer.json()["errors"]["detail"] == "body_changed"
    assert [it["state"] for it in emulator.redirects()] == ["refused", "refused", "waiting"]
    assert balance() == (UNIT - 4099, 4099)
