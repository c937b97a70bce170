"""What the market has of one account."""

from dataclasses import dataclass
from typing import Any

from tests.emulation import settle


@dataclass(frozen=True)
class World:
    """All that the provider may change.

    Attributes:
        keys: Ids of the live keys, for consumption and for trading.
        orders: Every order that was ever placed.
        transfers: Ids of all transfers to consumption.
        settings: The account's settings.
    """

    keys: frozenset[str]
    orders: tuple[Any, ...]
    transfers: tuple[str, ...]
    settings: Any

    @property
    def open_orders(self):
        return [it for it in self.orders if not it.is_terminal]


def world_of(market, hand):
    """Look at everything with the account owner's own hands."""
    settle(market)
    keys = (*hand.list_consumption_keys().keys, *hand.list_trading_keys())
    now = market.now()
    return World(
        frozenset(it.id for it in keys if it.is_live(now)),
        tuple(hand.order(it.id) for it in hand.orders().complete()),
        tuple(it.id for it in hand.transfers().complete() if it.sender_account_id),
        hand.settings(),
    )
