"""OAuth grants and their tokens: issue, look up, rotate, revoke.

Rules: RFC 6749 section 6 (refresh), RFC 7009 (revocation), and the vendor's documentation for the
lifetimes: an access token lives one hour, a refresh token thirty days and for one use. Whether a
second use ends the login is not documented, and so a rule.
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus

from thegrid_emulator.errors import OAuthError
from thegrid_emulator.rules import Rules
from thegrid_emulator.state.digests import digest

CLIENTS = {
    "grid-cli-public": "A command line for The Grid",
    "grid-cli-dev-public-client": "A development build of a command line for The Grid",
}
"""Public client ids, the vendor's CLI and its development twin, and what a user is told of them."""

SCOPES = {
    "account:read": "Read profile, balances and settings",
    "account:write": "Change account mode, auto-buy and auto-reload",
    "trade:read": "Read orders and trades",
    "trade:write": "Place, update and cancel orders",
    "supply:read": "Read supplier data",
    "supply:write": "Issue supply",
    "keys:manage": "List, create and revoke API keys and signing keys",
}


def check_client(client_id: object, *, status: HTTPStatus) -> str:
    """Return the client id if it is registered.

    Raises:
        OAuthError: `invalid_client` with the given status if it is not.
    """
    if not isinstance(client_id, str) or client_id not in CLIENTS:
        raise OAuthError("invalid_client", "client_id: is not a registered client", status)
    return client_id


def check_scopes(wanted: Iterable[str]) -> tuple[str, ...]:
    """Return the scopes without repetition, in the order asked for.

    Raises:
        OAuthError: `invalid_scope` if there are none or one is unknown.
    """
    scopes = tuple(dict.fromkeys(wanted))
    if not scopes or not all(scope in SCOPES for scope in scopes):
        raise OAuthError("invalid_scope", "scope: must name one or more of " + " ".join(SCOPES))
    return scopes


@dataclass
class Grant:
    """What a user allowed a client to do.

    Attributes:
        user_id: who allowed it.
        client_id: whom.
        scopes: for what.
        access_token_seconds: lifetime of each access token of this grant.
        revoked: whether it has been withdrawn.
    """

    user_id: str
    client_id: str
    scopes: tuple[str, ...]
    access_token_seconds: int
    revoked: bool = False


@dataclass(frozen=True)
class TokenPair:
    """Two tokens as they are handed out, once."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class _Token:
    grant: Grant
    expires_at: datetime

    def is_valid(self, now: datetime) -> bool:
        return not self.grant.revoked and now < self.expires_at


class Tokens:
    """All tokens the market has issued.

    Args:
        rules: for the lifetime of refresh tokens, and what a second use of one does.
        on_secret: told every token that is handed out.
    """

    def __init__(self, rules: Rules, on_secret: Callable[[str], None]) -> None:
        self._on_secret = on_secret
        self._refresh_lifetime = timedelta(seconds=rules.refresh_token_seconds)
        self._keeps_refresh_token = rules.refresh_keeps_its_token
        self._reuse_revokes = rules.revoke_on_refresh_reuse
        self._access: dict[str, _Token] = {}
        self._refresh: dict[str, _Token] = {}
        self._used: dict[str, Grant] = {}

    def issue(self, grant: Grant, now: datetime) -> TokenPair:
        """Return a fresh pair for a grant."""
        refresh_token = f"grid_rt_{secrets.token_urlsafe(32)}"
        self._refresh[digest(refresh_token)] = _Token(grant, now + self._refresh_lifetime)
        self._on_secret(refresh_token)
        return self._pair(grant, refresh_token, now)

    def grant_of(self, access_token: str, now: datetime) -> Grant | None:
        """Return the grant behind an access token, or None if it is unknown, expired, revoked."""
        token = self._access.get(digest(access_token))
        return token.grant if token is not None and token.is_valid(now) else None

    def refresh(self, refresh_token: str, client_id: str, now: datetime) -> TokenPair:
        """Exchange a refresh token for a new pair.

        The old one is dead from then on; it is the new pair's too if the rules have it stay good.

        Raises:
            OAuthError: `invalid_grant` if it is unknown, used, expired, revoked or another
                client's.
        """
        used = self._used.get(digest(refresh_token))
        if used is not None and self._reuse_revokes:
            used.revoked = True
        token = self._refresh.get(digest(refresh_token))
        if token is None or not token.is_valid(now) or token.grant.client_id != client_id:
            raise OAuthError("invalid_grant", "refresh_token: is unknown, used, expired or revoked")
        if self._keeps_refresh_token:
            return self._pair(token.grant, refresh_token, now)
        del self._refresh[digest(refresh_token)]
        self._used[digest(refresh_token)] = token.grant
        return self.issue(token.grant, now)

    def revoke(self, token: str) -> None:
        """Revoke a token; an unknown one is no error (RFC 7009, section 2.2).

        A refresh token takes the access tokens of its grant with it (section 2.1).
        """
        self._access.pop(digest(token), None)
        refresh = self._refresh.pop(digest(token), None)
        if refresh is not None:
            refresh.grant.revoked = True

    def _pair(self, grant: Grant, refresh_token: str, now: datetime) -> TokenPair:
        access_token = f"grid_at_{secrets.token_urlsafe(32)}"
        lifetime = timedelta(seconds=grant.access_token_seconds)
        self._access[digest(access_token)] = _Token(grant, now + lifetime)
        self._on_secret(access_token)
        return TokenPair(access_token, refresh_token, grant.access_token_seconds, grant.scopes)
