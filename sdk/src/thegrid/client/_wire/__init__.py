"""JSON to values and back: the only place that knows the market's field names.

One file per subject. What belongs here: spelling. What does not: routes (`thegrid.client`) and any
decision (`thegrid.core`).
"""

from thegrid.client._wire.account import (
    account,
    auto_reload_body,
    diagnostics,
    health,
    order_limits,
    profile,
    settings,
    trading_account,
)
from thegrid.client._wire.balance import (
    cash_balance,
    consumption_balance,
    started_transfer,
    trading_balance,
    transfer,
    transfer_body,
)
from thegrid.client._wire.fields import Json, T, UnusableAnswer, parse, time_text
from thegrid.client._wire.keys import (
    consumption_key,
    consumption_key_change,
    consumption_keys,
    minted_key,
    trading_key,
    trading_keys,
)
from thegrid.client._wire.login import device_login, scopes, token_pair
from thegrid.client._wire.market import (
    instrument,
    market,
    market_statistics,
    order_book,
    public_trade,
    ticker,
)
from thegrid.client._wire.order import (
    cancelled_count,
    new_order_body,
    order,
    order_change_body,
    order_count,
    order_in_envelope,
    placed_order,
    position,
    trade,
)
from thegrid.client._wire.pages import Page, page
from thegrid.client._wire.refusals import error_code, error_texts
from thegrid.client._wire.usage import daily_usage, models, usage_receipt, usage_summary

__all__ = [
    "Json",
    "Page",
    "T",
    "UnusableAnswer",
    "account",
    "auto_reload_body",
    "cancelled_count",
    "cash_balance",
    "consumption_balance",
    "consumption_key",
    "consumption_key_change",
    "consumption_keys",
    "daily_usage",
    "device_login",
    "diagnostics",
    "error_code",
    "error_texts",
    "health",
    "instrument",
    "market",
    "market_statistics",
    "minted_key",
    "models",
    "new_order_body",
    "order",
    "order_book",
    "order_change_body",
    "order_count",
    "order_in_envelope",
    "order_limits",
    "page",
    "parse",
    "placed_order",
    "position",
    "profile",
    "public_trade",
    "scopes",
    "settings",
    "started_transfer",
    "ticker",
    "time_text",
    "token_pair",
    "trade",
    "trading_account",
    "trading_balance",
    "trading_key",
    "trading_keys",
    "transfer",
    "transfer_body",
    "usage_receipt",
    "usage_summary",
]
