"""Functions that read the market for a program, each in two forms as in Pulumi's other packages.

The plain form takes plain values and holds the program up; the form that ends in `_output` takes
outputs too and returns one. Both ask in the program's own process, in previews too, with the login
that resources would have; `opts` may name a `Provider`, a parent that has one, and for the second
form what must be there before. None returns a secret. Each raises `pulumi.RunError` with one line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from pulumi_thegrid._ask import Arguments, ask, ask_later
from pulumi_thegrid.results import (
    AccountResult,
    BalancesResult,
    InstrumentResult,
    KeysResult,
    MarketResult,
)

if TYPE_CHECKING:  # a program that asks nothing does without
    from pulumi_thegrid._connection import Connection


def get_account(*, opts: pulumi.InvokeOptions | None = None) -> AccountResult:
    """Read whose account it is, and its settings (scope `account:read`).

    Args:
        opts: Pulumi's options for functions.

    Returns:
        The account.
    """
    return ask("get_account", _account, {}, opts)


def get_account_output(*, opts: pulumi.InvokeOptions | None = None) -> pulumi.Output[AccountResult]:
    """Read whose account it is, as `get_account`; the form for outputs."""
    return ask_later("get_account", _account, {}, opts)


def get_balances(*, opts: pulumi.InvokeOptions | None = None) -> BalancesResult:
    """Read what the account owns: US dollars and units (scope `account:read`).

    Args:
        opts: Pulumi's options for functions.

    Returns:
        The balances as they are now; a stack that uses them differs from one run to the next.
    """
    return ask("get_balances", _balances, {}, opts)


def get_balances_output(
    *, opts: pulumi.InvokeOptions | None = None
) -> pulumi.Output[BalancesResult]:
    """Read what the account owns, as `get_balances`; the form for outputs."""
    return ask_later("get_balances", _balances, {}, opts)


def get_instrument(symbol: str, *, opts: pulumi.InvokeOptions | None = None) -> InstrumentResult:
    """Read what can be bought and consumed under a symbol (scope `trade:read`).

    Args:
        symbol: Such as `text-prime`.
        opts: Pulumi's options for functions.

    Returns:
        The instrument.
    """
    return ask("get_instrument", _instrument, {"symbol": symbol}, opts)


def get_instrument_output(
    symbol: pulumi.Input[str], *, opts: pulumi.InvokeOptions | None = None
) -> pulumi.Output[InstrumentResult]:
    """Read an instrument, as `get_instrument`; the form for outputs."""
    return ask_later("get_instrument", _instrument, {"symbol": symbol}, opts)


def get_market(symbol: str, *, opts: pulumi.InvokeOptions | None = None) -> MarketResult:
    """Read the market of an instrument, and its prices now (scope `trade:read`).

    Args:
        symbol: The instrument's, such as `text-prime`.
        opts: Pulumi's options for functions.

    Returns:
        The market.
    """
    return ask("get_market", _market, {"symbol": symbol}, opts)


def get_market_output(
    symbol: pulumi.Input[str], *, opts: pulumi.InvokeOptions | None = None
) -> pulumi.Output[MarketResult]:
    """Read a market, as `get_market`; the form for outputs."""
    return ask_later("get_market", _market, {"symbol": symbol}, opts)


def get_keys(*, ended: bool = False, opts: pulumi.InvokeOptions | None = None) -> KeysResult:
    """List the account's keys, without any part of their secrets (scope `keys:manage`).

    Args:
        ended: Whether revoked and expired keys are listed too.
        opts: Pulumi's options for functions.

    Returns:
        The keys.
    """
    return ask("get_keys", _keys, {"ended": ended}, opts)


def get_keys_output(
    *, ended: pulumi.Input[bool] = False, opts: pulumi.InvokeOptions | None = None
) -> pulumi.Output[KeysResult]:
    """List the account's keys, as `get_keys`; the form for outputs."""
    return ask_later("get_keys", _keys, {"ended": ended}, opts)


def _account(connection: Connection, _: Arguments) -> AccountResult:
    client = connection.client()
    return AccountResult.of(client.profile(), client.settings())


def _balances(connection: Connection, _: Arguments) -> BalancesResult:
    client = connection.client()
    return BalancesResult.of(
        client.cash_balance(),
        client.trading_balances().complete(),
        client.consumption_balances().complete(),
    )


def _instrument(connection: Connection, arguments: Arguments) -> InstrumentResult:
    return InstrumentResult.of(connection.client().instrument_by_symbol(arguments["symbol"]))


def _market(connection: Connection, arguments: Arguments) -> MarketResult:
    client = connection.client()
    market = client.market_of(arguments["symbol"])
    return MarketResult.of(market, client.ticker(market.id))


def _keys(connection: Connection, arguments: Arguments) -> KeysResult:
    client = connection.client()
    ended = bool(arguments["ended"])
    return KeysResult.of(client.list_consumption_keys(), client.list_trading_keys(), ended=ended)
