"""The names that programs may import; a change here is a change of the public interface."""

import subprocess
import sys

import pulumi_thegrid

PUBLIC = [
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


def test_the_public_names_are_these():
    assert sorted(pulumi_thegrid.__all__) == PUBLIC
    assert all(hasattr(pulumi_thegrid, name) for name in PUBLIC)


def test_a_program_that_asks_nothing_imports_nothing_that_talks_to_the_market():
    imported = "import sys, pulumi_thegrid; print(*sorted(sys.modules))"
    command = [sys.executable, "-c", imported]
    modules = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "pulumi_thegrid.consumption_key" in modules
    assert not {"httpx", "nacl", "thegrid.client"} & set(modules)
