"""`thegrid balances`: what the account owns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from thegrid.cli.options import AsJson, ProfileName, trading_client
from thegrid.cli.output import Output, facts, table
from thegrid.client import Client, Refused
from thegrid.core.model import (
    CashBalance,
    ConsumptionBalance,
    TradingBalance,
    normal_instrument_id,
)


def balances(profile: ProfileName = None, as_json: AsJson = False) -> None:
    """Show cash, units to trade with, and units to spend.

    A unit is a million tokens. Units to spend were moved to consumption: they cannot be sold any
    more, and expire four hours after they arrived. Needs the scope account:read or a trading key.
    """
    with trading_client(profile) as client:
        cash = client.cash_balance()
        trading = {_id(row): row for row in client.trading_balances().complete()}
        spending = {_id(row): row for row in client.consumption_balances().complete()}
        instruments = tuple(dict.fromkeys((*trading, *spending)))
        symbols = _symbols(client, trading, instruments)
    rows = [(symbols[it], it, trading.get(it), spending.get(it)) for it in instruments]
    Output(as_json=as_json).show(
        {"cash": _cash(cash), "units": [_for_scripts(*row) for row in rows]},
        facts({"cash": f"{cash.available:f} {cash.currency}, {cash.locked:f} in open orders"}),
        "",
        table(
            ("INSTRUMENT", ">TO SELL", ">IN ORDERS", ">TO SPEND", ">RESERVED"),
            [
                (
                    symbol,
                    owned and owned.available,
                    owned and owned.locked,
                    spent and spent.uncommitted,
                    spent and spent.committed,
                )
                for symbol, _, owned, spent in rows
            ],
        ),
    )


def _id(row: TradingBalance | ConsumptionBalance) -> str:
    return normal_instrument_id(row.instrument_id)


def _symbols(
    client: Client, trading: Mapping[str, TradingBalance], instruments: Iterable[str]
) -> dict[str, str]:
    """Name instruments; a login that may not read the catalogue sees their identifiers."""
    names = {key: row.instrument_symbol or key for key, row in trading.items()}
    symbols = {key: names.get(key, key) for key in instruments}
    if any(key == symbol for key, symbol in symbols.items()):
        with suppress(Refused):
            known = {normal_instrument_id(it.id): it.symbol for it in client.instruments()}
            symbols = {key: known.get(key, symbol) for key, symbol in symbols.items()}
    return symbols


def _cash(cash: CashBalance) -> dict[str, Any]:
    return {
        "currency": cash.currency,
        "total": cash.total,
        "available": cash.available,
        "locked": cash.locked,
    }


def _for_scripts(
    symbol: str,
    instrument_id: str,
    owned: TradingBalance | None,
    spent: ConsumptionBalance | None,
) -> dict[str, Any]:
    trading = owned and {
        "total": owned.total,
        "available": owned.available,
        "locked": owned.locked,
    }
    consumption = spent and {
        "uncommitted": spent.uncommitted,
        "committed": spent.committed,
        "total": spent.total,
    }
    return {
        "symbol": symbol,
        "instrument_id": instrument_id,
        "trading": trading,
        "consumption": consumption,
    }
