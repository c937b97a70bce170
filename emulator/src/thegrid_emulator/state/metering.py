"""What inference calls take from their account: tokens are held first and settled in the end.

A call is accepted only if there are tokens for its question and one for each answer. Beyond that it
may use what it asks for, or what is left if that is less; what it does not use is free again. How
much is held for a call that sets no limit is the emulator's choice.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from thegrid_emulator.ledger import Ledger
from thegrid_emulator.state.catalogue import Instrument
from thegrid_emulator.state.receipts import Receipt, Receipts


@dataclass(frozen=True)
class Caller:
    """Who makes an inference call.

    Attributes:
        user_id: who pays.
        api_key_id: API key that asks; None for an access token.
    """

    user_id: str
    api_key_id: str | None


@dataclass(frozen=True)
class Need:
    """How many tokens a call may use.

    Attributes:
        prompt_tokens: of the question.
        choices: how many answers are wanted.
        token_budget: the most tokens of each answer; None if the call does not say.
    """

    prompt_tokens: int
    choices: int
    token_budget: int | None


class Metering:
    """Holds, settles and releases the tokens of calls, and writes their receipts.

    Args:
        ledger: whose balances they are.
        receipts: where they are written down.
        usual_budget: tokens of an answer for which a call that sets no limit is accepted.
    """

    def __init__(self, ledger: Ledger, receipts: Receipts, usual_budget: int) -> None:
        self._ledger = ledger
        self._receipts = receipts
        self._usual_budget = usual_budget

    def open(
        self, caller: Caller, instrument: Instrument, endpoint: str, need: Need, now: datetime
    ) -> Receipt | None:
        """Hold tokens for a call.

        Args:
            caller: who asks.
            instrument: for what.
            endpoint: path of the call.
            need: how many tokens it may use.
            now: the market's time.

        Returns:
            The call's receipt, or None if the balance counts as empty.
        """
        account = self._ledger.consumption(caller.user_id, instrument.instrument_id, now)
        free = account.uncommitted_tokens
        if free < need.prompt_tokens + need.choices:
            return None
        budget = self._usual_budget if need.token_budget is None else need.token_budget
        most = need.prompt_tokens + need.choices * min(budget, instrument.max_completion_tokens)
        tokens = min(free, most)
        receipt = Receipt(
            request_id=secrets.token_urlsafe(15),
            user_id=caller.user_id,
            api_key_id=caller.api_key_id,
            instrument=instrument,
            endpoint=endpoint,
            reservation=self._ledger.reserve(caller.user_id, instrument.instrument_id, tokens, now),
            allocated_tokens=tokens,
            created_at=now,
        )
        self._receipts.add(receipt)
        return receipt

    def settle(
        self,
        receipt: Receipt,
        *,
        input_tokens: int,
        output_tokens: int,
        first_token_at: datetime | None,
        now: datetime,
    ) -> None:
        """Take what a call has used, and let go of the rest.

        Raises:
            ValueError: if it used more than was held for it.
        """
        draws = self._ledger.settle(receipt.reservation, input_tokens + output_tokens, now)
        self._receipts.end(
            receipt,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            draws=draws,
            first_token_at=first_token_at,
            now=now,
        )

    def cancel(self, receipt: Receipt, now: datetime) -> None:
        """Let go of all that was held for a call that never reached the gateway."""
        self._ledger.release(receipt.reservation, now)
        receipt.cancelled_at = now
