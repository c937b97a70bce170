"""What an account is given, when it is opened or later."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from thegrid_emulator.errors import InvalidFieldsError
from thegrid_emulator.ledger import Ledger
from thegrid_emulator.ledger.cash import checked_amount
from thegrid_emulator.state.catalogue import Instrument, find_instrument

_MOST_UNITS = 1_000_000


@dataclass(frozen=True, slots=True)
class Seeds:
    """USD and units for an account, all of them possible.

    Attributes:
        usd: amount; 0 for none.
        units: instruments and whole units that can be sold.
        consumption_units: instruments and whole units that can be consumed.
    """

    usd: Decimal
    units: tuple[tuple[Instrument, int], ...]
    consumption_units: tuple[tuple[Instrument, int], ...]

    def give(self, ledger: Ledger, user_id: str, now: datetime) -> None:
        """Fill the accounts of a user; units count as bought at reference prices."""
        if self.usd:
            ledger.deposit(user_id, self.usd, now)
        for instrument, quantity in (*self.units, *self.consumption_units):
            price = instrument.reference_price
            ledger.issue(user_id, instrument.instrument_id, quantity, price, now)
        for instrument, quantity in self.consumption_units:
            ledger.transfer(user_id, instrument.instrument_id, quantity, now)


def checked_seeds(
    usd: Decimal, units: Mapping[str, int], consumption_units: Mapping[str, int]
) -> Seeds:
    """Read what an account is to be given.

    Args:
        usd: amount; 0 for none.
        units: whole units by symbol.
        consumption_units: whole units by symbol.

    Raises:
        MarketError: 422 `invalid_usd` if the amount is below 0, too large or too fine.
        InvalidFieldsError: for an unknown symbol, or a quantity that is none.
    """
    return Seeds(
        checked_amount(usd) if usd else usd,
        _checked_units("units", units),
        _checked_units("consumption_units", consumption_units),
    )


def _checked_units(field: str, units: Mapping[str, int]) -> tuple[tuple[Instrument, int], ...]:
    checked: list[tuple[Instrument, int]] = []
    for symbol, quantity in units.items():
        instrument = find_instrument(symbol)
        if instrument is None:
            raise InvalidFieldsError(field, f"{symbol}: there is no such instrument")
        whole = isinstance(quantity, int) and not isinstance(quantity, bool)
        if not whole or not 1 <= quantity <= _MOST_UNITS:
            raise InvalidFieldsError(field, f"{symbol}: must be whole units, 1 to {_MOST_UNITS}")
        checked.append((instrument, quantity))
    return tuple(checked)
