"""What is known of an account's logins, as frozen values, and how each event changes it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from thegrid.core.model import TokenPair
from thegrid.core.secret import Secret
from thegrid_operator.login.device import DEVICE, Asking

UNKNOWN_LIFETIME = timedelta(hours=1)
"""An access token that comes without its expiry is taken to live as long as the market's do."""

MOST_SEEN = 10
"""How many contents of the login Secret are remembered. To try a forgotten one again is no loss."""


class Whose(Enum):
    """Where a refresh token comes from."""

    OURS = "ours"
    CANDIDATE = "candidate"
    GIVEN = "given"


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
class Candidate:
    """A new login. Whose it is was not asked yet, or it is another's and was refused.

    Attributes:
        tokens: The tokens.
        origin: The fingerprint of the bootstrap that they came from, or `DEVICE`.
    """

    tokens: TokenPair
    origin: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the login that came last was not taken.

    Attributes:
        origin: The fingerprint of the bootstrap that it came from.
        reason: A word in CamelCase.
        message: One sentence.
    """

    origin: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Stored:
    """What we keep of an account's logins.

    Attributes:
        tokens: The login that works, or did; None before the first.
        account_id: The account that was pinned at the first login; empty before it.
        seen: The fingerprints of bootstraps that were tried, the latest last. None of them is
            tried again: a market may end the whole login when a spent token comes once more
            (RFC 9700, section 4.14.2).
        candidate: A new login beside it, or None.
        refusal: Why the latest new login was not taken, or None.
        lost: Whether the market has refused the refresh token of `tokens` as spent or revoked.
        asking: How a person is asked to log in, or None.
    """

    tokens: TokenPair | None = None
    account_id: str = ""
    seen: tuple[str, ...] = ()
    candidate: Candidate | None = None
    refusal: Refusal | None = None
    lost: bool = False
    asking: Asking | None = None

    @property
    def pairs(self) -> tuple[TokenPair | None, TokenPair | None]:
        """All tokens, of which none may be overwritten unseen."""
        return self.tokens, self.candidate.tokens if self.candidate else None

    def refreshed(self, tokens: TokenPair) -> Stored:
        """Our own login was refreshed."""
        return replace(self, tokens=tokens, lost=False, asking=None)

    def given(self, tokens: TokenPair, origin: str) -> Stored:
        """A new login came of the bootstrap."""
        seen = _with(self.seen, origin)
        return replace(self, candidate=Candidate(tokens, origin), seen=seen, refusal=None)

    def taken(self, bootstrap: Bootstrap, now: datetime) -> Stored:
        """The bootstrap's access token becomes a new login, which cannot be refreshed.

        Raises:
            ValueError: It holds none.
        """
        if bootstrap.access is None:
            raise ValueError("a bootstrap without an access token cannot be taken")
        tokens = TokenPair(bootstrap.access, None, now + UNKNOWN_LIFETIME, ())
        return self.given(tokens, bootstrap.fingerprint)

    def asked(self, asking: Asking) -> Stored:
        """A person is asked to log in."""
        return replace(self, asking=asking)

    def slower(self, seconds: int) -> Stored:
        """The market wants fewer polls."""
        return replace(self, asking=self.asking.slower(seconds) if self.asking else None)

    def code_ended(self, now: datetime, *, refused: bool) -> Stored:
        """The code that was waited for is of no use any more."""
        asking = self.asking.ended(now, refused=refused) if self.asking else None
        return replace(self, asking=asking)

    def approved(self, tokens: TokenPair) -> Stored:
        """A person has approved a device login; whose it is shows next."""
        return replace(self, candidate=Candidate(tokens, DEVICE))

    def turned_away(self, now: datetime) -> Stored:
        """The person who approved was another account's; another code is asked for."""
        asking = self.asking.ended(now) if self.asking else None
        return replace(self, candidate=None, asking=asking)

    def candidate_refreshed(self, tokens: TokenPair) -> Stored:
        """The new login was refreshed before it could be proven."""
        if self.candidate is None:
            return self
        return replace(self, candidate=replace(self.candidate, tokens=tokens))

    def proven(self, account_id: str) -> Stored:
        """The new login is of the right account and takes the place of the one before."""
        if self.candidate is None:
            return self
        tokens = self.candidate.tokens
        return Stored(tokens, account_id, seen=self.seen)

    def refused(self, origin: str, reason: str, message: str) -> Stored:
        """The new login is not taken. What it was stays where it is, for who gave it by mistake."""
        seen = _with(self.seen, origin)
        return replace(self, refusal=Refusal(origin, reason, message), seen=seen)

    def given_up(self, token: Secret) -> Stored:
        """The market refused our own refresh token; it stays, for whoever knows better.

        A leader that was held up may yet come with what the token was spent for.
        """
        return replace(self, lost=self.tokens is not None and self.tokens.refresh == token)

    def is_refused(self, origin: str) -> bool:
        """Tell whether the latest new login was not taken and came from there."""
        return self.refusal is not None and self.refusal.origin == origin


def _with(seen: tuple[str, ...], origin: str) -> tuple[str, ...]:
    return (*(it for it in seen if it != origin), origin)[-MOST_SEEN:]
