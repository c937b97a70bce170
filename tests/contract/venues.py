"""Where the cases run: an emulator, or a real account of which only reads are possible."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from urllib.parse import urlsplit

import httpx
from tests.contract.access import CREDENTIALS, NOBODY, Access, stranger
from tests.contract.keys import KeyPair

_SYMBOL = "text-prime"
_UUID_LENGTH = 36


class ForbiddenRequest(Exception):
    """A request that must not be sent to a real account."""


@dataclass(frozen=True)
class Addresses:
    """Base of every surface, with its prefix."""

    platform: str
    trading: str
    consumption: str
    messages: str
    gateway: str | None = None


class Venue:
    """What both have in common: how a request is made and sent."""

    def __init__(self, addresses, http):
        self.addresses = addresses
        self.http = http

    def now(self):
        """The market's time."""
        raise NotImplementedError

    def access_of(self, caller, *, fresh):
        """What a caller can show, from an account that nobody else uses if `fresh`."""
        raise NotImplementedError

    def settle(self):
        """Let what was written be seen."""

    def equip(self, access, kind):
        """Make one kind of credential for a caller who lacks it, where that is possible."""

    def send(self, request, access, surface, by=None):
        """Send an httpx request with the credential that its surface expects."""
        path = request.url.raw_path.partition(b"?")[0]
        kinds = [by] if by else CREDENTIALS[surface]
        for kind in kinds[:1]:
            self.equip(access, kind)
        unix_seconds = int(self.now().timestamp())
        shown = access.shown(kinds, request.method, path, request.content, unix_seconds)
        request.headers.update(shown)
        return self.http.send(request)

    @cached_property
    def market(self):
        """Ids of the market in which the cases trade."""
        return self._look_up(self.access_of("owner", fresh=False))

    def _look_up(self, access):
        request = self.http.build_request("GET", f"{self.addresses.trading}/markets")
        answer = self.send(request, access, "trading")
        for market in answer.raise_for_status().json()["data"]:
            if any(it["symbol"] == _SYMBOL for it in market.get("instruments", [])):
                instruments = market.get("associated_instruments") or market["allowed_instruments"]
                market_id = market.get("market_id") or market["id"]
                return {
                    "market_id": market_id,
                    "market_uuid": market_id[-_UUID_LENGTH:],
                    "instrument_id": instruments[0],
                    "instrument_uuid": instruments[0][-_UUID_LENGTH:],
                }
        raise LookupError(f"no market for {_SYMBOL}")

    def moments(self):
        """Times and days around now, as cases name them."""
        now = self.now()
        return {
            "now": _iso(now),
            "in_an_hour": _iso(now + timedelta(hours=1)),
            "an_hour_ago": _iso(now - timedelta(hours=1)),
            "forty_days_ago": _iso(now - timedelta(days=40)),
            "yesterday": str((now - timedelta(days=1)).date()),
            "today": str(now.date()),
            "tomorrow": str((now + timedelta(days=1)).date()),
            "day_after_tomorrow": str((now + timedelta(days=2)).date()),
        }


def _iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class EmulatedVenue(Venue):
    """A running emulator, whose side door opens accounts and does what a case needs.

    Args:
        emulator: what `thegrid_emulator.serve` gives.
        http: an httpx client.
        callers: how each caller's account is opened.
        lag_seconds: how late the emulator shows what was written.
    """

    def __init__(self, emulator, http, callers, *, lag_seconds=0):
        addresses = Addresses(
            platform=f"{emulator.platform}/api/v1",
            trading=emulator.trading,
            consumption=emulator.consumption,
            messages=emulator.messages,
            gateway=f"{emulator.gateway}/v1",
        )
        super().__init__(addresses, http)
        self._emulator = emulator
        self._callers = callers
        self._lag_seconds = lag_seconds
        self._shared = {}

    def now(self):
        return self._emulator.now()

    def settle(self):
        if self._lag_seconds:
            self._emulator.advance(self._lag_seconds)

    def access_of(self, caller, *, fresh):
        if caller == "nobody":
            return NOBODY
        if caller == "stranger":
            return stranger()
        if fresh:
            return self._open(caller)
        if caller not in self._shared:
            self._shared[caller] = self._open(caller)
        return self._shared[caller]

    def _open(self, caller):
        without = caller.removeprefix("without ")
        if without != caller:
            return self._log_in({"scopes": sorted(_SCOPES - {without})})
        return self._log_in(self._callers[caller])

    def equip(self, access, kind):
        if not access.may_manage_keys:
            return
        if kind == "signature" and access.key_pair is None:
            access.key_pair = self._register_key_pair(access)
        if kind in {"bearer key", "x-api-key"} and access.api_key is None:
            access.api_key = self._create_api_key(access)

    def _log_in(self, account):
        amounts = {"usd": Decimal(account["usd"])} if "usd" in account else {}
        opened = self._emulator.create_account(**account | amounts)
        return Access(
            user_id=opened.user_id,
            access_token=opened.access_token,
            refresh_token=opened.refresh_token,
            may_manage_keys="scopes" not in account,
        )

    def _create_api_key(self, access):
        body = {"api_key": {"name": "of the contract"}}
        return self._post("/api-keys", access, body)["key"]

    def _register_key_pair(self, access):
        pair = KeyPair.generate()
        body = {"signing_key": {"label": "of the contract", "public_key": pair.public_key}}
        self._post("/signing-keys", access, body)
        return pair

    def _post(self, path, access, body):
        request = self.http.build_request("POST", self.addresses.platform + path, json=body)
        return self.send(request, access, "platform").raise_for_status().json()["data"]

    def advance(self, seconds):
        """Move the market's clock; accounts that were shared may be logged out by that."""
        self._emulator.advance(seconds)
        self._shared.clear()

    def totals(self):
        """All USD and all tokens of the market."""
        return self.http.get(f"{self._emulator.platform}/_emulator/totals").json()

    def approve(self, user_code, user_id):
        """Approve a device login, as its user would in a browser."""
        self._emulator.approve_device(user_code, user_id)

    def deny(self, user_code):
        """Refuse a device login, as its user would in a browser."""
        self._emulator.deny_device(user_code)


_SCOPES = {
    "account:read",
    "account:write",
    "trade:read",
    "trade:write",
    "supply:read",
    "supply:write",
    "keys:manage",
}


class ReadOnly(httpx.BaseTransport):
    """Lets nothing through but GET to the hosts of one account.

    Args:
        inner: what sends.
        addresses: of the account.
    """

    def __init__(self, inner, addresses):
        self._inner = inner
        bases = (addresses.platform, addresses.trading, addresses.consumption, addresses.messages)
        self._origins = {urlsplit(base)[:2] for base in bases if base}

    def handle_request(self, request):
        if request.method != "GET" or request.content:
            raise ForbiddenRequest(f"{request.method}: only reads go to a real account")
        if (request.url.scheme, request.url.netloc.decode()) not in self._origins:
            raise ForbiddenRequest("only the account's own hosts are asked")
        return self._inner.handle_request(request)

    def close(self):
        self._inner.close()


class RealVenue(Venue):
    """A real account, of which only reads are possible.

    Args:
        addresses: where it is.
        access: its credentials.
        inner: the transport that sends, once the request has been found harmless.
    """

    def __init__(self, addresses, access, inner):
        client = httpx.Client(
            transport=ReadOnly(inner, addresses), timeout=30, follow_redirects=False
        )
        super().__init__(addresses, client)
        self._access = access

    def __enter__(self):
        return self

    def __exit__(self, *_failure):
        self.http.close()

    def now(self):
        return datetime.fromtimestamp(time.time(), UTC)

    def access_of(self, caller, *, fresh):
        if caller == "nobody":
            return NOBODY
        return stranger() if caller == "stranger" else self._access
