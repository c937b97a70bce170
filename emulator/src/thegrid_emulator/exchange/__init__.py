"""The exchange: one order book per market, matched by price and then by time.

Here belongs everything about orders and trades, and what can be read off them. Balances belong to
the ledger, which the exchange tells what to hold, to let go and to move. No HTTP, no clock.

The rules are those of "Order types" and "How matching works" in the vendor's documentation; where
that is silent, the docstring of the function says what the emulator does.
"""

from thegrid_emulator.exchange.exchange import Exchange
from thegrid_emulator.exchange.figures import Depth, DepthLevel, MarketFigures, Position
from thegrid_emulator.exchange.orders import (
    ClosureReason,
    NewOrder,
    Order,
    OrderChange,
    OrderStatus,
    OrderType,
    Side,
    TimeInForce,
)
from thegrid_emulator.exchange.trades import Trade

__all__ = [
    "ClosureReason",
    "Depth",
    "DepthLevel",
    "Exchange",
    "MarketFigures",
    "NewOrder",
    "Order",
    "OrderChange",
    "OrderStatus",
    "OrderType",
    "Position",
    "Side",
    "TimeInForce",
    "Trade",
]
