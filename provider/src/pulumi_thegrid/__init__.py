"""The Grid in Pulumi programs: keys, standing orders, transfers, and the settings of an account.

What belongs here: one file per resource, with its typed arguments. What does not: how a resource
lives (`_lifecycles`), what is pickled (`_providers`), and what Pulumi does not promise to keep
(`_engine`).
"""

from pulumi_thegrid.account_settings import AccountSettings
from pulumi_thegrid.consumption_key import ConsumptionKey
from pulumi_thegrid.functions import (
    get_account,
    get_account_output,
    get_balances,
    get_balances_output,
    get_instrument,
    get_instrument_output,
    get_keys,
    get_keys_output,
    get_market,
    get_market_output,
)
from pulumi_thegrid.intent import Intent
from pulumi_thegrid.provider import Provider
from pulumi_thegrid.results import (
    AccountResult,
    BalancesResult,
    CashResult,
    ConsumptionBalanceResult,
    ConsumptionKeyResult,
    InstrumentResult,
    KeysResult,
    MarketResult,
    TradingBalanceResult,
    TradingKeyResult,
)
from pulumi_thegrid.stack_identity import StackIdentity
from pulumi_thegrid.standing_order import StandingOrder
from pulumi_thegrid.trading_key import TradingKey
from pulumi_thegrid.transfer import Transfer

__all__ = [
    "AccountResult",
    "AccountSettings",
    "BalancesResult",
    "CashResult",
    "ConsumptionBalanceResult",
    "ConsumptionKey",
    "ConsumptionKeyResult",
    "InstrumentResult",
    "Intent",
    "KeysResult",
    "MarketResult",
    "Provider",
    "StackIdentity",
    "StandingOrder",
    "TradingBalanceResult",
    "TradingKey",
    "TradingKeyResult",
    "Transfer",
    "get_account",
    "get_account_output",
    "get_balances",
    "get_balances_output",
    "get_instrument",
    "get_instrument_output",
    "get_keys",
    "get_keys_output",
    "get_market",
    "get_market_output",
]
