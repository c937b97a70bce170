"""An emulator for each test, and callers of its surfaces that know HTTP and nothing else."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.emulation import PLAIN_WORDS, emulated, settle

from thegrid_emulator import Clock, RunningEmulator


@pytest.fixture
def emulator(http, request):
    """A market in the variant that is asked for, which has caught up when one looks at it.

    Tests that specify the words of the plain dialect are marked `plain_words`, and get those.
    """
    words = PLAIN_WORDS if request.node.get_closest_marker("plain_words") else {}
    with emulated(clock=Clock(), **words) as running:
        http.event_hooks = {"request": [settling_after_changes(running)]}
        yield running


def settling_after_changes(running):
    """Return what to do before each request: let the market catch up for a look after a change."""
    changed = False

    def before(asked):
        nonlocal changed
        if asked.method != "GET":
            changed = True
        elif changed and not asked.url.path.startswith("/_emulator"):
            settle(running)
            changed = False

    return before


@pytest.fixture
def http():
    with httpx.Client(verify=False, trust_env=False) as client:  # noqa: S501 -- loopback only, and certificates take 40 ms to load
        yield client


@pytest.fixture
def platform_of(emulator, http) -> Callable[..., "Platform"]:
    """Makes a caller of the platform for an access token."""
    return lambda access_token, prefix="/api/v1": Platform(
        http, f"{emulator.platform}{prefix}", access_token
    )


@pytest.fixture
def platform(emulator, platform_of):
    return platform_of(emulator.account.access_token)


@pytest.fixture
def admin(emulator, http):
    return Platform(http, f"{emulator.platform}/_emulator", None)


@pytest.fixture
def chat(emulator, http):
    return Chat(http, emulator)


@pytest.fixture(scope="session")
def vectors():
    file = Path(__file__).parents[1] / "contract" / "signing_vectors.json"
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.fixture
def signer(platform):
    """A signing key that is registered for the seeded account."""
    key = Signer.generate()
    key.register(platform)
    return key


@pytest.fixture
def raises_cut():
    """What a client sees when the server cuts the connection."""
    return lambda: pytest.raises((httpx.RemoteProtocolError, httpx.ReadError))


@dataclass(frozen=True)
class Platform:
    http: httpx.Client
    base: str
    access_token: str | None

    def __call__(self, method, path, **options) -> httpx.Response:
        headers = {}
        if self.access_token is not None:
            headers["authorization"] = f"Bearer {self.access_token}"
        return self.http.request(method, f"{self.base}{path}", headers=headers, **options)

    def create_key(self, name="test", **members) -> dict:
        answer = self("POST", "/api-keys", json={"api_key": {"name": name, **members}})
        assert answer.is_success, answer.text
        return answer.json()["data"]


_TRADER = {"mode": "advanced", "access_token_seconds": 7 * 24 * 3600}


@pytest.fixture
def trader_of(emulator, http) -> Callable[..., "Trader"]:
    """Makes a caller of the Trading API for an account that is opened for it."""

    def make(**members) -> Trader:
        account = emulator.create_account(**(_TRADER | members))
        return Trader(http, emulator.trading, account.access_token, account.user_id)

    return make


@pytest.fixture
def trader(trader_of):
    return trader_of()


@dataclass(frozen=True)
class Trader:
    http: httpx.Client
    base: str
    access_token: str
    user_id: str

    def __call__(self, method, path, **options) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.access_token}"} | options.pop("headers", {})
        return self.http.request(method, f"{self.base}{path}", headers=headers, **options)

    def read(self, path, **parameters):
        answer = self("GET", path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def place(self, **members) -> httpx.Response:
        order = {
            "market_id": "market-00000000-0000-4000-8000-000000000001",
            "side": "buy",
            "type": "limit",
            "quantity": "1",
            "price": "0.01",
        }
        body = {name: value for name, value in (order | members).items() if value is not ...}
        return self("POST", "/orders", json=body)

    def order(self, **members) -> dict:
        answer = self.place(**members)
        assert answer.is_success, answer.text
        return answer.json()["data"]

    @property
    def usd(self) -> dict:
        (account,) = self.read("/currency-trading-accounts")
        return {
            name: Decimal(account[f"{name}_balance"]) for name in ("total", "available", "locked")
        }


@dataclass(frozen=True)
class Chat:
    """Calls chat completions by hand, one hop at a time."""

    http: httpx.Client
    emulator: RunningEmulator

    def ask(self, secret, **members) -> httpx.Response:
        body = {"model": "text-prime", "messages": [{"role": "user", "content": "hi"}]} | members
        headers = {} if secret is None else {"authorization": f"Bearer {secret}"}
        url = f"{self.emulator.consumption}/chat/completions"
        return self.http.post(url, json=body, headers=headers)

    def follow(self, redirect: httpx.Response) -> httpx.Response:
        return self.http.post(redirect.headers["location"], content=redirect.request.content)

    def answer(self, secret, **members) -> httpx.Response:
        redirect = self.ask(secret, **members)
        assert redirect.status_code == 307, redirect.text
        return self.follow(redirect)


@dataclass(frozen=True)
class Signer:
    private_key: Ed25519PrivateKey

    @classmethod
    def generate(cls) -> "Signer":
        return cls(Ed25519PrivateKey.generate())

    @property
    def public_key(self) -> bytes:
        return self.private_key.public_key().public_bytes_raw()

    @property
    def public_key_text(self) -> str:
        return base64.b64encode(self.public_key).decode()

    def register(self, platform: Platform) -> dict:
        body = {"signing_key": {"label": "test", "public_key": self.public_key_text}}
        answer = platform("POST", "/signing-keys", json=body)
        assert answer.is_success, answer.text
        return answer.json()["data"]

    def headers(self, timestamp: int, method: str, path: str, body: bytes = b"") -> dict[str, str]:
        signature = self.private_key.sign(f"{timestamp}{method}{path}".encode() + body)
        fingerprint = base64.b64encode(hashlib.sha256(self.public_key).digest())
        return {
            "x-thegrid-timestamp": str(timestamp),
            "x-thegrid-fingerprint": fingerprint.decode().rstrip("="),
            "x-thegrid-signature": base64.b64encode(signature).decode(),
        }


@pytest.fixture
def device_login(emulator, http):
    """Starts a device login and polls it as a client would."""
    return DeviceLogin(http, f"{emulator.platform}/api/v1/oauth", emulator)


@dataclass
class DeviceLogin:
    http: httpx.Client
    base: str
    emulator: RunningEmulator
    started: dict | None = None

    def begin(self, scope="keys:manage", client_id="grid-cli-public") -> dict:
        body = {"client_id": client_id, "scope": scope}
        answer = self.http.post(f"{self.base}/device/code", json=body)
        assert answer.status_code == 200, answer.text
        self.started = answer.json()
        return self.started

    def poll(self, **members) -> httpx.Response:
        body = {
            "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
            "client_id": "grid-cli-public",
            "device_code": self.started["device_code"],
        }
        return self.http.post(f"{self.base}/token", json=body | members)

    def wait(self, seconds=None) -> None:
        self.emulator.advance(self.started["interval"] if seconds is None else seconds)

    def refresh(self, refresh_token, /, **members) -> httpx.Response:
        body = {
            "grant_type": "refresh_token",
            "client_id": "grid-cli-public",
            "refresh_token": refresh_token,
        }
        return self.http.post(f"{self.base}/token", json=body | members)
