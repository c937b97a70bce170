"""The Trading API: every route of a buyer, and how those of suppliers refuse."""

from thegrid_emulator.openapi.document import Subject
from thegrid_emulator.openapi.trading import (
    accounts,
    instruments,
    markets,
    orders,
    service,
    supplier,
    trades,
    transfers,
)

SUBJECTS: tuple[Subject, ...] = (
    *service.SUBJECTS,
    instruments.SUBJECT,
    markets.SUBJECT,
    orders.SUBJECT,
    trades.SUBJECT,
    accounts.SUBJECT,
    transfers.SUBJECT,
    supplier.SUBJECT,
)
"""What the trading document consists of."""
