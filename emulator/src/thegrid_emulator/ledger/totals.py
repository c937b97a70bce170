"""Proof that nothing appears and nothing is lost."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from thegrid_emulator.ledger.consumption import Consumption
from thegrid_emulator.ledger.units import TOKENS_PER_UNIT, Units


@dataclass(frozen=True, slots=True)
class CashTotals:
    """All USD of the market.

    Attributes:
        deposited: what ever came in.
        withdrawn: what ever went out.
        held: what all users own.
        fees: what trades have paid to the market.
    """

    deposited: Decimal
    withdrawn: Decimal
    held: Decimal
    fees: Decimal

    @property
    def balanced(self) -> bool:
        """Whether what came in is all accounted for."""
        return self.deposited == self.withdrawn + self.held + self.fees


@dataclass(frozen=True, slots=True)
class TokenTotals:
    """All tokens of one instrument.

    Attributes:
        issued: what ever came in.
        trading: what can be sold.
        uncommitted: what can be consumed.
        committed: what running calls have reserved.
        used: what calls have used.
        expired: what was in consumption for too long.
    """

    issued: int
    trading: int
    uncommitted: int
    committed: int
    used: int
    expired: int

    @property
    def balanced(self) -> bool:
        """Whether what came in is all accounted for."""
        held = self.trading + self.uncommitted + self.committed
        return self.issued == held + self.used + self.expired


@dataclass(frozen=True, slots=True)
class Totals:
    """Everything that came in, is held and has left.

    Attributes:
        cash: USD.
        tokens: by instrument id.
    """

    cash: CashTotals
    tokens: dict[str, TokenTotals]

    @property
    def balanced(self) -> bool:
        """Whether all of it is accounted for."""
        return self.cash.balanced and all(it.balanced for it in self.tokens.values())


def token_totals(
    issued: Mapping[str, int],
    holdings: Iterable[tuple[str, Units]],
    consumptions: Iterable[tuple[str, Consumption]],
) -> dict[str, TokenTotals]:
    """Add up the tokens of everybody.

    Args:
        issued: tokens that ever came in, by instrument id.
        holdings: instrument id and trading account of everybody.
        consumptions: instrument id and consumption account of everybody.

    Returns:
        The totals by instrument id.
    """
    trading, uncommitted, committed, used, expired = (Counter[str]() for _ in range(5))
    for instrument_id, units in holdings:
        trading[instrument_id] += units.total * TOKENS_PER_UNIT
    for instrument_id, account in consumptions:
        uncommitted[instrument_id] += account.uncommitted_tokens
        committed[instrument_id] += account.committed_tokens
        used[instrument_id] += account.used
        expired[instrument_id] += account.expired
    return {
        instrument_id: TokenTotals(
            issued=tokens,
            trading=trading[instrument_id],
            uncommitted=uncommitted[instrument_id],
            committed=committed[instrument_id],
            used=used[instrument_id],
            expired=expired[instrument_id],
        )
        for instrument_id, tokens in issued.items()
    }
