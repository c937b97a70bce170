"""What the account owns, to trade with and to consume, and what moved between the two.

Units are counted in a million tokens each. Units that were moved to consumption never return, and
expire four hours later (The Grid's documentation, "Transfers" and "Units").
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class TradingBalance:
    """Units of one instrument that are owned and can still be sold.

    Attributes:
        account_id: The market's identifier of this balance.
        instrument_id: What is owned.
        total: Units owned, those in open sell orders included.
        available: Units that can be sold or moved now.
        locked: Units in open sell orders.
        instrument_symbol: Its symbol, or an empty text where it is not told.
        instrument_name: Its name, or an empty text.
        currency: The currency's code where this row holds money instead of units, or None.
        status: Such as `active`; empty where it is not told.
        last_trade_price: US dollars per unit, or None.
        created_at: When the balance began.
        updated_at: When it last changed.
    """

    account_id: str
    instrument_id: str
    total: Decimal
    available: Decimal
    locked: Decimal
    instrument_symbol: str = ""
    instrument_name: str = ""
    currency: str | None = None
    status: str = ""
    last_trade_price: Decimal | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CashBalance:
    """Money to buy with.

    Attributes:
        account_id: The market's identifier of this balance.
        currency: Its code in upper case, `USD`.
        total: Money owned, that of open buy orders included.
        available: Money that can be spent now.
        locked: Money in open buy orders.
        status: Such as `active`; empty where it is not told.
        created_at: When the balance began.
        updated_at: When it last changed.
    """

    account_id: str
    currency: str
    total: Decimal
    available: Decimal
    locked: Decimal
    status: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConsumptionBalance:
    """Units of one instrument that inference calls spend; parts of a unit are fractions.

    Attributes:
        account_id: The market's identifier of this balance.
        instrument_id: What is consumed.
        uncommitted: Units that a call can spend now.
        committed: Units that running calls have reserved, or None where it is not told.
        total: Both together, or None where it is not told.
        status: Such as `active`; empty where it is not told.
        total_deposits: Units that ever came in, or None where it is not told.
        total_withdrawals: Units that ever left, or None where it is not told.
        total_commitments: Units ever reserved, or None where it is not told.
        total_transfers_in: Units ever moved in, or None where it is not told.
        total_transfers_out: Units ever moved out, or None where it is not told.
        last_deposit_at: When units last came in, or None.
        last_withdrawal_at: When units last left, or None.
        last_commitment_at: When units were last reserved, or None.
        last_transfer_at: When units were last moved, or None.
        created_at: When the balance began.
        updated_at: When it last changed.
    """

    account_id: str
    instrument_id: str
    uncommitted: Decimal
    committed: Decimal | None = None
    total: Decimal | None = None
    status: str = ""
    total_deposits: Decimal | None = None
    total_withdrawals: Decimal | None = None
    total_commitments: Decimal | None = None
    total_transfers_in: Decimal | None = None
    total_transfers_out: Decimal | None = None
    last_deposit_at: datetime | None = None
    last_withdrawal_at: datetime | None = None
    last_commitment_at: datetime | None = None
    last_transfer_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StartedTransfer:
    """The answer to moving units; they arrive when the history of transfers shows `id`."""

    id: str
    status: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """A movement of units that is done.

    Attributes:
        id: What `StartedTransfer` calls `id`, such as `transfer_<uuid>`.
        account_id: Where the units arrived.
        sender_account_id: Where they came from, or None.
        instrument_id: What was moved.
        quantity: Units.
        transferred_at: When.
        instrument_name: For people.
        market_id: The market that it belongs to, or None.
        recorded_at: When the market wrote it down.
    """

    id: str
    account_id: str
    sender_account_id: str | None
    instrument_id: str
    quantity: Decimal
    transferred_at: datetime | None
    instrument_name: str = ""
    market_id: str | None = None
    recorded_at: datetime | None = None

    @property
    def is_to_consumption(self) -> bool:
        """Tell whether the units went to a consumption account, as the prefix of its id says."""
        return self.account_id.startswith("consumption_account")
