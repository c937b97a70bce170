"""Frozen values for the market's things. Times are aware datetimes in UTC, money is `Decimal`.

What belongs here: what the market tells, once it has been read. What does not: field names of the
wire (`thegrid.client._wire` knows those) and any decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from thegrid.core.secret import Secret

AccountMode = Literal["easy", "advanced"]


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


@dataclass(frozen=True, slots=True)
class Account:
    """The account that a login belongs to."""

    user_id: str
    email: str


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """The settings of an account; amounts are US dollars.

    Attributes:
        mode: `easy` buys by itself, `advanced` leaves trading to the owner.
        auto_buy_enabled: Whether the platform buys units when they run out.
        auto_transfer_enabled: Derived from the mode; never written.
        auto_reload_enabled: Whether the saved payment method is charged when USD run out.
        auto_reload_threshold_usd: Reload when the balance falls below this.
        auto_reload_amount_usd: How much one reload charges.
        auto_reload_monthly_limit_usd: At most this much in a calendar month.
    """

    mode: AccountMode
    auto_buy_enabled: bool
    auto_transfer_enabled: bool
    auto_reload_enabled: bool
    auto_reload_threshold_usd: Decimal | None = None
    auto_reload_amount_usd: Decimal | None = None
    auto_reload_monthly_limit_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """An instrument as the inference catalogue names it; `id` is what a request calls `model`."""

    id: str
    display_name: str


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An OAuth login: a short access token and the refresh token that one refresh uses up.

    Attributes:
        access: Sent as a bearer token.
        refresh: Spent by the next refresh, or None where the server gave none.
        expires_at: When the access token dies.
        scopes: What the login may do, such as `keys:manage`.
    """

    access: Secret
    refresh: Secret | None
    expires_at: datetime
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeviceLogin:
    """A login that waits for a person to approve it in a browser (RFC 8628).

    Attributes:
        device_code: What this program polls with.
        user_code: What the person types.
        verification_uri: Where the person types it.
        verification_uri_complete: The same address with the code already in it.
        expires_at: When the codes die.
        interval_seconds: The least number of seconds between two polls.
    """

    device_code: Secret
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_at: datetime
    interval_seconds: int
