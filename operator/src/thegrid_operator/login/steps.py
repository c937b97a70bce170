"""The decision how to go on with an account's logins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from thegrid.core.model import TokenPair
from thegrid.core.secret import Secret
from thegrid_operator.login.values import Bootstrap, Candidate, Stored, Whose

REFRESH_BEFORE_EXPIRY = timedelta(minutes=10)
PROVE_BEFORE_EXPIRY = timedelta(minutes=1)

_REASONS = {
    "LoginSecretMissing": "the login Secret does not exist",
    "LoginSecretEmpty": "the login Secret has no entry refreshToken",
    "LoginExpired": "the access token is no longer accepted",
    "LoginLost": "the refresh token was used up or revoked",
}


@dataclass(frozen=True, slots=True)
class Use:
    """Use the stored login until `look_again_at`."""

    tokens: TokenPair
    look_again_at: datetime


@dataclass(frozen=True, slots=True)
class Refresh:
    """Spend a refresh token and store the new pair before anything else."""

    token: Secret
    whose: Whose


@dataclass(frozen=True, slots=True)
class Take:
    """Store the access token of the bootstrap; it cannot be refreshed."""

    bootstrap: Bootstrap


@dataclass(frozen=True, slots=True)
class Prove:
    """Ask the market whose the new login is."""

    candidate: Candidate


@dataclass(frozen=True, slots=True)
class LoginNeeded:
    """A person must log in."""

    reason: str
    message: str


Step: TypeAlias = Use | Refresh | Take | Prove | LoginNeeded


def next_step(
    bootstrap: Bootstrap | None, stored: Stored, *, rejected: bool, now: datetime
) -> Step:
    """Decide how to go on with an account's logins.

    A login that works comes first: it is refreshed in time, whatever else is tried.

    Args:
        bootstrap: The user's login, or None where its Secret is missing.
        stored: Our own.
        rejected: Whether the market did not accept the stored access token.
        now: The time.

    Returns:
        The step.
    """
    # What people put into our Secret may be no token at all, and then nobody need be asked.
    rejected = rejected or (stored.tokens is not None and not _can_be_sent(stored.tokens))
    own = _go_on_with(stored, rejected=rejected, now=now)
    if isinstance(own, Refresh):
        return own
    candidate = stored.candidate
    if candidate and not stored.is_refused(candidate.origin):
        return _prove(candidate, now)
    if bootstrap and bootstrap.fingerprint not in stored.seen:
        if bootstrap.refresh:
            return Refresh(bootstrap.refresh, Whose.GIVEN)
        if bootstrap.access:
            return Take(bootstrap)
    return own or _login_needed(bootstrap, stored, rejected=rejected)


def _go_on_with(stored: Stored, *, rejected: bool, now: datetime) -> Use | Refresh | None:
    """Go on with the login that worked, if there is one."""
    tokens = stored.tokens
    if tokens is None or stored.lost:
        return None
    if tokens.refresh is None:
        # Its lifetime is a guess, so the market's word decides and not the clock.
        return None if rejected else Use(tokens, now + REFRESH_BEFORE_EXPIRY)
    refresh_at = tokens.expires_at - REFRESH_BEFORE_EXPIRY
    if rejected or now >= refresh_at:
        return Refresh(tokens.refresh, Whose.OURS)
    return Use(tokens, refresh_at)


def _prove(candidate: Candidate, now: datetime) -> Step:
    tokens = candidate.tokens
    ages = now >= tokens.expires_at - PROVE_BEFORE_EXPIRY
    if tokens.refresh and (ages or not _can_be_sent(tokens)):
        return Refresh(tokens.refresh, Whose.CANDIDATE)
    return Prove(candidate)


def _can_be_sent(tokens: TokenPair) -> bool:
    return tokens.access.fits_a_header()


def _login_needed(bootstrap: Bootstrap | None, stored: Stored, *, rejected: bool) -> LoginNeeded:
    refusal = stored.refusal
    if refusal and bootstrap and refusal.origin == bootstrap.fingerprint:
        return LoginNeeded(refusal.reason, refusal.message)
    if stored.lost:
        reason = "LoginLost"
    elif rejected:
        reason = "LoginExpired"
    elif bootstrap is None:
        reason = "LoginSecretMissing"
    elif bootstrap.access or bootstrap.refresh:
        reason = "LoginLost"
    else:
        reason = "LoginSecretEmpty"
    return LoginNeeded(reason, _REASONS[reason])
