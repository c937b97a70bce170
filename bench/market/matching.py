"""What an order costs when many others wait, and how much memory those take.

A small book and a large one get the same mix of orders in turns: two that come to rest, one that
trades with the best prices, one cancel of any order that waits. Prices are a hundredth of a cent
apart, half of the book's on either side, so the large book has thousands of prices.
"""

from __future__ import annotations

import gc
import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from multiprocessing.connection import Connection
from random import Random

from bench.figures import Figure

from thegrid_emulator import serve
from thegrid_emulator.exchange import Exchange, NewOrder, Order
from thegrid_emulator.ledger import Ledger
from thegrid_emulator.state.catalogue import MARKETS

SMALL, LARGE = 1_000, 100_000
ROUNDS = 60
TURNS_PER_ROUND = 100
ORDERS_PER_TURN = 4
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TICK = Decimal("0.0001")
MIDDLE, WIDEST = 10_000, 5_000  # ticks
TRADERS = 20
MARKET = MARKETS[0]
KILOBYTES_PER_MEGABYTE = 1024


def figures(part: int) -> Iterator[Figure]:
    """Compare a large book with a small one, and weigh the large one."""
    small, large = Crowd.of(SMALL), Crowd.of(LARGE // part)
    gc.collect()
    pairs = [(large.seconds(), small.seconds()) for _ in range(ROUNDS // part)]
    in_large, in_small = (statistics.median(side) for side in zip(*pairs, strict=True))
    orders = TURNS_PER_ROUND * ORDERS_PER_TURN
    yield Figure("match_ops_per_second_100000", orders / in_large, "per_second")
    yield Figure("match_growth_ratio", in_large / in_small, "x")
    yield Figure("emulator_rss_mb_100000", _megabytes_of_an_emulator(LARGE // part), "MB")


class Crowd:
    """Traders whose orders wait in one market.

    Args:
        traders: ids of their accounts.
        ledger: what they own.
        exchange: where they trade.
    """

    def __init__(self, traders: list[str], ledger: Ledger, exchange: Exchange) -> None:
        self._traders = traders
        self._exchange = exchange
        self._chance = Random(1)  # noqa: S311 -- the same orders in every run
        self._waiting: list[Order] = []
        for trader in traders:
            ledger.deposit(trader, Decimal(1_000_000_000), NOW)
            ledger.issue(trader, MARKET.instrument.instrument_id, 1_000_000_000, None, NOW)

    @classmethod
    def of(cls, orders: int) -> Crowd:
        """Return a crowd with so many orders that wait."""
        ledger = Ledger()
        traders = [f"user_{number}" for number in range(TRADERS)]
        for trader in traders:
            ledger.open(trader, NOW)
        crowd = cls(traders, ledger, Exchange(ledger, MARKETS))
        crowd.fill(orders)
        return crowd

    def fill(self, orders: int) -> None:
        """Let so many orders come to rest."""
        for _ in range(orders):
            self._rest()

    def seconds(self) -> float:
        """Return how long a round of the mix takes."""
        started = time.perf_counter()
        for _ in range(TURNS_PER_ROUND):
            self._rest()
            self._rest()
            self._cancel()
            self._place(self._chance.choice(["buy", "sell"]), -WIDEST)
        return time.perf_counter() - started

    def _rest(self) -> None:
        side = self._chance.choice(["buy", "sell"])
        self._waiting.append(self._place(side, self._chance.randint(1, WIDEST)))

    def _cancel(self) -> None:
        while True:  # an order that has traded in the meantime is not there to be cancelled
            place = self._chance.randrange(len(self._waiting))
            self._waiting[place], self._waiting[-1] = self._waiting[-1], self._waiting[place]
            order = self._waiting.pop()
            if order.is_open:
                self._exchange.cancel(order, "user_cancelled", NOW)
                return

    def _place(self, side: str, ticks_away: int) -> Order:
        """Place an order so many ticks from the middle; it trades if that is below 0."""
        ticks = MIDDLE - ticks_away if side == "buy" else MIDDLE + ticks_away
        new = NewOrder(
            user_id=self._chance.choice(self._traders),
            market_id=MARKET.market_id,
            side=side,
            order_type="limit",
            quantity=self._chance.randint(1, 9),
            price=ticks * TICK,
        )
        return self._exchange.place(new, NOW)


def _megabytes_of_an_emulator(orders: int) -> float:
    """Return what a process of its own takes at most that serves a market with a large book."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve_large_book, args=(there, orders), daemon=True)
    process.start()
    there.close()
    try:
        return float(here.recv())
    finally:
        process.terminate()
        process.join()


def _serve_large_book(parent: Connection, orders: int) -> None:
    with serve() as emulator:
        traders = [emulator.create_account(mode="advanced").user_id for _ in range(TRADERS)]
        venue = emulator._venue  # placing them over HTTP would take minutes
        Crowd(traders, venue.ledger, venue.exchange).fill(orders)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        unit = KILOBYTES_PER_MEGABYTE ** (2 if sys.platform == "darwin" else 1)
        parent.send(peak / unit)
