"""What the account owns and what it moved (The Grid's documentation, "Accounts", "Transfers").

Older answers name some fields otherwise; each reader lists the spellings, the current one first.
"""

from __future__ import annotations

from typing import Any

from thegrid.client._wire.fields import (
    Json,
    decimal,
    decimal_or_none,
    first,
    label,
    required,
    text,
    text_or_none,
    time,
    unwrapped,
)
from thegrid.core.model import (
    CashBalance,
    ConsumptionBalance,
    StartedTransfer,
    TradingBalance,
    Transfer,
    normal_instrument_id,
    normal_market_id,
)


def trading_balance(data: Json) -> TradingBalance:
    """Read the units of one instrument that can be sold; a row of money says its currency."""
    return TradingBalance(
        account_id=text(required(data, "account_id", "id")),
        instrument_id=normal_instrument_id(text(data["instrument_id"])),
        total=decimal(data["total_balance"]),
        available=decimal(data["available_balance"]),
        locked=decimal(required(data, "locked_balance", "reserved_balance")),
        instrument_symbol=label(data.get("instrument_symbol")),
        instrument_name=label(data.get("instrument_name")),
        currency=text_or_none(data.get("currency")),
        status=label(data.get("status")),
        last_trade_price=decimal_or_none(data.get("last_trade_price")),
        created_at=time(data.get("created_at")),
        updated_at=time(data.get("updated_at")),
    )


def cash_balance(data: Json) -> CashBalance:
    """Read the money of one currency."""
    return CashBalance(
        account_id=text(required(data, "account_id", "id")),
        currency=text(data["currency"]).upper(),
        total=decimal(data["total_balance"]),
        available=decimal(data["available_balance"]),
        locked=decimal(required(data, "locked_balance", "reserved_balance")),
        status=label(data.get("status")),
        created_at=time(data.get("created_at")),
        updated_at=time(data.get("updated_at")),
    )


def consumption_balance(data: Json) -> ConsumptionBalance:
    """Read the units of one instrument that inference calls spend."""
    return ConsumptionBalance(
        account_id=text(required(data, "account_id", "id")),
        instrument_id=normal_instrument_id(text(data["instrument_id"])),
        uncommitted=decimal(required(data, "uncommitted_balance", "available_balance")),
        committed=decimal_or_none(data.get("committed_balance")),
        total=decimal_or_none(data.get("total_balance")),
        status=label(data.get("status")),
        total_deposits=decimal_or_none(data.get("total_deposits")),
        total_withdrawals=decimal_or_none(data.get("total_withdrawals")),
        total_commitments=decimal_or_none(data.get("total_commitments")),
        total_transfers_in=decimal_or_none(data.get("total_transfers_in")),
        total_transfers_out=decimal_or_none(data.get("total_transfers_out")),
        last_deposit_at=time(data.get("last_deposit_at")),
        last_withdrawal_at=time(data.get("last_withdrawal_at")),
        last_commitment_at=time(data.get("last_commitment_at")),
        last_transfer_at=time(data.get("last_transfer_at")),
        created_at=time(data.get("created_at")),
        updated_at=time(data.get("updated_at")),
    )


def transfer_body(instrument_id: str, quantity: int) -> dict[str, Any]:
    """Write a movement of units."""
    return {"instrument_id": normal_instrument_id(instrument_id), "quantity": quantity}


def started_transfer(body: Json) -> StartedTransfer:
    """Read the answer to moving units, which has no envelope today and had one before."""
    data = unwrapped(body)
    return StartedTransfer(text(data["transfer_id"]), label(data.get("status")))


def transfer(data: Json) -> Transfer:
    """Read a row of the history of transfers."""
    market_id = text_or_none(data.get("market_id"))
    return Transfer(
        id=text(required(data, "transfer_id", "id")),
        account_id=text(data["account_id"]),
        sender_account_id=text_or_none(data.get("sender_account_id")),
        instrument_id=normal_instrument_id(text(data["instrument_id"])),
        quantity=decimal(data["quantity"]),
        transferred_at=time(first(data, "transferred_at", "inserted_at")),
        instrument_name=label(data.get("instrument_name")),
        market_id=None if market_id is None else normal_market_id(market_id),
        recorded_at=time(data.get("inserted_at")),
    )
