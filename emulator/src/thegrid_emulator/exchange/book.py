"""The order book of one market: who waits at which price.

A side keeps its prices sorted with the best at the end, where most of the coming and going is, and
each price's orders in a linked queue. So the best order is at hand, and an order is put in and
taken out at a cost that does not grow with the number of orders.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator
from decimal import Decimal

from thegrid_emulator.exchange.orders import Order, Side

_STEPS_PER_USD = 10**8  # prices have up to 8 decimal places


class Level:
    """The orders that wait at one price, the first to be served first.

    Attributes:
        price: USD per unit.
        quantity: units that all of them still want.
        count: how many they are.
    """

    __slots__ = ("_first", "_last", "count", "price", "quantity")

    def __init__(self, price: Decimal) -> None:
        self.price = price
        self.quantity = 0
        self.count = 0
        self._first: Order | None = None
        self._last: Order | None = None

    def __iter__(self) -> Iterator[Order]:
        order = self._first
        while order is not None:
            yield order
            order = order.later

    def append(self, order: Order) -> None:
        """Let an order wait behind the others."""
        order.earlier, order.later = self._last, None
        if self._last is None:
            self._first = order
        else:
            self._last.later = order
        self._last = order
        self.quantity += order.remaining
        self.count += 1

    def remove(self, order: Order) -> None:
        """Let an order that waits here go."""
        if order.earlier is None:
            self._first = order.later
        else:
            order.earlier.later = order.later
        if order.later is None:
            self._last = order.earlier
        else:
            order.later.earlier = order.earlier
        order.earlier = order.later = None
        self.quantity -= order.remaining
        self.count -= 1


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
