"""The order book of one market: who waits at which price.

A side keeps its prices sorted with the best at the end, where most of the coming and going is, and
each price's orders in an `OrderedDict`, which finds its first member at once however many have left
before it. So the best order is at hand, and an order is put in and taken out at a cost that does
not grow with the number of orders. Orders do not know their neighbours: a copy of the market, which
listings that lag are shown, would have to follow such a chain to its end.
"""

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterator
from decimal import Decimal

from thegrid_emulator.exchange.orders import Order, Side

_STEPS_PER_USD = 10**8  # prices have up to 8 decimal places


class Level:
    """The orders that wait at one price, the first to be served first.

    Attributes:
        price: USD per unit.
        quantity: units that all of them still want.
    """

    __slots__ = ("_waiting", "price", "quantity")

    def __init__(self, price: Decimal) -> None:
        self.price = price
        self.quantity = 0
        self._waiting: OrderedDict[str, Order] = OrderedDict()

    def __iter__(self) -> Iterator[Order]:
        return iter(self._waiting.values())

    @property
    def count(self) -> int:
        """How many orders wait."""
        return len(self._waiting)

    def append(self, order: Order) -> None:
        """Let an order wait behind the others."""
        self._waiting[order.order_id] = order
        self.quantity += order.remaining

    def remove(self, order: Order) -> None:
        """Let an order that waits here go."""
        del self._waiting[order.order_id]
        self.quantity -= order.remaining


class BookSide:
    """All buy orders or all sell orders that wait.

    Args:
        side: which of the two.
    """

    def __init__(self, side: Side) -> None:
        self._sign = 1 if side == "buy" else -1
        self._ranks: list[int] = []
        self._levels: dict[int, Level] = {}

    def __iter__(self) -> Iterator[Level]:
        """Yield the levels from the best price to the worst."""
        return (self._levels[rank] for rank in reversed(self._ranks))

    @property
    def best_price(self) -> Decimal | None:
        """The price that is served first, or None if nobody waits."""
        return self._levels[self._ranks[-1]].price if self._ranks else None

    def add(self, order: Order) -> None:
        """Let a limit order wait, behind those at its price that are there."""
        rank = self._rank(order)
        level = self._levels.get(rank)
        if level is None:
            level = self._levels[rank] = Level(order.limit)
            insort(self._ranks, rank)
        level.append(order)

    def remove(self, order: Order) -> None:
        """Let an order that waits here go."""
        rank = self._rank(order)
        level = self._levels[rank]
        level.remove(order)
        if not level.count:
            del self._levels[rank]
            del self._ranks[bisect_left(self._ranks, rank)]

    def reduce(self, order: Order, quantity: int) -> None:
        """Note that an order which waits here wants less, before the order says so itself."""
        self._levels[self._rank(order)].quantity -= quantity

    def _rank(self, order: Order) -> int:
        """Return a number that is larger the better the price is for the other side."""
        return self._sign * int(order.limit * _STEPS_PER_USD)


class Book:
    """Both sides of one market."""

    def __init__(self) -> None:
        self.buys = BookSide("buy")
        self.sells = BookSide("sell")

    def side(self, side: Side) -> BookSide:
        """Return one of the two."""
        return self.buys if side == "buy" else self.sells

    def opposite(self, side: Side) -> BookSide:
        """Return the other of the two."""
        return self.sells if side == "buy" else self.buys
