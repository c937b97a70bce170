"""All orders of the exchange, found by id, by owner and by being open."""

from http import HTTPStatus

from thegrid_emulator.errors import MarketError, not_found
from thegrid_emulator.exchange.orders import Order


class OrderStore:
    """All orders that there ever were."""

    def __init__(self) -> None:
        self._by_id: dict[str, Order] = {}
        self._of_user: dict[str, list[Order]] = {}
        self._open_of_user: dict[str, dict[str, Order]] = {}
        self._client_order_ids: set[tuple[str, str]] = set()

    def check_unused(self, user_id: str, client_order_id: str | None) -> None:
        """Let a name pass that its owner has not used before.

        Raises:
            MarketError: 409 `duplicate_client_order_id` otherwise.
        """
        if client_order_id is not None and (user_id, client_order_id) in self._client_order_ids:
            raise MarketError(
                HTTPStatus.CONFLICT,
                "duplicate_client_order_id",
                "client_order_id: has been used for another order",
            )

    def add(self, order: Order) -> None:
        """Keep an order."""
        self._by_id[order.order_id] = order
        self._of_user.setdefault(order.user_id, []).append(order)
        if order.client_order_id is not None:
            self._client_order_ids.add((order.user_id, order.client_order_id))

    def note_waiting(self, order: Order) -> None:
        """Remember that an order waits in a book."""
        self._open_of_user.setdefault(order.user_id, {})[order.order_id] = order

    def note_gone(self, order: Order) -> None:
        """Remember that an order waits no longer."""
        del self._open_of_user[order.user_id][order.order_id]

    def get(self, user_id: str, order_id: str) -> Order:
        """Return one of a user's orders.

        Raises:
            MarketError: 404 if the user has none with this id.
        """
        order = self._by_id.get(order_id)
        if order is None or order.user_id != user_id:
            raise not_found("order")
        return order

    def of_user(self, user_id: str) -> list[Order]:
        """Return all of a user's orders, oldest first."""
        return self._of_user.get(user_id, [])

    def open_of_user(self, user_id: str) -> list[Order]:
        """Return the orders of a user that wait, in the order in which they came to."""
        return list(self._open_of_user.get(user_id, {}).values())
