"""An emulator for each test, clients of it, and a server that answers whatever a test scripts."""

import threading
from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from tests.emulation import emulated

from thegrid.client import Client, Clock, Endpoints, Inference, OAuth
from thegrid.core.secret import Secret
from thegrid_emulator import Clock as MarketClock


@pytest.fixture
def emulator():
    with emulated(clock=MarketClock()) as running:
        yield running


@pytest.fixture
def endpoints(emulator):
    return Endpoints(
        platform=emulator.platform,
        trading=emulator.trading,
        consumption=emulator.consumption,
        messages=emulator.messages,
    )


@pytest.fixture
def waits():
    """The waits of a client that does not sleep but notes them."""
    return []


@pytest.fixture
def opened():
    """Closes at the end what a test opens."""
    with ExitStack() as stack:

        def keep(thing):
            stack.callback(thing.close)
            return thing

        yield keep


@pytest.fixture
def client_of(endpoints, opened):
    """Makes a client for a login: an access token as text, or anything that a client takes."""

    def make(login, **options):
        login = Secret(login) if isinstance(login, str) else login
        return opened(Client(endpoints, login, **options))

    return make


@pytest.fixture
def later(emulator):
    """Lets the market catch up, where it shows things with a delay."""
    return lambda: emulator.advance(30)


@pytest.fixture
def client(emulator, client_of):
    return client_of(emulator.account.access_token)


@pytest.fixture
def market_answering(opened):
    """Makes a client of a market that gives one answer to everything, or asks a function for it."""

    def make(answer, status=200, **options):
        def answering(request):
            told = answer(request) if callable(answer) else answer
            return told if isinstance(told, httpx.Response) else httpx.Response(status, json=told)

        network = httpx.MockTransport(answering)
        return opened(Client(Endpoints(), Secret("token"), transport=network, **options))

    return make


@pytest.fixture
def inference(client, endpoints, opened):
    """Inference with a key of the seeded account."""
    key = client.create_consumption_key("inference")
    return opened(Inference(endpoints, key.secret))


@pytest.fixture
def oauth(endpoints, opened):
    return opened(OAuth(endpoints))


@pytest.fixture
def asked(emulator):
    """Lists the method and path of every request that reached the market since it was made."""
    start = len(emulator.journal())
    return lambda: [f"{entry['method']} {entry['path']}" for entry in emulator.journal()[start:]]


class StoppedClock(Clock):
    """A clock that stands still."""

    def __init__(self, time):
        super().__init__()
        self.time = time

    def now(self):
        return self.time


@pytest.fixture
def stopped_at():
    """Makes a clock that stands still."""
    return StoppedClock


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    target: str
    headers: dict
    body: bytes


@dataclass
class ScriptedServer:
    """Answers what a test scripts, in that order, and remembers what it was asked."""

    url: str
    answers: deque = field(default_factory=deque)
    seen: list = field(default_factory=list)

    def will_answer(self, status, body=b"{}", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, body, named))


@pytest.fixture
def scripted():
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.seen.append(Seen(self.command, self.path, headers, body))
            status, content, extra = state.answers.popleft()
            self.send_response(status)
            for name, value in (extra | {"content-length": str(len(content))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer  # noqa: N815 - http.server's names

        def log_message(self, *args):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state = ScriptedServer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def scripted_endpoints(scripted):
    """A market that is the scripted server alone."""
    base = f"{scripted.url}/v1"
    return Endpoints(platform=scripted.url, trading=base, consumption=base, messages=base)
