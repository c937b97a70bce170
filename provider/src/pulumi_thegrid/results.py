"""What the functions return: frozen values without secrets.

Amounts of US dollars and units are canonical decimal text, such as `12.5`, since Pulumi's numbers
are binary fractions. A unit is a million tokens. Times are ISO 8601 in UTC. What the market does
not tell is None or empty.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pulumi_thegrid._amounts import amount_text
from pulumi_thegrid._lifecycles.lifecycle import time_text
from thegrid.core.model import (
    AccountSettings,
    CashBalance,
    ConsumptionBalance,
    ConsumptionKey,
    Instrument,
    KeyListing,
    Market,
    Profile,
    Ticker,
    TradingBalance,
    TradingKey,
)


@dataclass(frozen=True)
class AccountResult:
    """The account of a login.

    Attributes:
        user_id: The account's identifier.
        email: Its address, or an empty text.
        verification_status: `pending` or `verified` for the address; empty where it is not told.
        mode: `easy` or `advanced`.
        auto_buy_enabled: Whether the platform buys units when they run out.
        auto_transfer_enabled: Whether it moves them to consumption.
        auto_reload_enabled: Whether the saved payment method is charged when US dollars run out.
        auto_reload_threshold_usd: Reload when the balance falls below this.
        auto_reload_amount_usd: How much one reload charges.
        auto_reload_monthly_limit_usd: At most this much in a calendar month.
    """

    user_id: str
    email: str
    verification_status: str
    mode: str
    auto_buy_enabled: bool
    auto_transfer_enabled: bool
    auto_reload_enabled: bool
    auto_reload_threshold_usd: str | None
    auto_reload_amount_usd: str | None
    auto_reload_monthly_limit_usd: str | None

    @classmethod
    def of(cls, profile: Profile, settings: AccountSettings) -> AccountResult:
        """Write what the market said."""
        return cls(
            profile.user_id,
            profile.email,
            profile.verification_status,
            settings.mode,
            settings.auto_buy_enabled,
            settings.auto_transfer_enabled,
            settings.auto_reload_enabled,
            amount_text(settings.auto_reload_threshold_usd),
            amount_text(settings.auto_reload_amount_usd),
            amount_text(settings.auto_reload_monthly_limit_usd),
        )


@dataclass(frozen=True)
class CashResult:
    """US dollars to buy with.

    Attributes:
        total_usd: US dollars owned, those in open buy orders included.
        available_usd: US dollars that can be spent now.
        locked_usd: US dollars in open buy orders.
    """

    total_usd: str
    available_usd: str
    locked_usd: str


@dataclass(frozen=True)
class TradingBalanceResult:
    """Units of one instrument that can be sold or moved to consumption.

    Attributes:
        instrument_id: What is owned.
        symbol: Its symbol, such as `text-prime`; empty where it is not told.
        total_units: Units owned, those in open sell orders included.
        available_units: Units that can be sold or moved now.
        locked_units: Units in open sell orders.
    """

    instrument_id: str
    symbol: str
    total_units: str
    available_units: str
    locked_units: str


@dataclass(frozen=True)
class ConsumptionBalanceResult:
    """Units of one instrument that inference calls spend; parts of a unit are fractions.

    Attributes:
        instrument_id: What is consumed.
        available_units: Units that a call can spend now.
        reserved_units: Units that running calls have reserved, or None where it is not told.
    """

    instrument_id: str
    available_units: str
    reserved_units: str | None


@dataclass(frozen=True)
class BalancesResult:
    """What an account owns.

    Attributes:
        cash: US dollars.
        trading: One entry per instrument that was ever owned.
        consumption: One entry per instrument that was ever consumed.
    """

    cash: CashResult
    trading: tuple[TradingBalanceResult, ...]
    consumption: tuple[ConsumptionBalanceResult, ...]

    @classmethod
    def of(
        cls,
        cash: CashBalance,
        trading: Iterable[TradingBalance],
        consumption: Iterable[ConsumptionBalance],
    ) -> BalancesResult:
        """Write what the market said."""
        money = (cash.total, cash.available, cash.locked)
        return cls(
            CashResult(*(amount_text(amount) for amount in money)),
            tuple(
                TradingBalanceResult(
                    row.instrument_id,
                    row.instrument_symbol,
                    amount_text(row.total),
                    amount_text(row.available),
                    amount_text(row.locked),
                )
                for row in trading
            ),
            tuple(
                ConsumptionBalanceResult(
                    row.instrument_id, amount_text(row.uncommitted), amount_text(row.committed)
                )
                for row in consumption
            ),
        )


@dataclass(frozen=True)
class InstrumentResult:
    """A quality tier that is bought and consumed.

    Attributes:
        id: The market's identifier, `instrument-<uuid>`.
        symbol: What an inference request calls `model`, such as `text-prime`.
        name: For people.
        description: For people.
        status: `active`, `inactive` or `deprecated`.
        tokens_per_unit: Tokens in one unit, or None.
        context_window: Tokens that a request and its answer may have together, or None.
        max_output_length: Tokens that an answer may have, or None.
        qualifying_models: Models that may serve it.
        last_trade_price_usd: US dollars per unit, or None.
    """

    id: str
    symbol: str
    name: str
    description: str
    status: str
    tokens_per_unit: int | None
    context_window: int | None
    max_output_length: int | None
    qualifying_models: tuple[str, ...]
    last_trade_price_usd: str | None

    @classmethod
    def of(cls, instrument: Instrument) -> InstrumentResult:
        """Write what the market said."""
        return cls(
            instrument.id,
            instrument.symbol,
            instrument.name,
            instrument.description,
            instrument.status,
            instrument.tokens_per_unit,
            instrument.context_window,
            instrument.max_output_length,
            instrument.qualifying_models,
            amount_text(instrument.last_trade_price),
        )


@dataclass(frozen=True)
class MarketResult:
    """The order book of one instrument against US dollars, and where it stands.

    Attributes:
        id: The market's identifier, `market-<uuid>`.
        name: For people.
        status: Only `active` accepts orders.
        instrument_ids: The instruments that belong to it, the currency included.
        tick_size_usd: Step between allowed prices, in US dollars per unit, or None.
        lot_size_units: Step between allowed quantities, in units, or None.
        min_order_units: Least units of an order, or None.
        max_order_units: Most units of an order, or None.
        last_price_usd: Price of the last trade, in US dollars per unit, or None.
        highest_bid_usd: Best price that a buyer offers, in US dollars per unit, or None.
        lowest_ask_usd: Best price that a seller asks, in US dollars per unit, or None.
    """

    id: str
    name: str
    status: str
    instrument_ids: tuple[str, ...]
    tick_size_usd: str | None
    lot_size_units: str | None
    min_order_units: str | None
    max_order_units: str | None
    last_price_usd: str | None
    highest_bid_usd: str | None
    lowest_ask_usd: str | None

    @classmethod
    def of(cls, market: Market, ticker: Ticker) -> MarketResult:
        """Write what the market said."""
        return cls(
            market.id,
            market.name,
            market.status,
            market.instrument_ids,
            amount_text(market.tick_size),
            amount_text(market.lot_size),
            amount_text(market.min_order_size),
            amount_text(market.max_order_size),
            amount_text(ticker.last_price),
            amount_text(ticker.highest_bid),
            amount_text(ticker.lowest_ask),
        )


KeyState = Literal["live", "revoked", "expired"]


@dataclass(frozen=True)
class ConsumptionKeyResult:
    """A consumption key without any part of its secret.

    Attributes:
        id: The market's identifier, a UUID.
        name: Its name at the market.
        state: `live`, `revoked` or `expired`.
        expires_at: When it dies by itself, or None for never.
        created_at: When it was made, or None where it is not told.
        last_used_at: When it was last used, or None for never or unknown.
    """

    id: str
    name: str
    state: KeyState
    expires_at: str | None
    created_at: str | None
    last_used_at: str | None

    @classmethod
    def of(cls, key: ConsumptionKey, now: datetime) -> ConsumptionKeyResult:
        """Write what the market said."""
        state: KeyState = "live" if key.is_live(now) else "expired"
        return cls(
            key.id,
            key.name,
            state if key.is_active else "revoked",
            time_text(key.expires_at),
            time_text(key.created_at),
            time_text(key.last_used_at),
        )


@dataclass(frozen=True)
class TradingKeyResult:
    """A registered trading key, of which the market has only the public half.

    Attributes:
        id: The market's identifier, a UUID.
        label: Its label at the market.
        state: `live` or `revoked`.
        fingerprint_prefix: The first 8 characters of its fingerprint.
    """

    id: str
    label: str
    state: KeyState
    fingerprint_prefix: str

    @classmethod
    def of(cls, key: TradingKey) -> TradingKeyResult:
        """Write what the market said."""
        return cls(
            key.id, key.label, "live" if key.is_active else "revoked", key.fingerprint_prefix
        )


@dataclass(frozen=True)
class KeysResult:
    """The keys of an account.

    Attributes:
        consumption: Those that programs spend with, in the market's order.
        trading: Those that sign trades, in the market's order.
    """

    consumption: tuple[ConsumptionKeyResult, ...]
    trading: tuple[TradingKeyResult, ...]

    @classmethod
    def of(
        cls, consumption: KeyListing, trading: Iterable[TradingKey], *, ended: bool
    ) -> KeysResult:
        """Write what the market said; without those that have ended, unless asked for."""
        spending = [ConsumptionKeyResult.of(it, consumption.as_of) for it in consumption.keys]
        signing = [TradingKeyResult.of(it) for it in trading]
        return cls(
            tuple(it for it in spending if ended or it.state == "live"),
            tuple(it for it in signing if ended or it.state == "live"),
        )
