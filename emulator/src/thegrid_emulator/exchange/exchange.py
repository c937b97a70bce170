"""The exchange as a whole: orders come in, trade, wait, change and end."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus

from thegrid_emulator.errors import MarketError, not_found
from thegrid_emulator.exchange import checks
from thegrid_emulator.exchange.drafts import drafted, keeps_its_place, redrafted
from thegrid_emulator.exchange.figures import (
    Depth,
    MarketFigures,
    Position,
    depth,
    market_figures,
    position,
)
from thegrid_emulator.exchange.funds import Funds
from thegrid_emulator.exchange.matching import Match
from thegrid_emulator.exchange.order_store import OrderStore
from thegrid_emulator.exchange.orders import ClosureReason, NewOrder, Order, OrderChange
from thegrid_emulator.exchange.pit import Pit
from thegrid_emulator.exchange.trades import Trade, TradeStore
from thegrid_emulator.ledger import Ledger
from thegrid_emulator.ledger.cash import ZERO
from thegrid_emulator.state.catalogue import Market, MarketStatus


class Exchange:
    """All markets and their orders.

    What it returns is live: read it, and change it through the methods here only.

    Args:
        ledger: whose balances the orders hold and move.
        markets: what is traded.
        fee_rate: share of a trade's value that its buyer pays on top.
        transfers_on_fill: whether what a user (by id) buys goes into consumption at once, without
            the order asking for it; asked at every trade.
    """

    def __init__(
        self,
        ledger: Ledger,
        markets: Iterable[Market],
        *,
        fee_rate: Decimal = ZERO,
        transfers_on_fill: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._ledger = ledger
        self._funds = Funds(ledger, fee_rate)
        self._transfers_on_fill = transfers_on_fill
        self._orders = OrderStore()
        self._trades = TradeStore()
        self._pits = {
            market.market_id: Pit(
                market,
                ledger=ledger,
                funds=self._funds,
                orders=self._orders,
                trades=self._trades,
                transfers_on_fill=transfers_on_fill,
            )
            for market in markets
        }
        self._pit_of = {pit.instrument_id: pit for pit in self._pits.values()}

    def place(self, new: NewOrder, now: datetime) -> Order:
        """Take an order in, and trade what can be traded at once.

        Args:
            new: the order.
            now: when it comes in.

        Returns:
            The order as it stands then. It rests if it is a `gtc` limit order of which something
            is left; otherwise it has ended. An order that meets one of its own owner's stops there,
            and what is left of it is cancelled as `no_liquidity`.

        Raises:
            MarketError: 404 for an unknown market; 409 `duplicate_client_order_id`; 422 for a value
                that cannot be, `market_closed`, `post_only_would_cross` or `insufficient_balance`.
                Nothing has happened then.
        """
        pit = self._active_pit(new.market_id)
        transfers_anyway = self._transfers_on_fill(new.user_id)
        order = drafted(new, pit.market, now, transfers_anyway=transfers_anyway)
        self._orders.check_unused(order.user_id, order.client_order_id)
        found = _match(order, pit)
        self._funds.lock(order, pit.instrument_id, found, now)
        self._orders.add(order)
        pit.arrive(order, found, now)
        return order

    def change(self, order: Order, change: OrderChange, now: datetime) -> None:
        """Change an order that waits.

        A lower quantity keeps its place in the queue. Another price or a higher quantity makes it
        arrive anew, so that it may trade at once; likewise another time in force.

        Raises:
            MarketError: 422 if the order has ended (`order_not_changeable`), or as for `place`.
                Nothing has happened then.
        """
        if not order.is_open:
            raise checks.refused("order_not_changeable", "the order has ended")
        pit = self._active_pit(order.market_id)
        changed = redrafted(order, change, pit.market)
        found = None if keeps_its_place(order, changed) else _match(changed, pit)
        self._funds.relock(order, changed, pit.instrument_id, now)
        if found is None:
            pit.book.side(order.side).reduce(order, order.quantity - changed.quantity)
            order.quantity, order.updated_at = changed.quantity, now
            return
        pit.leave(order)
        order.price, order.quantity = changed.price, changed.quantity
        order.time_in_force, order.updated_at = changed.time_in_force, now
        pit.arrive(order, found, now)

    def cancel(self, order: Order, reason: ClosureReason, now: datetime) -> None:
        """End an order that waits.

        Raises:
            MarketError: 500 `order_already_cancelled` for the second time, as in production; 422
                `order_not_cancellable` if it has ended otherwise.
        """
        if order.status == "cancelled":
            raise MarketError(HTTPStatus.INTERNAL_SERVER_ERROR, "order_already_cancelled")
        if not order.is_open:
            raise MarketError(HTTPStatus.UNPROCESSABLE_ENTITY, "order_not_cancellable")
        pit = self._pits[order.market_id]
        pit.leave(order)
        pit.close(order, reason, now)

    def cancel_all(self, user_id: str, market_id: str | None, now: datetime) -> int:
        """End all of a user's orders that wait, in one market or in all.

        Returns:
            How many they were.

        Raises:
            MarketError: 404 for an unknown market.
        """
        if market_id is not None:
            self.market(market_id)
        orders = [it for it in self.open_orders_of(user_id) if market_id in {None, it.market_id}]
        for order in orders:
            self.cancel(order, "bulk_cancelled", now)
        return len(orders)

    def sweep(self, now: datetime, *, exempt: Collection[str]) -> None:
        """Move all units that can be sold into consumption, those in open sell orders too.

        Args:
            now: when.
            exempt: ids of users whose units stay.
        """
        for user_id in self._ledger.users():
            if user_id in exempt:
                continue
            for order in self.open_orders_of(user_id):
                if order.side == "sell":
                    self.cancel(order, "swept", now)
            for instrument_id, units in self._ledger.holdings(user_id).items():
                if units.total:
                    self._ledger.transfer(user_id, instrument_id, units.total, now)

    def market(self, market_id: str) -> Market:
        """Return a market.

        Raises:
            MarketError: 404 for an unknown market.
        """
        return self._pit(market_id).market

    def status(self, market_id: str) -> MarketStatus:
        """Return whether a market takes orders: only if it is `active`.

        Raises:
            MarketError: 404 for an unknown market.
        """
        return self._pit(market_id).status

    def set_status(self, market_id: str, status: MarketStatus) -> None:
        """Open or close a market; orders that wait stay, and can be cancelled.

        Raises:
            MarketError: 404 for an unknown market.
        """
        self._pit(market_id).status = status

    def order(self, user_id: str, order_id: str) -> Order:
        """Return one of a user's orders.

        Raises:
            MarketError: 404 if the user has none with this id.
        """
        return self._orders.get(user_id, order_id)

    def orders_of(self, user_id: str) -> list[Order]:
        """Return all of a user's orders, oldest first."""
        return self._orders.of_user(user_id)

    def open_orders_of(self, user_id: str) -> list[Order]:
        """Return the orders of a user that wait, in the order in which they came to."""
        return self._orders.open_of_user(user_id)

    def trade(self, user_id: str, trade_id: str) -> Trade:
        """Return one of a user's trades.

        Raises:
            MarketError: 404 if the user has none with this id.
        """
        return self._trades.get(user_id, trade_id)

    def trades_of(self, user_id: str) -> list[Trade]:
        """Return all of a user's trades, oldest first."""
        return self._trades.of_user(user_id)

    def prints(self, market_id: str, limit: int) -> list[Trade]:
        """Return up to `limit` trades of a market, newest first.

        Raises:
            MarketError: 404 for an unknown market.
        """
        return self._pit(market_id).tape.latest(limit)

    def figures(self, market_id: str, now: datetime) -> MarketFigures:
        """Return a market in numbers: its ticker, its statistics and those of its instrument.

        Raises:
            MarketError: 404 for an unknown market.
        """
        pit = self._pit(market_id)
        return market_figures(pit.book, pit.tape, now)

    def depth(self, market_id: str, levels: int) -> Depth:
        """Return the best prices of both sides of a market.

        Args:
            market_id: which.
            levels: how many of each side at most.

        Raises:
            MarketError: 404 for an unknown market.
        """
        return depth(self._pit(market_id).book, levels)

    def positions(self, user_id: str) -> list[Position]:
        """Return what a user holds or held and could sell, in the order of first holding.

        Raises:
            MarketError: 404 if the user has no accounts.
        """
        return [
            position(instrument_id, units, self._pit_of[instrument_id].tape.last)
            for instrument_id, units in self._ledger.holdings(user_id).items()
        ]

    def _pit(self, market_id: str) -> Pit:
        try:
            return self._pits[market_id]
        except KeyError:
            raise not_found("market") from None

    def _active_pit(self, market_id: str) -> Pit:
        pit = self._pit(market_id)
        if pit.status != "active":
            raise checks.refused("market_closed", f"market_id: this market is {pit.status}")
        return pit


def _match(order: Order, pit: Pit) -> Match:
    """Return what an order would trade with.

    Raises:
        MarketError: 422 `post_only_would_cross` if it may not trade and would.
    """
    found = pit.match(order)
    if order.post_only and (found.fills or found.meets_own):
        raise checks.refused("post_only_would_cross", "post_only: the order would trade at once")
    return found
