"""The account, its settings and limits, and how a host is doing.

The Grid's documentation, "Platform API" and "Trading API".
"""

from __future__ import annotations

from typing import Any, cast, get_args

from thegrid.client._wire.fields import (
    Json,
    boolean,
    boolean_or_none,
    decimal_or_none,
    decimal_text,
    first,
    label,
    one_of,
    required,
    rows,
    section,
    text,
    texts,
    time,
    unwrapped,
    whole_or_none,
    without_none,
)
from thegrid.core.model import (
    Account,
    AccountMode,
    AccountSettings,
    Check,
    Diagnostics,
    Health,
    OrderLimits,
    Profile,
    TradingAccount,
    normal_market_id,
)
from thegrid.core.settings import SetAutoReload


def account(body: Json) -> Account:
    """Read who a login belongs to."""
    data = body["data"]
    return Account(text(required(data, "id", "user_id")), _email(data))


def profile(body: Json) -> Profile:
    """Read the person behind a login."""
    data = body["data"]
    return Profile(
        user_id=text(required(data, "id", "user_id")),
        email=_email(data),
        name=label(data.get("name")),
        verification_status=label(data.get("verification_status")),
        kyc_status=label(data.get("kyc_status")),
        aml_status=label(data.get("aml_status")),
        has_password=boolean_or_none(data.get("has_password")),
        has_accepted_legal_documents=boolean_or_none(data.get("has_accepted_legal_documents")),
        connected_providers=texts(data.get("connected_providers")),
    )


def trading_account(body: Json) -> TradingAccount:
    """Read the account as the trading host sees it; the address may stand under `user`."""
    data = body["data"]
    mode = data.get("account_mode")
    return TradingAccount(
        user_id=text(required(data, "user_id", "id")),
        email=_email(data),
        mode=None if mode is None else _mode(mode),
        capabilities=texts(data.get("capabilities")),
        name=label(data.get("name")),
        email_verified=boolean_or_none(data.get("email_verified")),
        accepted_terms=boolean_or_none(data.get("accepted_terms")),
        created_at=time(data.get("created_at")),
        updated_at=time(data.get("updated_at")),
    )


def settings(body: Json) -> AccountSettings:
    """Read an account's settings; the deprecated names of auto-buy serve where it lacks its own."""
    data = body["data"]
    return AccountSettings(
        mode=_mode(data["account_mode"]),
        auto_buy_enabled=boolean(required(data, "auto_buy_enabled", "auto_top_up_enabled")),
        auto_transfer_enabled=boolean(data.get("auto_transfer_enabled", False)),
        auto_reload_enabled=boolean(data.get("auto_reload_enabled", False)),
        auto_reload_threshold_usd=decimal_or_none(data.get("auto_reload_threshold_usd")),
        auto_reload_amount_usd=decimal_or_none(data.get("auto_reload_amount_usd")),
        auto_reload_monthly_limit_usd=decimal_or_none(data.get("auto_reload_monthly_limit_usd")),
        auto_buy_quantity=whole_or_none(first(data, "auto_buy_quantity", "auto_top_up_quantity")),
        auto_buy_trigger_threshold=whole_or_none(
            first(data, "auto_buy_trigger_threshold", "auto_top_up_trigger_threshold")
        ),
        mode_managed_fields=frozenset(texts(data.get("mode_managed_fields"))),
    )


def auto_reload_body(action: SetAutoReload) -> dict[str, Any]:
    """Write a change of the reload settings; what is None is left out."""
    return without_none(
        {
            "auto_reload_enabled": action.enabled,
            "auto_reload_threshold_usd": decimal_text(action.threshold_usd),
            "auto_reload_amount_usd": decimal_text(action.amount_usd),
            "auto_reload_monthly_limit_usd": decimal_text(action.monthly_limit_usd),
        }
    )


def order_limits(body: Json) -> OrderLimits:
    """Read how many orders an account may send to a market."""
    data = body["data"]
    limits = section(data, "order_rate_limits")
    return OrderLimits(
        market_id=normal_market_id(text(data["market_id"])),
        scope=label(limits.get("scope")),
        max_orders_per_second=whole_or_none(limits.get("max_orders_per_second")),
        max_orders_per_minute=whole_or_none(limits.get("max_orders_per_minute")),
        burst_capacity=whole_or_none(limits.get("burst_capacity")),
        window_seconds=whole_or_none(limits.get("window_seconds")),
    )


def health(body: Json) -> Health:
    """Read whether a host is up."""
    data = unwrapped(body)
    return Health(text(data["status"]), label(data.get("service")))


def diagnostics(body: Json) -> Diagnostics:
    """Read what a host finds about a login and itself."""
    data = unwrapped(body)
    return Diagnostics(
        status=text(data["status"]),
        service=label(data.get("service")),
        server_time=time(data.get("server_time")),
        checks=rows(data.get("checks"), _check),
    )


def _check(data: Json) -> Check:
    return Check(
        name=text(data["name"]),
        status=text(data["status"]),
        code=label(data.get("code")),
        detail=label(data.get("detail")),
        next_action=label(data.get("next_action")),
    )


def _email(data: Json) -> str:
    return label(data.get("email") or section(data, "user").get("email"))


def _mode(value: object) -> AccountMode:
    return cast("AccountMode", one_of(value, get_args(AccountMode)))
