"""Odd answers over a real connection: each becomes one of our errors, and none tells a secret."""

from __future__ import annotations

import json
import re
import socket
import threading
import traceback
from contextlib import closing

import pytest
import yaml
from kubernetes.client import Configuration

from thegrid_operator.by_kubeconfig import server_of
from thegrid_operator.kube import (
    SECRET,
    Conflict,
    Kube,
    KubeError,
    KubeRefused,
    KubeUnreachable,
    WatchExpired,
    connect,
)
from thegrid_operator.wire import TOKEN_SECONDS, Wire

HIDDEN = "grid_sk_hidden"
SEEN = {"metadata": {"namespace": "a", "name": "x", "uid": "u", "resourceVersion": "1"}}


class Server:
    """Answers each connection with the next of the texts that it was given, then hangs up.

    It says so, since a client that is not told may send its next request on the dying connection.
    """

    def __init__(self):
        self.answers = []
        self.requests = []
        self.hold = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with closing(connection):
                self.requests.append(connection.recv(65536).decode())
                if not self.answers:
                    return
                connection.sendall(self.answers.pop(0))
                if not self.answers and self.hold.is_set():
                    connection.recv(1)  # until the other side gives up

    def say(self, status, body, *, length=None):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        size = length or len(content)
        head = f"HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {size}\r\n\r\n"
        self.answers.append(head.encode() + content)

    def stream(self, *pieces):
        head = b"HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
        chunks = [f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces]
        end = b"" if self.hold.is_set() else b"0\r\n\r\n"
        self.answers.append(head + b"".join(chunks) + end)

    def close(self):
        self._listener.close()


@pytest.fixture
def server():
    running = Server()
    yield running
    running.close()


def kubeconfig(folder, address, token, **cluster):
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "it",
        "clusters": [{"name": "it", "cluster": {"server": address, **cluster}}],
        "users": [{"name": "it", "user": {"token": token}}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
    }
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(content))
    return path


@pytest.fixture
def kube(server, tmp_path):
    return connect(kubeconfig(tmp_path, server.address, "a-token"), connections=2)


def status(reason, code, message="no"):
    return {"kind": "Status", "reason": reason, "code": code, "message": message}


REFUSALS = [
    (409, status("Conflict", 409), Conflict),
    (409, status("AlreadyExists", 409), Conflict),
    (403, status("Forbidden", 403), KubeRefused),
    (404, status("NotFound", 404), KubeRefused),
    (410, status("Expired", 410), WatchExpired),
    (500, b"<html>gateway</html>", KubeRefused),
    (502, b"[]", KubeRefused),
]


@pytest.mark.parametrize(("code", "body", "error"), REFUSALS)
def test_a_refusal_is_told_apart_by_its_machine_reason(server, kube, code, body, error):
    server.say(code, body)

    with pytest.raises(error) as refusal:
        kube.create(SECRET, "a", {})
    assert type(refusal.value) is error
    assert "\n" not in str(refusal.value)


def test_only_404_means_that_there_is_none(server, kube):
    server.say(404, status("NotFound", 404))
    assert kube.get(SECRET, "a", "x") is None

    server.say(403, status("Forbidden", 403))
    with pytest.raises(KubeRefused, match="403 Forbidden"):
        kube.get(SECRET, "a", "x")


def test_an_answer_that_was_cut_off_leaves_open_what_happened(server, kube):
    server.say(201, {"kind": "Secret"}, length=500)

    with pytest.raises(KubeUnreachable):
        kube.create(SECRET, "a", {})


def test_an_answer_that_is_not_json_leaves_open_what_happened(server, kube):
    server.say(200, b"OK")

    with pytest.raises(KubeUnreachable, match="not JSON"):
        kube.patch(SECRET, SEEN, {})


@pytest.mark.parametrize("write", ["replace", "delete", "patch", "create"])
def test_a_write_without_an_answer_is_not_sent_again(server, kube, write):
    arguments = {"patch": (SEEN, {}), "create": ("a", {})}.get(write, (SEEN,))
    server.answers = [b"", b""]

    with pytest.raises(KubeUnreachable):
        getattr(kube, write)(SECRET, *arguments)
    assert len(server.requests) == 1


def test_every_request_carries_the_token(server, kube):
    server.say(200, {})
    server.stream()
    kube.get(SECRET, "a", "x")
    list(kube.watch(SECRET, since="1", silence=1))

    assert all("Bearer a-token" in request for request in server.requests)


def test_a_renewed_token_is_used_within_seconds(server):
    tokens, now = iter(["Bearer first", "Bearer second"]), [0.0]
    configuration = Configuration(host=server.address, api_key={"BearerToken": "of the start"})
    configuration.refresh_api_key_hook = lambda it: it.api_key.update(BearerToken=next(tokens))
    kube = Kube(Wire(server_of(configuration), lambda: now[0]).send)
    for now[0] in (1.0, TOKEN_SECONDS, 1.0 + TOKEN_SECONDS):
        server.say(200, {})
        kube.get(SECRET, "a", "x")

    sent = [re.search("uthorization: Bearer (.*)\r", request)[1] for request in server.requests]
    assert sent == ["first", "first", "second"]


def test_a_server_below_a_path_is_asked_there(server, tmp_path):
    kube = connect(kubeconfig(tmp_path, f"{server.address}/clusters/1/", "a-token"), connections=2)
    server.say(200, {})
    kube.get(SECRET, "a", "x")

    assert server.requests[0].startswith("GET /clusters/1/api/v1/namespaces/a/secrets/x HTTP")


def test_a_server_behind_a_proxy_is_asked_by_its_whole_address(server, tmp_path):
    behind = {"proxy-url": server.address}
    kube = connect(kubeconfig(tmp_path, "http://far/1", "a-token", **behind), connections=2)
    server.say(200, {})
    kube.get(SECRET, "a", "x")

    assert server.requests[0].startswith("GET http://far/1/api/v1/namespaces/a/secrets/x HTTP")


def test_a_server_that_is_not_there_is_unreachable(server, kube):
    server.close()

    with pytest.raises(KubeUnreachable):
        kube.get(SECRET, "a", "x")


def told(error):
    """Everything that a log could show of an error."""
    return "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))


def test_a_refused_secret_is_not_quoted(server, kube):
    server.say(400, status("BadRequest", 400, f"cannot decode {HIDDEN}"))

    with pytest.raises(KubeError) as refusal:
        kube.create(SECRET, "a", {"data": {"key": HIDDEN}})
    assert f"decode {HIDDEN}" not in told(refusal.value)


def test_a_token_that_cannot_be_sent_is_not_quoted(server, tmp_path):
    kube = connect(kubeconfig(tmp_path, server.address, f"{HIDDEN}\n"), connections=2)

    with pytest.raises(KubeUnreachable) as failure:
        kube.get(SECRET, "a", "x")
    assert HIDDEN not in told(failure.value)


def event(kind, version):
    return json.dumps({"type": kind, "object": {"metadata": {"resourceVersion": version}}}).encode()


def test_a_last_line_that_was_cut_off_is_dropped(server, kube):
    server.stream(event("ADDED", "1") + b"\n", b"\n", event("ADDED", "2")[:-5])

    events = list(kube.watch(SECRET, since="0", silence=1))

    assert [it["object"]["metadata"]["resourceVersion"] for it in events] == ["1"]


def test_a_line_that_is_no_event_breaks_the_watch_off(server, kube):
    server.stream(event("ADDED", "1") + b"\nOOPS\n")

    with pytest.raises(KubeUnreachable, match="broke off"):
        list(kube.watch(SECRET, since="0", silence=1))


def test_an_error_within_the_stream_asks_to_start_anew(server, kube):
    error = {"type": "ERROR", "object": status("Expired", 410)}
    server.stream(json.dumps(error).encode() + b"\n")

    with pytest.raises(WatchExpired, match="Expired"):
        list(kube.watch(SECRET, since="0", silence=1))


def test_silence_is_a_lost_connection(server, kube):
    server.hold.set()
    server.stream(event("ADDED", "1") + b"\n")
    events = kube.watch(SECRET, since="0", silence=0.2)

    assert next(events)["type"] == "ADDED"
    with pytest.raises(KubeUnreachable, match="broke off"):
        next(events)
