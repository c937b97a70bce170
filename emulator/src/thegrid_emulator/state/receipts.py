"""Receipts of inference calls: who asked for what, what it used, and what that cost.

A receipt is opened when the market accepts a call. Its cost is known some time after the call has
ended ("Spend transparency" in the vendor's documentation); until then it is pending.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from thegrid_emulator.errors import not_found
from thegrid_emulator.ledger import Draw, Reservation
from thegrid_emulator.state.catalogue import Instrument

ReceiptStatus = Literal["pending", "reconciled", "error"]
CostStatus = Literal["pending", "reconciled", "unpriced", "cancelled"]

_COST_DECIMALS = 12


@dataclass(frozen=True)
class Cost:
    """What a lot's part in a call cost.

    Attributes:
        price_per_token: USD, or None if nobody knows what the lot cost.
        tokens: drawn from the lot.
    """

    price_per_token: Decimal | None
    tokens: int

    @property
    def subtotal(self) -> Decimal | None:
        """USD, to 12 decimals."""
        if self.price_per_token is None:
            return None
        return round(self.price_per_token * self.tokens, _COST_DECIMALS)


@dataclass(frozen=True)
class Spent:
    """How a call ended.

    Attributes:
        input_tokens: of the question.
        output_tokens: of the answers, as far as they were sent.
        costs: one for each lot drawn, in the order of use.
        first_token_at: when the first token of an answer was there; None without any.
        ended_at: when the answer was complete, or given up.
        settles_at: when the cost becomes known.
    """

    input_tokens: int
    output_tokens: int
    costs: tuple[Cost, ...]
    first_token_at: datetime | None
    ended_at: datetime
    settles_at: datetime

    @property
    def total_tokens(self) -> int:
        """All tokens used."""
        return self.input_tokens + self.output_tokens

    @property
    def amount(self) -> Decimal | None:
        """USD: the sum of the subtotals, or None if one is unknown."""
        subtotals = [cost.subtotal for cost in self.costs]
        if None in subtotals:
            return None
        return sum((it for it in subtotals if it is not None), Decimal(0))

    @property
    def effective_price_per_token(self) -> Decimal | None:
        """USD per token on average, or None if it is unknown."""
        if self.amount is None or not self.total_tokens:
            return None
        return round(self.amount / self.total_tokens, _COST_DECIMALS)


@dataclass(eq=False)
class Receipt:
    """One call that the market accepted.

    Attributes:
        request_id: handle of the call, `x-grid-request-id`.
        user_id: who asked and pays.
        api_key_id: API key that asked; None for an access token.
        instrument: what was asked for.
        endpoint: path of the call.
        reservation: tokens that are held for it.
        allocated_tokens: how many were held at its beginning.
        created_at: when it was accepted.
        started_at: when the gateway began to answer; None if it has not.
        spent: how it ended; None if it has not.
        cancelled_at: when it was given up without a call of the gateway; None if it was not.
    """

    request_id: str
    user_id: str
    api_key_id: str | None
    instrument: Instrument
    endpoint: str
    reservation: Reservation
    allocated_tokens: int
    created_at: datetime
    started_at: datetime | None = None
    spent: Spent | None = None
    cancelled_at: datetime | None = None

    @property
    def total_tokens(self) -> int:
        """Tokens used so far as known; 0 while the call runs."""
        return 0 if self.spent is None else self.spent.total_tokens

    def status(self, now: datetime) -> ReceiptStatus:
        """Return how far it is; a call that never reached the gateway is an error."""
        if self.cancelled_at is not None:
            return "error"
        return "reconciled" if self._has_settled(now) else "pending"

    def cost_status(self, now: datetime) -> CostStatus:
        """Return how far its cost is."""
        if self.cancelled_at is not None:
            return "cancelled"
        if self.spent is None or not self._has_settled(now):
            return "pending"
        return "unpriced" if self.spent.amount is None else "reconciled"

    def _has_settled(self, now: datetime) -> bool:
        return self.spent is not None and self.spent.settles_at <= now


class Receipts:
    """All receipts.

    Args:
        settling_seconds: how long after the end of a call its cost becomes known.
    """

    def __init__(self, settling_seconds: int) -> None:
        self._settling = timedelta(seconds=settling_seconds)
        self._by_id: dict[str, Receipt] = {}
        self._of_user: defaultdict[str, list[Receipt]] = defaultdict(list)

    def add(self, receipt: Receipt) -> None:
        """Keep a new receipt."""
        self._by_id[receipt.request_id] = receipt
        self._of_user[receipt.user_id].append(receipt)

    def of_user(self, user_id: str) -> list[Receipt]:
        """Return a user's receipts, oldest first."""
        return self._of_user.get(user_id, [])

    def get(self, user_id: str, request_id: str) -> Receipt:
        """Return one receipt.

        Raises:
            MarketError: 404 if the user has none with this id.
        """
        receipt = self._by_id.get(request_id)
        if receipt is None or receipt.user_id != user_id:
            raise not_found("request_id")
        return receipt

    def end(
        self,
        receipt: Receipt,
        *,
        input_tokens: int,
        output_tokens: int,
        draws: tuple[Draw, ...],
        first_token_at: datetime | None,
        now: datetime,
    ) -> None:
        """Write down how a call ended; see `Spent` for the arguments."""
        receipt.spent = Spent(
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            costs=tuple(Cost(draw.price_per_token, draw.tokens) for draw in draws),
            first_token_at=first_token_at,
            ended_at=now,
            settles_at=now + self._settling,
        )
