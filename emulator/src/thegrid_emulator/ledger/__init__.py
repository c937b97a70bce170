"""Who owns what: USD, units that can be sold, and tokens that can be consumed.

Here belongs every change of a balance, and nothing else: no order, no HTTP, no clock. What enters
is either held by somebody, or has left, or was paid as a fee, or was used up, or has expired;
`Ledger.totals` adds it all up, so that a test can prove it after any step.

USD is a `Decimal`, never rounded. A unit is a million tokens; units are whole, tokens too.
"""

from thegrid_emulator.ledger.cash import Cash
from thegrid_emulator.ledger.consumption import Consumption, Draw, Lot, Reservation
from thegrid_emulator.ledger.delivery import Delivery
from thegrid_emulator.ledger.ledger import Ledger
from thegrid_emulator.ledger.totals import CashTotals, TokenTotals, Totals
from thegrid_emulator.ledger.transfers import Transfer
from thegrid_emulator.ledger.units import TOKENS_PER_UNIT, Parcel, Units

__all__ = [
    "TOKENS_PER_UNIT",
    "Cash",
    "CashTotals",
    "Consumption",
    "Delivery",
    "Draw",
    "Ledger",
    "Lot",
    "Parcel",
    "Reservation",
    "TokenTotals",
    "Totals",
    "Transfer",
    "Units",
]
