"""Transfers between trading and consumption, as the history keeps them."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Direction = Literal["trading_to_consumption", "consumption_to_trading"]


def _transfer_id() -> str:
    return f"transfer_{uuid.uuid4()}"


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer; that it is in the history means that it is done.

    Attributes:
        user_id: whose units moved.
        instrument_id: of which instrument.
        quantity: whole units.
        direction: from where to where.
        transferred_at: when.
        transfer_id: `transfer_` and a UUID.
    """

    user_id: str
    instrument_id: str
    quantity: int
    direction: Direction
    transferred_at: datetime
    transfer_id: str = field(default_factory=_transfer_id)
