"""USD of one user: what is there, and how much of it open orders hold."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from thegrid_emulator.ledger.refusals import insufficient, invalid

ZERO = Decimal(0)

_LARGEST_AMOUNT = Decimal(1_000_000_000)
_DECIMALS = 8


@dataclass(slots=True)
class Cash:
    """A currency trading account.

    Attributes:
        created_at: when it was opened.
        updated_at: when a balance last changed.
        total: USD owned.
        locked: of these, USD that open buy orders hold.
        last_deposit_at: when USD last came from outside.
        last_withdrawal_at: when USD last left to the outside.
        last_trade_at: when a trade last paid in or out.
    """

    created_at: datetime
    updated_at: datetime
    total: Decimal = ZERO
    locked: Decimal = ZERO
    last_deposit_at: datetime | None = None
    last_withdrawal_at: datetime | None = None
    last_trade_at: datetime | None = None

    @property
    def available(self) -> Decimal:
        """USD that can be spent or locked."""
        return self.total - self.locked

    def lock(self, amount: Decimal, now: datetime) -> None:
        """Hold USD for an order.

        Raises:
            MarketError: 422 `insufficient_balance` if that much is not available.
        """
        self.check_available(amount)
        self.locked += amount
        self.updated_at = now

    def unlock(self, amount: Decimal, now: datetime) -> None:
        """Let go of USD that an order held."""
        self.locked -= amount
        self.updated_at = now

    def check_available(self, amount: Decimal) -> None:
        """Let an amount pass that could be spent now.

        Raises:
            MarketError: 422 `insufficient_balance` otherwise.
        """
        if amount > self.available:
            raise insufficient("USD", self.available, amount)


def checked_amount(amount: Decimal) -> Decimal:
    """Return an amount that may come in or go out.

    Raises:
        MarketError: 422 `invalid_usd` if it is not above 0, too large or too fine.
    """
    within = amount.is_finite() and 0 < amount <= _LARGEST_AMOUNT
    if not within or amount != round(amount, _DECIMALS):
        allowed = f"above 0 and at most {_LARGEST_AMOUNT}, with up to {_DECIMALS} decimal places"
        raise invalid("usd", allowed)
    return amount
