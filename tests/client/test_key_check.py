"""Keys are asked about one after the other over the same connections, and leave nothing behind."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from thegrid.client import Client, Endpoints, Misuse
from thegrid.client.key_check import KeyCheck
from thegrid.core.secret import Secret

FAR = Endpoints(*(f"https://{name}.example" for name in ("platform", "trading", "spend", "say")))


@pytest.fixture
def check(opened, endpoints):
    # After the market: a connection pool trusts the authorities that are named when it is made.
    return opened(KeyCheck())


def test_a_key_is_accepted_until_it_is_revoked(check, client, endpoints):
    kept, gone = (client.create_consumption_key(name) for name in ("kept", "gone"))
    client.revoke_consumption_key(gone.key.id)

    answers = [check.accepts(endpoints, it.secret) for it in (kept, gone, kept)]
    assert answers == [True, False, True]


def test_a_text_that_cannot_be_a_key_is_not_sent(check, endpoints):
    with pytest.raises(Misuse):
        check.accepts(endpoints, Secret("two\nlines"))


@contextmanager
def catalogue():
    """Serve an empty catalogue, and tell who asked: the connection and the key."""
    asked = []

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            asked.append((self.client_address, self.headers["authorization"]))
            body = json.dumps({"data": []}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Endpoints(*[f"http://127.0.0.1:{server.server_port}"] * 4), asked
        server.shutdown()


def test_many_keys_are_asked_about_over_one_connection():
    with catalogue() as (endpoints, asked), KeyCheck() as check:
        for key in ("one", "two", "three"):
            check.accepts(endpoints, Secret(key))

    assert len({connection for connection, _ in asked}) == 1
    assert [key for _, key in asked] == ["Bearer one", "Bearer two", "Bearer three"]


def test_what_a_market_tells_one_key_does_not_go_out_with_another():
    cookies = []

    def answer(request):
        cookies.append(request.headers.get("cookie"))
        return httpx.Response(200, json={"data": []}, headers={"set-cookie": "who=one; Path=/"})

    with KeyCheck(transport=httpx.MockTransport(answer)) as check:
        for key in ("one", "two"):
            check.accepts(FAR, Secret(key))
    with Client(FAR, Secret("token"), transport=httpx.MockTransport(answer)) as client:
        client.list_consumption_keys()
        client.list_consumption_keys()

    assert cookies == [None] * 4
