"""The account of a login: who it is, what it may do, and its settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

AccountMode = Literal["easy", "advanced"]


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
        auto_buy_quantity: Units that auto-buy buys at once; None for the platform's default, 1.
        auto_buy_trigger_threshold: Units below which auto-buy buys; None for the default, 1.
        mode_managed_fields: Names of the settings that the mode dictates, as far as it is told.
    """

    mode: AccountMode
    auto_buy_enabled: bool
    auto_transfer_enabled: bool
    auto_reload_enabled: bool
    auto_reload_threshold_usd: Decimal | None = None
    auto_reload_amount_usd: Decimal | None = None
    auto_reload_monthly_limit_usd: Decimal | None = None
    auto_buy_quantity: int | None = None
    auto_buy_trigger_threshold: int | None = None
    mode_managed_fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Profile:
    """What the platform knows about the person behind a login.

    Attributes:
        user_id: The account's identifier.
        email: The address of the account, or an empty text.
        name: The person's name, or an empty text.
        verification_status: `pending` or `verified` for the address; empty where it is not told.
        kyc_status: How far the check of the person is; empty where it is not told.
        aml_status: How far the check against money laundering is; empty where it is not told.
        has_password: Whether a password is set, or None where it is not told.
        has_accepted_legal_documents: Whether the terms are accepted, or None where it is not told.
        connected_providers: The services that the person can log in with.
    """

    user_id: str
    email: str
    name: str = ""
    verification_status: str = ""
    kyc_status: str = ""
    aml_status: str = ""
    has_password: bool | None = None
    has_accepted_legal_documents: bool | None = None
    connected_providers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TradingAccount:
    """The account of a login as the trading host sees it.

    Attributes:
        user_id: The account's identifier.
        email: The address of the account, or an empty text.
        mode: `easy` refuses order writes, `advanced` allows them; None where it is not told.
        capabilities: What the account may do, such as `trade`.
        name: The person's name, or an empty text.
        email_verified: Whether the address is verified, or None where it is not told.
        accepted_terms: Whether the terms are accepted, or None where it is not told.
        created_at: When the account was opened, or None where it is not told.
        updated_at: When it was last changed, or None where it is not told.
    """

    user_id: str
    email: str
    mode: AccountMode | None = None
    capabilities: tuple[str, ...] = ()
    name: str = ""
    email_verified: bool | None = None
    accepted_terms: bool | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderLimits:
    """How many orders an account may send to one market.

    Attributes:
        market_id: The market.
        scope: What is counted, such as `user_market` for one user in one market.
        max_orders_per_second: Orders allowed in a second, or None where it is not told.
        max_orders_per_minute: Orders allowed in a minute, or None where it is not told.
        burst_capacity: Orders that may come at once, or None where it is not told.
        window_seconds: Length of the counted window, or None where it is not told.
    """

    market_id: str
    scope: str = ""
    max_orders_per_second: int | None = None
    max_orders_per_minute: int | None = None
    burst_capacity: int | None = None
    window_seconds: int | None = None
