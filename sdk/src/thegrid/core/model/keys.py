"""Keys: for consumption (the secret of an inference call) and for trading (a signature)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from thegrid.core.secret import Secret


@dataclass(frozen=True, slots=True)
class ConsumptionKey:
    """A consumption key as a listing shows it: everything but its secret.

    Attributes:
        id: The market's identifier, a UUID.
        name: Free text given at creation; our tag lives in it (`thegrid.core.identity`).
        is_active: False once it was revoked. Revoked keys stay in listings.
        expires_at: When it dies by itself, or None for never.
        created_at: When it was made, or None where the market does not say.
        last_used_at: When it was last used, or None for never or unknown.
        prefix: The first characters of the secret, for a person to recognise it by.
    """

    id: str
    name: str
    is_active: bool
    expires_at: datetime | None = None
    created_at: datetime | None = None
    last_used_at: datetime | None = None
    prefix: str = ""

    def is_live(self, now: datetime) -> bool:
        """Tell whether the market accepts this key at `now`: active and not expired."""
        return self.is_active and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class MintedKey:
    """A key at the only moment when its secret can be had: the answer to its creation."""

    key: ConsumptionKey
    secret: Secret


@dataclass(frozen=True, slots=True)
class KeyListing:
    """All consumption keys of an account, revoked ones included.

    Attributes:
        keys: In the market's order.
        as_of: The market's own time of the answer, from its `Date` header.
    """

    keys: tuple[ConsumptionKey, ...]
    as_of: datetime


@dataclass(frozen=True, slots=True)
class TradingKey:
    """A registered Ed25519 public key. Listings give only the fingerprint's first 8 characters."""

    id: str
    label: str
    fingerprint_prefix: str
    is_active: bool
