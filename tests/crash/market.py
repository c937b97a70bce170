"""The market of a world: the emulator itself, asked without a network.

Its applications run to their end within the call, so nothing happens beside the operator.
"""

from __future__ import annotations

import asyncio
import functools
import json

import httpx
from tests.crash.clock import MarketClock, WorldClock
from tests.emulation import generous

from thegrid.client import Endpoints
from thegrid_emulator import consumption, platform, trading
from thegrid_emulator.conduct import Conduct
from thegrid_emulator.errors import MarketError
from thegrid_emulator.running import open_account
from thegrid_emulator.state.digests import digest
from thegrid_emulator.state.tokens import CLIENTS, SCOPES, Grant
from thegrid_emulator.state.venue import NewAccount, Venue

ENDPOINTS = Endpoints(
    platform="https://platform.grid.test",
    trading="https://trading.grid.test/v1",
    consumption="https://consumption.grid.test/v1",
    messages="https://messages.grid.test/v1",
)
HOST = "grid.test"
READING = ("GET", "HEAD")


class Doors:
    """Suppliers that nobody ever calls: a redirect is read and not followed."""

    def origin_at(self, host):
        return f"https://{host}"


class Market:
    """One market with one account.

    Args:
        clock: The world's.
        lag_seconds: How late listings show what has changed.
    """

    def __init__(self, clock, *, lag_seconds=0.0, **rules):
        self.clock = clock
        limits = generous(**({"house_account": False, "device_poll_seconds": 60} | rules))
        self.venue = Venue(MarketClock(clock), limits, lag_seconds=lag_seconds)
        self.account = open_account(self.venue, NewAccount())
        self.secrets: dict[str, str] = {}
        """Secrets of consumption keys that were ever told, with their keys' ids."""
        self.tokens = [self.account.access_token, self.account.refresh_token]
        """Tokens that were ever told, and device codes."""
        self._codes: list[str] = []
        self.spoils_next = False
        """Whether the next key is one that inference will not accept."""
        stopping = asyncio.Event()
        self._surfaces = _surfaces()
        self._applications = {
            name: Conduct(surface, self.venue, stopping, "plain")
            for name, surface in self._surfaces.items()
        }

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of any of the market's hosts."""
        surface = request.url.host.removesuffix(f".{HOST}")
        state = self._surfaces[surface].application.state
        state.venue, state.doors = self.venue, Doors()
        response = _asked(self._applications[surface], request)
        if request.method == "POST" and response.is_success:
            self._note_secrets(request.url.path, json.loads(response.content))
        return response

    def _note_secrets(self, path, body):
        if path.endswith("/api-keys"):
            self._note_key(body["data"]["key"], body["data"]["id"])
        elif path.endswith("/oauth/token"):
            self.tokens += [body[name] for name in ("access_token", "refresh_token")]
        elif path.endswith("/oauth/device/code"):
            self.tokens.append(body["device_code"])
            self._codes.append(body["user_code"])

    def lead_calls_to(self, host):
        """Have redirects lead to a host, and let the account make calls for some hours."""
        self.venue.suppliers.choose([host], direct=False)
        self.venue.give_units(self.account.user_id, {}, {"text-prime": 1})

    def make_key(self, name):
        """Let the account's owner make a key, as in the dashboard.

        Returns:
            The key's id and its secret.
        """
        now = self.clock.now()
        key, secret = self.venue.api_keys.create(
            self.account.user_id, name, expires_at=None, now=now
        )
        self.secrets[secret] = key.key_id
        return key.key_id, secret

    def new_login(self):
        """Let the account's owner log in once more."""
        grant = Grant(
            self.account.user_id,
            next(iter(CLIENTS)),
            tuple(SCOPES),
            self.venue.rules.access_token_seconds,
        )
        pair = self.venue.tokens.issue(grant, self.clock.now())
        self.tokens += [pair.access_token, pair.refresh_token]
        return pair

    def approve(self, user_code, *, stranger=False):
        """Approve a device login in a browser, as the account's owner or as somebody else.

        Returns:
            Whether the market knows the code, and waits for it.
        """
        account = open_account(self.venue, NewAccount()) if stranger else self.account
        try:
            self.venue.device_logins.approve(user_code, account.user_id, self.clock.now())
        except MarketError:
            return False
        return True

    def end_all_logins(self):
        """Log the account's owner out everywhere."""
        for token in self.tokens:
            self.venue.tokens.revoke(token)

    # What is true at the market, whatever its listings say

    def rows(self):
        """Return all consumption keys of the account, oldest first."""
        return self.venue.api_keys.of_user(self.account.user_id)

    def live(self):
        """Return the keys that inference accepts."""
        return [key for key in self.rows() if key.is_usable(self.clock.now())]

    def _note_key(self, secret, key_id):
        self.secrets[secret] = key_id
        if self.spoils_next:
            self.spoils_next = False
            self._forget_secret_of(key_id)

    def _forget_secret_of(self, key_id):
        digests = self.venue.api_keys._id_by_digest
        for told in [it for it, of in digests.items() if of == key_id]:
            del digests[told]

    def named(self, text):
        """Call keys by their order of birth in place of their random ids."""
        for number, row in enumerate(self.rows(), 1):
            text = text.replace(row.key_id, f"key-{number}").replace(row.key_prefix, "beginning")
        for number, code in enumerate(self._codes, 1):
            text = text.replace(code, f"code-{number}")
        return text

    def accepts(self, secret):
        """Tell whether inference accepts a secret."""
        return self.venue.api_keys.find_usable(secret, self.clock.now()) is not None

    def revoke(self, key_id):
        """Revoke a key by hand, as in the market's dashboard."""
        key = self.venue.api_keys.get(self.account.user_id, key_id)
        self.venue.api_keys.revoke(key, self.clock.now())

    def forget(self, key_id):
        """Lose a key altogether."""
        del self.venue.api_keys._by_id[key_id]
        self._forget_secret_of(key_id)

    def standing_of(self, token):
        """Say whether a token works, and until when."""
        store = self.venue.tokens
        held = {**store._access, **store._refresh}.get(digest(token))
        if held is None or not held.is_valid(self.clock.now()):
            return ("refused",)
        return ("accepted", held.expires_at)


@functools.cache
def _surfaces():
    """Build the routes once; whose they are is said with each request."""
    nobody = Venue(MarketClock(WorldClock()), generous(house_account=False))
    return {
        "platform": platform.build(nobody),
        "trading": trading.build(nobody),
        "consumption": consumption.build(nobody),
    }


def _asked(application, request):
    """Run an application to its end; one that waits for something has no place here."""
    body, sent, started, chunks = request.read(), [], {}, []

    async def receive():
        if sent:
            return {"type": "http.disconnect"}
        sent.append(True)
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        if message["type"] == "http.response.start":
            started.update(message)
        else:
            chunks.append(message.get("body", b""))

    try:
        application(_scope(request), receive, send).send(None)
    except StopIteration:
        return httpx.Response(
            started["status"], headers=started["headers"], content=b"".join(chunks)
        )
    raise RuntimeError(f"{request.method} {request.url.path} waits for something")


def _scope(request):
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": request.url.path,
        "raw_path": request.url.raw_path,
        "query_string": request.url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("127.0.0.1", 1),
        "server": (request.url.host, 443),
        "state": {},
    }
