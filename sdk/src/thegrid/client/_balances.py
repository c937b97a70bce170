"""What the account owns, and moving units to where they are consumed.

Routes follow The Grid's documentation, "Accounts" and "Transfers". Reads need a trading key, or a
login with the scope `account:read`; a transfer needs `trade:write`. Every method raises `Refused`
(the market said no, `NotFound` for what it does not know) and `Unreachable` (no usable answer came,
and asking again is safe).
"""

from __future__ import annotations

from decimal import Decimal

from thegrid.client import _wire
from thegrid.client._base import Api
from thegrid.client._call import call, segment, within
from thegrid.client._listing import PAGE_SIZE, Listing
from thegrid.client.errors import Misuse
from thegrid.core.model import (
    CashBalance,
    ConsumptionBalance,
    StartedTransfer,
    TradingBalance,
    Transfer,
    normal_instrument_id,
    normal_market_id,
    wrong_quantity,
)

_US_DOLLARS = "USD"


class BalancesApi(Api):
    """Balances and transfers."""

    def trading_balances(self, *, instrument_id: str | None = None) -> Listing[TradingBalance]:
        """List the units that can be sold (`GET /trading-accounts`).

        A row of money is left out: `cash_balance` tells that.

        Args:
            instrument_id: Only of this instrument, or None.

        Returns:
            One row per instrument.
        """
        return self._list(
            "/trading-accounts",
            _wire.trading_balance,
            lambda row: row.account_id,
            _of_instrument(instrument_id),
            keep=lambda row: row.currency is None,
        )

    def trading_balance(self, account_id: str) -> TradingBalance:
        """Read one row of it (`GET /trading-accounts/{account_id}`)."""
        return self._get_data(
            f"/trading-accounts/{segment('account_id', account_id)}", _wire.trading_balance
        )

    def cash_balance(self) -> CashBalance:
        """Read the US dollars to buy with (`GET /currency-trading-accounts`).

        Returns:
            The balance; an account that never had any has zero of everything and no identifier.

        Raises:
            Truncated: The listing broke off without it.
            Refused: The market said no.
            Unreachable: No usable answer came.
        """
        rows = self._list(
            "/currency-trading-accounts",
            _wire.cash_balance,
            lambda row: row.account_id,
            {"limit": PAGE_SIZE},
            keep=lambda row: row.currency == _US_DOLLARS,
        ).complete()
        nothing = CashBalance("", _US_DOLLARS, Decimal(0), Decimal(0), Decimal(0))
        return rows[0] if rows else nothing

    def currency_balance(self, account_id: str) -> CashBalance:
        """Read the money of one account (`GET /currency-trading-accounts/{account_id}`)."""
        return self._get_data(
            f"/currency-trading-accounts/{segment('account_id', account_id)}", _wire.cash_balance
        )

    def consumption_balances(
        self, *, instrument_id: str | None = None
    ) -> Listing[ConsumptionBalance]:
        """List the units that inference calls spend (`GET /consumption-accounts`).

        Args:
            instrument_id: Only of this instrument, or None.

        Returns:
            One row per instrument.
        """
        return self._list(
            "/consumption-accounts",
            _wire.consumption_balance,
            lambda row: row.account_id,
            _of_instrument(instrument_id),
        )

    def consumption_balance(self, account_id: str) -> ConsumptionBalance:
        """Read one row of it (`GET /consumption-accounts/{account_id}`)."""
        return self._get_data(
            f"/consumption-accounts/{segment('account_id', account_id)}",
            _wire.consumption_balance,
        )

    def transfer_to_consumption(self, instrument_id: str, quantity: int) -> StartedTransfer:
        """Move units to where calls spend them (`POST /transfers/trading-to-consumption`).

        They never return, and expire four hours later. It is never sent twice after an unclear
        answer.

        Args:
            instrument_id: What to move.
            quantity: Whole units, from 1.

        Returns:
            The transfer's identifier; it is done when `transfers` shows it.

        Raises:
            Misuse: `quantity` cannot be.
            NotFound: There is no such instrument.
            Refused: The market said no, for example since fewer units are available.
            Unreachable: Nothing was sent.
            InDoubt: The units may have been moved; `transfers` tells.
        """
        problem = wrong_quantity(quantity)
        if problem:
            raise Misuse(problem)
        now = _wire.time_text(self.clock.now())
        request = call(
            "POST",
            self._trading,
            "/transfers/trading-to-consumption",
            body=_wire.transfer_body(instrument_id, quantity),
            look_for=f"a transfer of {quantity} units of {normal_instrument_id(instrument_id)} "
            f"after {now}",
        )
        return self._sender.read(request, _wire.started_transfer)

    def transfers(
        self,
        *,
        instrument_id: str | None = None,
        market_id: str | None = None,
        order_by: str | None = None,
        order_direction: str | None = None,
        page_size: int = PAGE_SIZE,
    ) -> Listing[Transfer]:
        """List the movements of units that are done (`GET /transfer-histories`).

        Args:
            instrument_id: Only of this instrument, or None.
            market_id: Only of this market, or None.
            order_by: The market's name of a field, or None.
            order_direction: `asc` or `desc`, or None.
            page_size: Rows to ask for at once, from 1 to 100.

        Returns:
            The transfers; the market shows new ones with a delay.
        """
        query = _of_instrument(instrument_id) | {
            "market_id": None if market_id is None else normal_market_id(market_id),
            "order_by": order_by,
            "order_direction": order_direction,
            "limit": within("page_size", page_size, PAGE_SIZE),
        }
        return self._list("/transfer-histories", _wire.transfer, lambda row: row.id, query)


def _of_instrument(instrument_id: str | None) -> dict[str, str | int | None]:
    wanted = None if instrument_id is None else normal_instrument_id(instrument_id)
    return {"instrument_id": wanted, "limit": PAGE_SIZE}
