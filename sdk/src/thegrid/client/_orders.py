"""Orders and what comes of them (The Grid's documentation, "Orders" and "Trades").

Reads need a trading key, or a login with the scope `trade:read`; writes need `trade:write` and an
account in mode `advanced`. Every method raises `Refused` (the market said no, `NotFound` for what
it does not know) and `Unreachable` (no usable answer came, and asking again is safe).
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import httpx

from thegrid.client import _wire
from thegrid.client._base import Api
from thegrid.client._call import call, segment, within
from thegrid.client._listing import PAGE_SIZE, Listing
from thegrid.client.errors import Misuse, NotFound, Refused
from thegrid.core.model import (
    NewOrder,
    Order,
    OrderCount,
    PlacedOrder,
    Position,
    Side,
    Trade,
    normal_instrument_id,
    normal_market_id,
    wrong_amount,
    wrong_quantity,
)

ORDERS_PAGE_SIZE = 500
"""Orders that a page may have, as the vendor's client asks for."""

_ALREADY_CANCELLED = "order_already_cancelled"


class OrdersApi(Api):
    """The account's orders, trades and positions."""

    def orders(
        self,
        *,
        market_id: str | None = None,
        instrument_id: str | None = None,
        side: Side | None = None,
        status: str | None = None,
        order_type: str | None = None,
        submitted_from: datetime | None = None,
        submitted_to: datetime | None = None,
        order_by: str | None = None,
        order_direction: str | None = None,
        page_size: int = ORDERS_PAGE_SIZE,
    ) -> Listing[Order]:
        """List the account's orders (`GET /orders`); the market shows new ones with a delay.

        Args:
            market_id: Only of this market, or None.
            instrument_id: Only of this instrument, or None.
            side: Only `buy` or `sell`, or None.
            status: Only of this status, or None. Some deployments ignore it, so it is checked here
                again.
            order_type: Only `limit` or `market`, or None.
            submitted_from: Only those placed at this time or later, or None.
            submitted_to: Only those placed at this time or earlier, or None.
            order_by: The market's name of a field, or None.
            order_direction: `asc` or `desc`, or None.
            page_size: Rows to ask for at once, from 1 to 500.

        Returns:
            The orders.
        """
        query = {
            "market_id": None if market_id is None else normal_market_id(market_id),
            "instrument_id": _instrument(instrument_id),
            "side": side,
            "status": status,
            "type": order_type,
            "start_datetime": submitted_from,
            "end_datetime": submitted_to,
            "order_by": order_by,
            "order_direction": order_direction,
            "limit": within("page_size", page_size, ORDERS_PAGE_SIZE),
        }
        return self._list(
            "/orders",
            _wire.order,
            lambda row: row.id,
            query,
            keep=lambda row: status in (None, row.status),
        )

    def order_count(self) -> OrderCount:
        """Count the open orders (`GET /orders/count`); the market counts with a delay."""
        return self._get(self._trading, "/orders/count", _wire.order_count)

    def order(self, order_id: str) -> Order:
        """Read one order (`GET /orders/{order_id}`)."""
        return self._get_data(self._order_path(order_id), _wire.order)

    def find_order(self, client_order_id: str) -> Order | None:
        """Find an order by the name that the caller gave it, among all of the account's orders.

        Args:
            client_order_id: The name.

        Returns:
            The order; None where a listing without it was complete. The market lists a new order
            with a delay, so look again after some seconds before it is placed again.

        Raises:
            Truncated: The listing broke off without it, so it may be there.
            Refused: The market said no.
            Unreachable: No usable answer came.
        """
        orders = self.orders()
        found = next((it for it in orders if it.client_order_id == client_order_id), None)
        if found is None:
            orders.complete()
        return found

    def place_order(self, order: NewOrder) -> PlacedOrder:
        """Place an order (`POST /orders`). It is never sent twice after an unclear answer.

        Args:
            order: What to place. Without a `client_order_id` it gets a random one, so that a doubt
                can be settled.

        Returns:
            The market's identifier and the caller's. What became of the order is read by the
            former.

        Raises:
            Refused: The market said no: mode `easy`, too little money, a wrong price, or a
                `client_order_id` that was used before.
            Unreachable: Nothing was sent.
            InDoubt: The order may be placed; `find_order` tells by its `client_order_id`.
        """
        name = order.client_order_id or f"thegrid-{uuid.uuid4()}"
        body = _wire.new_order_body(replace(order, client_order_id=name))
        look_for = f"an order with the client_order_id {name!r}"
        request = call("POST", self._trading, "/orders", body=body, look_for=look_for)
        return self._sender.read(
            request, lambda answer: _wire.placed_order(answer, client_order_id=name)
        )

    def change_order(
        self,
        order_id: str,
        *,
        price: Decimal | None = None,
        quantity: int | None = None,
        time_in_force: str | None = None,
    ) -> Order:
        """Change an order that has not ended; what is None stays (`PUT /orders/{order_id}`).

        A new price or a greater quantity gives up the order's place in the queue. Sending a change
        twice is the same as once, so it is repeated after an unclear answer.

        Args:
            order_id: Which order.
            price: The new price, in US dollars per unit.
            quantity: The new total of units, which must exceed what was traded already.
            time_in_force: `gtc`, `ioc` or `fok`.

        Returns:
            The order; read anew where the market answers without it. The market may still show it
            unchanged then.

        Raises:
            Misuse: Nothing is to be changed, or a value cannot be.
            NotFound: There is no such order.
            Refused: The market said no, for example since the order has ended.
            Unreachable: No usable answer came; changing again is safe.
        """
        problem = None if quantity is None else wrong_quantity(quantity)
        problem = problem or (None if price is None else wrong_amount("price", price))
        body = _wire.order_change_body(price=price, quantity=quantity, time_in_force=time_in_force)
        if problem or not body:
            raise Misuse(problem or "price, quantity, time_in_force: at least one must be given")
        request = call("PUT", self._trading, self._order_path(order_id), body=body)
        answer = self._sender.send(request)
        if answer.status_code != httpx.codes.OK or not answer.content:
            return self.order(order_id)
        changed = self._sender.read_answer(request, answer, _wire.order_in_envelope)
        return changed or self.order(order_id)

    def cancel_order(self, order_id: str) -> bool:
        """Cancel an order (`DELETE /orders/{order_id}`). Cancelling twice is no error.

        The market answers 204, or 200 with the order; a cancelled order is answered with the code
        `order_already_cancelled`, which counts as done. Elsewhere it takes effect with a delay.

        Args:
            order_id: Which order.

        Returns:
            True when the order is cancelled or about to be; False when the market knows no such
            order (404), which may also be a new one that it does not show yet.

        Raises:
            Refused: The market said no: the order has been filled, rejected or has expired
                (`order_not_cancellable`), or the account is in mode `easy`.
            Unreachable: No usable answer came; cancelling again is safe.
        """
        try:
            self._sender.send(call("DELETE", self._trading, self._order_path(order_id)))
        except NotFound:
            return False
        except Refused as refused:
            if refused.code.lower() != _ALREADY_CANCELLED:
                raise
        return True

    def cancel_orders(self, market_id: str | None = None) -> int:
        """Cancel all open orders (`DELETE /orders`, or `DELETE /markets/{market_id}/orders`).

        Args:
            market_id: Only those of this market, or None for all.

        Returns:
            How many were open, as the market counts them: with a delay. They are cancelled with a
            delay too.

        Raises:
            NotFound: There is no such market.
            Refused: The market said no.
            Unreachable: No usable answer came; cancelling again is safe.
        """
        path = "/orders"
        if market_id is not None:
            path = f"/markets/{segment('market_id', normal_market_id(market_id))}/orders"
        return self._sender.read(call("DELETE", self._trading, path), _wire.cancelled_count)

    def trades(
        self,
        *,
        market_id: str | None = None,
        order_id: str | None = None,
        executed_from: datetime | None = None,
        executed_to: datetime | None = None,
        order_by: str | None = None,
        order_direction: str | None = None,
        page_size: int = PAGE_SIZE,
    ) -> Listing[Trade]:
        """List the account's trades (`GET /trades`).

        Args:
            market_id: Only of this market, or None.
            order_id: Only those that filled this order, or None.
            executed_from: Only those made at this time or later, or None.
            executed_to: Only those made at this time or earlier, or None.
            order_by: The market's name of a field, or None.
            order_direction: `asc` or `desc`, or None.
            page_size: Rows to ask for at once, from 1 to 100.

        Returns:
            The trades.
        """
        query = {
            "market_id": None if market_id is None else normal_market_id(market_id),
            "order_id": order_id,
            "start_datetime": executed_from,
            "end_datetime": executed_to,
            "order_by": order_by,
            "order_direction": order_direction,
            "limit": within("page_size", page_size, PAGE_SIZE),
        }
        return self._list("/trades", _wire.trade, lambda row: row.id, query)

    def trade(self, trade_id: str) -> Trade:
        """Read one trade of the account (`GET /trades/{trade_id}`)."""
        return self._get_data(f"/trades/{segment('trade_id', trade_id)}", _wire.trade)

    def positions(self) -> Listing[Position]:
        """List what the account holds and paid (`GET /positions`, scope `account:read`)."""
        return self._list("/positions", _wire.position, lambda row: row.id, {})

    def _order_path(self, order_id: str) -> str:
        return f"/orders/{segment('order_id', order_id)}"


def _instrument(instrument_id: str | None) -> str | None:
    return None if instrument_id is None else normal_instrument_id(instrument_id)
