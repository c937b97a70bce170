"""Proof that nothing appears and nothing is lost."""

from dataclasses import dataclass
from decimal import Decimal


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
