import httpx
import pytest


def test_a_call_is_sent_on_to_the_gateway_and_answered_there(emulator, platform, chat):
    redirect = chat.ask(platform.create_key()["key"])
    assert redirect.status_code == 307
    assert redirect.content == b""
    assert redirect.headers["location"].startswith(f"{emulator.gateway}/v1/chat/completions?token=")

    answer = chat.follow(redirect)
    assert answer.headers["x-grid-request-id"] == redirect.headers["x-grid-request-id"]
    body = answer.json()
    assert body["choices"][0]["message"]["content"] == "You said: hi"
    assert body["model"] == "emulated-text-prime"
    usage = body["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


@pytest.mark.parametrize("model", ["text-prime", "Text-Prime", "TEXT-PRIME"])
def test_an_instrument_is_recognised_in_any_case(platform, chat, model):
    assert chat.ask(platform.create_key()["key"], model=model).status_code == 307


@pytest.mark.parametrize("model", ["gpt-5.2", "text-prime ", "vision-standard"])
def test_an_unknown_instrument_is_not_found(platform, chat, model):
    assert chat.ask(platform.create_key()["key"], model=model).status_code == 404


def test_a_revoked_key_fails_at_once(platform, chat):
    key = platform.create_key()
    assert chat.ask(key["key"]).status_code == 307
    platform("DELETE", f"/api-keys/{key['id']}")
    assert chat.ask(key["key"]).status_code == 401


def test_a_key_switched_off_fails_at_once(platform, chat):
    key = platform.create_key()
    platform("PUT", f"/api-keys/{key['id']}", json={"api_key": {"is_active": False}})
    assert chat.ask(key["key"]).status_code == 401


def test_an_expired_key_fails_at_once(emulator, platform, chat):
    expires_at = emulator.now().replace(year=emulator.now().year + 1)
    key = platform.create_key(expires_at=expires_at.isoformat())
    assert chat.ask(key["key"]).status_code == 307
    emulator.clock.move_to(expires_at)
    assert chat.ask(key["key"]).status_code == 401


@pytest.mark.plain_words
def test_the_last_use_of_a_key_is_kept(emulator, platform, chat):
    used, unused = platform.create_key(), platform.create_key()
    emulator.advance(60)
    chat.ask(used["key"])
    keys = {key["id"]: key for key in emulator.api_keys(emulator.account.user_id)}
    assert keys[used["id"]]["last_used_at"] > used["created_at"]
    assert keys[unused["id"]]["last_used_at"] is None


def test_a_refused_call_does_not_count_as_use(emulator, platform, chat):
    key = platform.create_key()
    platform("DELETE", f"/api-keys/{key['id']}")
    chat.ask(key["key"])
    (listed,) = emulator.api_keys(emulator.account.user_id)
    assert listed["last_used_at"] is None


def test_an_access_token_of_any_scope_may_ask(emulator, chat):
    account = emulator.create_account(
        scopes=["account:read"], access_token_seconds=60, consumption_units={"text-prime": 1}
    )
    assert chat.ask(account.access_token).status_code == 307
    emulator.advance(60)
    assert chat.ask(account.access_token).status_code == 401


@pytest.mark.plain_words
@pytest.mark.parametrize("secret", [None, "wrong"])
def test_without_a_key_nothing_is_answered(chat, secret):
    answer = chat.ask(secret)
    assert answer.status_code == 401
    assert answer.json().keys() == {"errors"}


def test_each_host_reads_its_own_header_only(http, emulator, platform):
    secret = platform.create_key()["key"]
    bearer, header = {"authorization": f"Bearer {secret}"}, {"x-api-key": secret}
    turns = [{"role": "user", "content": "hi"}]
    body = {"model": "text-prime", "max_tokens": 10, "messages": turns}

    def statuses(url):
        return [http.post(url, json=body, headers=it).status_code for it in (bearer, header)]

    assert statuses(f"{emulator.consumption}/chat/completions") == [307, 401]
    assert statuses(f"{emulator.messages}/messages") == [401, 307]


@pytest.mark.plain_words
def test_errors_of_the_messages_host_name_themselves(http, emulator):
    for path, status in (("/messages", 401), ("/nothing", 404)):
        answer = http.post(f"{emulator.messages}{path}", json={})
        assert answer.status_code == status
        assert answer.json()["type"] == "error"
        assert isinstance(answer.json()["errors"]["detail"], str)


def test_a_message_is_answered_in_its_own_shape(http, emulator, platform):
    headers = {"x-api-key": platform.create_key()["key"], "anthropic-version": "2023-06-01"}
    turns = [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]
    body = {"model": "text-max", "max_tokens": 10, "messages": turns, "system": "be brief"}
    redirect = http.post(f"{emulator.messages}/messages", json=body, headers=headers)
    assert redirect.status_code == 307
    answer = http.post(redirect.headers["location"], json=body).json()
    assert answer["content"] == [{"type": "text", "text": "You said: hi"}]
    assert (answer["type"], answer["role"]) == ("message", "assistant")
    assert (answer["stop_reason"], answer["stop_sequence"]) == ("end_turn", None)
    assert answer["usage"] == {"input_tokens": 3, "output_tokens": 3}


def test_httpx_follows_the_redirect_when_told_to(http, emulator, platform):
    answer = http.post(
        f"{emulator.consumption}/chat/completions",
        json={"model": "text-prime", "messages": [{"role": "user", "content": "hi"}]},
        headers={"authorization": f"Bearer {platform.create_key()['key']}"},
        follow_redirects=True,
    )
    assert answer.status_code == 200
    assert answer.request.url.port == httpx.URL(emulator.gateway).port
    assert "authorization" not in answer.request.headers
