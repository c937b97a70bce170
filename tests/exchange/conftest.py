"""An exchange without HTTP: a few users, one market, a clock that is a number."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from thegrid_emulator.exchange import Exchange, NewOrder, Order
from thegrid_emulator.ledger import Ledger
from thegrid_emulator.state.catalogue import MARKETS, Market

START = datetime(2026, 1, 1, 1, 0, tzinfo=UTC)


@dataclass
class Trading:
    """Speaks for users; every order comes a second after the one before."""

    fee_rate: Decimal = Decimal(0)
    easy: set[str] = field(default_factory=set)
    now: datetime = START
    markets: Sequence[Market] = MARKETS

    def __post_init__(self):
        self.market, self.other_market = self.markets[0], self.markets[-1]
        self.instrument_id = self.market.instrument.instrument_id
        self.ledger = Ledger()
        self.exchange = Exchange(
            self.ledger,
            self.markets,
            fee_rate=self.fee_rate,
            transfers_on_fill=self.easy.__contains__,
        )

    def user(self, name, *, usd="1000", units=100, price="1") -> str:
        self.ledger.open(name, self.now)
        if Decimal(usd):
            self.ledger.deposit(name, Decimal(usd), self.now)
        if units:
            self.ledger.issue(name, self.instrument_id, units, Decimal(price), self.now)
        return name

    def pass_time(self, seconds) -> None:
        self.now += timedelta(seconds=seconds)

    def order(self, user_id, side, quantity, price=None, **more) -> Order:
        self.pass_time(1)
        new = NewOrder(
            user_id=user_id,
            side=side,
            quantity=quantity,
            price=None if price is None else Decimal(price),
            order_type=more.pop("order_type", "market" if price is None else "limit"),
            market_id=more.pop("market_id", self.market.market_id),
            **more,
        )
        return self.exchange.place(new, self.now)

    def buy(self, user_id, quantity, price=None, **more) -> Order:
        return self.order(user_id, "buy", quantity, price, **more)

    def sell(self, user_id, quantity, price=None, **more) -> Order:
        return self.order(user_id, "sell", quantity, price, **more)

    def trades(self) -> list[tuple[str, str, int, str]]:
        """Buyer, seller, units and price of every trade, oldest first."""
        prints = self.exchange.prints(self.market.market_id, 100)
        return [(it.buyer_id, it.seller_id, it.quantity, str(it.price)) for it in prints[::-1]]

    def depth(self) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
        """Price and units of both sides."""
        depth = self.exchange.depth(self.market.market_id, 100)
        return tuple(
            [(str(it.price), it.quantity) for it in side] for side in (depth.buy, depth.sell)
        )

    def usd(self, user_id) -> tuple[Decimal, Decimal]:
        """Total and locked."""
        cash = self.ledger.cash(user_id)
        return cash.total, cash.locked

    def units(self, user_id) -> tuple[int, int]:
        """Total and locked."""
        units = self.ledger.units(user_id, self.instrument_id)
        return units.total, units.locked


@pytest.fixture
def trading():
    made = Trading()
    for name in ("ann", "bob", "eve"):
        made.user(name)
    yield made
    assert made.ledger.totals().balanced
