"""Which login an account uses next. Pure.

A refresh uses up its token, so the user's login Secret is read once and our own Secret keeps what
came of it; the user's is read again only when its content changes. Whoever re-applies the spent
one does no harm.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from thegrid.core.model import TokenPair
from thegrid.core.secret import Secret

REFRESH_BEFORE_EXPIRY = timedelta(minutes=10)
UNKNOWN_LIFETIME = timedelta(hours=1)
"""An access token that comes without its expiry is taken to live as long as the market's do."""


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """The login that the user gave.

    Attributes:
        access: An access token, or None.
        refresh: A refresh token, or None.
        fingerprint: Tells one content from another.
    """

    access: Secret | None
    refresh: Secret | None
    fingerprint: str

    @classmethod
    def of(cls, entries: Mapping[str, str]) -> Bootstrap:
        """Read the entries `accessToken` and `refreshToken` of a login Secret."""
        access = entries.get("accessToken", "").strip()
        refresh = entries.get("refreshToken", "").strip()
        digest = hashlib.sha256(f"{access}\n{refresh}".encode()).hexdigest()
        return cls(Secret(access) if access else None, Secret(refresh) if refresh else None, digest)


@dataclass(frozen=True, slots=True)
class Stored:
    """The login that we keep.

    Attributes:
        tokens: The tokens.
        origin: The fingerprint of the bootstrap that they came from.
        account_id: The account that was pinned at the first login; empty before it.
    """

    tokens: TokenPair
    origin: str
    account_id: str


@dataclass(frozen=True, slots=True)
class Use:
    """Use the stored login until `look_again_at`."""

    login: Stored
    look_again_at: datetime


@dataclass(frozen=True, slots=True)
class Refresh:
    """Spend a refresh token and store the new pair before anything else."""

    token: Secret
    origin: str
    account_id: str


@dataclass(frozen=True, slots=True)
class Take:
    """Store the access token of the bootstrap; it cannot be refreshed."""

    login: Stored


@dataclass(frozen=True, slots=True)
class LoginNeeded:
    """A person must log in."""

    reason: str
    message: str


Step: TypeAlias = Use | Refresh | Take | LoginNeeded


def next_step(
    bootstrap: Bootstrap | None, stored: Stored | None, *, rejected: bool, now: datetime
) -> Step:
    """Decide how to go on with an account's login.

    Args:
        bootstrap: The user's login, or None where its Secret is missing.
        stored: Our own, or None.
        rejected: Whether the market did not accept the stored access token.
        now: The time.

    Returns:
        The step.
    """
    if stored and (bootstrap is None or bootstrap.fingerprint == stored.origin):
        return _go_on_with(stored, rejected=rejected, now=now)
    if bootstrap is None:
        return LoginNeeded("LoginSecretMissing", "the login Secret does not exist")
    account_id = stored.account_id if stored else ""
    if bootstrap.refresh:
        return Refresh(bootstrap.refresh, bootstrap.fingerprint, account_id)
    if bootstrap.access:
        tokens = TokenPair(bootstrap.access, None, now + UNKNOWN_LIFETIME, ())
        return Take(Stored(tokens, bootstrap.fingerprint, account_id))
    return LoginNeeded("LoginSecretEmpty", "the login Secret has no entry refreshToken")


def _go_on_with(login: Stored, *, rejected: bool, now: datetime) -> Step:
    tokens = login.tokens
    if tokens.refresh is None:
        # Its lifetime is a guess, so the market's word decides and not the clock.
        if rejected:
            return LoginNeeded("LoginExpired", "the access token is no longer accepted")
        return Use(login, now + REFRESH_BEFORE_EXPIRY)
    refresh_at = tokens.expires_at - REFRESH_BEFORE_EXPIRY
    if rejected or now >= refresh_at:
        return Refresh(tokens.refresh, login.origin, login.account_id)
    return Use(login, refresh_at)
