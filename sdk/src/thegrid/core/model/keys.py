"""Keys: for consumption (the secret of an inference call) and for trading (a signature)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from thegrid.core.secret import Secret


class ListedKey(Protocol):
    """What a rotation needs to know of a key in a listing, whatever the key is for."""

    @property
    def id(self) -> str:
        """The market's identifier, a UUID."""

    @property
    def name(self) -> str:
        """Free text given at creation; our tag lives in it (`thegrid.core.identity`)."""

    @property
    def is_active(self) -> bool:
        """False once it was revoked."""

    @property
    def expires_at(self) -> datetime | None:
        """When it dies by itself, or None for never."""

    @property
    def created_at(self) -> datetime | None:
        """When it was made, or None where the market does not say."""

    def is_live(self, now: datetime) -> bool:
        """Tell whether the market accepts this key at `now`."""


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
    """A registered Ed25519 public key, which never expires.

    Attributes:
        id: The market's identifier, a UUID.
        label: Free text given at registration; our tag lives in it.
        fingerprint_prefix: The fingerprint's first 8 characters, which is all that listings give.
        is_active: False once it was revoked. Revoked keys stay in listings.
        created_at: When it was registered, or None where the market does not say.
    """

    id: str
    label: str
    fingerprint_prefix: str
    is_active: bool
    created_at: datetime | None = None

    @property
    def name(self) -> str:
        """The label, under the word that both kinds of keys share."""
        return self.label

    @property
    def expires_at(self) -> datetime | None:
        """None: a registered key lives until it is revoked."""
        return None

    def is_live(self, now: datetime) -> bool:  # noqa: ARG002 - as the other kind of key is asked
        """Tell whether the market accepts this key."""
        return self.is_active
