"""To which hosts calls are sent on."""

import socket

import httpx
import pytest

from thegrid_emulator.errors import InvalidFieldsError


@pytest.fixture
def secret(emulator):
    return emulator.account.access_token


def host_of(redirect):
    return httpx.URL(redirect.headers["location"]).host


def test_hosts_of_this_machine_take_turns_and_answer(emulator, chat, secret):
    emulator.use_suppliers("127.0.0.2", "localhost", "127.0.0.2", "127.0.0.3")
    redirects = [chat.ask(secret) for _ in range(5)]
    assert [host_of(it) for it in redirects] == [
        "127.0.0.2",
        "localhost",
        "127.0.0.2",
        "127.0.0.3",
        "127.0.0.2",
    ]
    assert {chat.follow(it).status_code for it in redirects} == {200}


def test_hosts_can_change_between_two_calls(emulator, chat, secret):
    own = httpx.URL(emulator.gateway).host
    hosts = [host_of(chat.ask(secret))]
    emulator.use_suppliers("127.0.0.2")
    hosts.append(host_of(chat.ask(secret)))
    emulator.use_suppliers()
    hosts.append(host_of(chat.ask(secret)))
    assert hosts == [own, "127.0.0.2", own]


def test_a_foreign_host_is_named_and_not_served(emulator, chat, secret):
    emulator.use_suppliers("gpu.supplier.example")
    redirect = chat.ask(secret)
    url = httpx.URL(redirect.headers["location"])
    assert (url.scheme, url.host, url.port) == ("https", "gpu.supplier.example", None)
    assert emulator.redirects()[0]["host"] == "gpu.supplier.example"


def test_a_call_can_be_answered_without_a_redirect(emulator, chat, secret):
    emulator.use_suppliers(direct=True)
    answer = chat.ask(secret)
    assert answer.status_code == 200
    assert answer.json()["choices"][0]["message"]["content"] == "You said: hi"
    assert answer.headers["x-grid-request-id"]
    assert emulator.redirects() == []
    assert '"usage"' in chat.ask(secret, stream=True, stream_options={"include_usage": True}).text


def test_the_admin_routes_choose_and_show_the_hosts(admin, chat, secret):
    assert admin("GET", "/suppliers").json() == {"hosts": [], "direct": False}
    chosen = {"hosts": ["127.0.0.2", "supplier.example"], "direct": False}
    assert admin("POST", "/suppliers", json={"hosts": chosen["hosts"]}).json() == chosen
    assert admin("GET", "/suppliers").json() == chosen
    assert [host_of(chat.ask(secret)) for _ in range(2)] == chosen["hosts"]
    assert admin("POST", "/suppliers", json={}).json() == {"hosts": [], "direct": False}


@pytest.mark.parametrize(
    "body",
    [
        {"hosts": "127.0.0.2"},
        {"hosts": [5]},
        {"hosts": ["a b"]},
        {"hosts": ["https://supplier.example"]},
        {"hosts": [""]},
        {"hosts": ["a"] * 101},
        {"direct": 1},
        {"host": "a"},
    ],
    ids=str,
)
def test_what_is_no_host_is_refused_and_changes_nothing(body, admin):
    answer = admin("POST", "/suppliers", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"]["detail"].keys() <= {"hosts", "host", "direct"}
    assert admin("GET", "/suppliers").json() == {"hosts": [], "direct": False}


def test_an_address_that_somebody_else_has_is_refused(emulator):
    port = httpx.URL(emulator.gateway).port
    with (
        socket.create_server(("127.0.0.9", port)),
        pytest.raises(InvalidFieldsError, match=r"hosts: .*cannot listen on 127\.0\.0\.9"),
    ):
        emulator.use_suppliers("127.0.0.9")


def test_recent_redirects_tell_what_became_of_them(emulator, chat, platform, admin):
    key = platform.create_key()
    used, _left = chat.ask(key["key"]), chat.ask(emulator.account.access_token, model="text-max")
    chat.follow(used)
    latest, first = emulator.redirects()
    assert (latest["state"], latest["instrument"], latest["api_key_id"]) == (
        "waiting",
        "text-max",
        None,
    )
    assert (first["state"], first["api_key_id"]) == ("used", key["id"])
    assert first["user_id"] == emulator.account.user_id
    assert first["request_id"] == used.headers["x-grid-request-id"]
    assert first["host"] == httpx.URL(emulator.gateway).netloc.decode()
    emulator.advance(61)
    assert [it["state"] for it in emulator.redirects()] == ["expired", "used"]
    assert admin("GET", "/redirects").json()["data"] == emulator.redirects()
