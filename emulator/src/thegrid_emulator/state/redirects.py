"""Targets of inference redirects: signed URLs that are good for a minute and for one call.

Lifetime and single use are the emulator's choice: neither is published, and the strictest reading
finds the client that keeps a URL or calls it twice.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from thegrid_emulator.errors import MarketError
from thegrid_emulator.rules import Rules


@dataclass(frozen=True)
class Redirect:
    """A call that was sent on to the gateway.

    Attributes:
        request_id: handle of the call, `x-grid-request-id`.
        path: path at the gateway that may be called.
        instrument: symbol that was asked for.
        expires_at: when the URL stops working.
    """

    request_id: str
    path: str
    instrument: str
    expires_at: datetime


class Redirects:
    """All redirects that have not been followed yet.

    Args:
        rules: for their lifetime.
    """

    def __init__(self, rules: Rules) -> None:
        self._lifetime = timedelta(seconds=rules.signed_url_seconds)
        self._signing_secret = secrets.token_bytes(32)
        self._waiting: dict[str, Redirect] = {}

    def issue(self, path: str, instrument: str, now: datetime) -> tuple[Redirect, str]:
        """Send a call on.

        Returns:
            The redirect and the token that its URL carries.
        """
        self._forget_expired(now)
        redirect = Redirect(
            request_id=secrets.token_urlsafe(15),
            path=path,
            instrument=instrument,
            expires_at=now + self._lifetime,
        )
        self._waiting[redirect.request_id] = redirect
        expiry = str(int(redirect.expires_at.timestamp() * 1000))
        return redirect, f"{redirect.request_id}.{expiry}.{self._mac(redirect.request_id, expiry)}"

    def redeem(self, token: str, path: str, now: datetime) -> Redirect:
        """Return the redirect behind a token, once.

        Args:
            token: query parameter `token` of the call; empty if it is missing.
            path: path that was called.
            now: the market's time.

        Raises:
            MarketError: 401 if the token is missing, not ours, expired or used before.
        """
        if not token:
            raise _unauthorized("missing_token")
        request_id, _, rest = token.partition(".")
        expiry, _, mac = rest.partition(".")
        if not hmac.compare_digest(mac.encode(), self._mac(request_id, expiry).encode()):
            raise _unauthorized("invalid_token")
        if now.timestamp() * 1000 >= int(expiry):
            raise _unauthorized("token_expired")
        redirect = self._waiting.pop(request_id, None)
        if redirect is None:
            raise _unauthorized("token_already_used")
        if redirect.path != path:
            raise _unauthorized("invalid_token")
        return redirect

    def _mac(self, request_id: str, expiry: str) -> str:
        message = f"{request_id}.{expiry}".encode()
        return hmac.new(self._signing_secret, message, hashlib.sha256).hexdigest()

    def _forget_expired(self, now: datetime) -> None:
        self._waiting = {
            request_id: redirect
            for request_id, redirect in self._waiting.items()
            if now < redirect.expires_at
        }


def _unauthorized(code: str) -> MarketError:
    return MarketError(HTTPStatus.UNAUTHORIZED, code)
