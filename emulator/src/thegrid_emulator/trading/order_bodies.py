"""Orders and their changes as they come over the wire."""

from thegrid_emulator.bodies import (
    Body,
    flag,
    optional_number,
    optional_text,
    required_number,
    required_text,
)
from thegrid_emulator.errors import impossible_member
from thegrid_emulator.exchange import NewOrder, OrderChange
from thegrid_emulator.state.identifiers import canonical_id

_CHANGEABLE = ("price", "quantity", "stop_price", "time_in_force")


def new_order(user_id: str, body: Body) -> NewOrder:
    """Read an order; whether the market takes it, the exchange decides.

    Args:
        user_id: whose it is.
        body: as posted.

    Raises:
        MarketError: 400 if a member is not of its type, 422 if it is missing or cannot be.
    """
    return NewOrder(
        user_id=user_id,
        market_id=canonical_id("market", required_text(body, "market_id")),
        side=required_text(body, "side"),
        order_type=required_text(body, "type"),
        quantity=required_number(body, "quantity"),
        price=optional_number(body, "price"),
        time_in_force=_time_in_force(body),
        client_order_id=_client_order_id(body),
        post_only=flag(body, "post_only"),
        auto_transfer=flag(body, "auto_transfer"),
        reduce_only=flag(body, "reduce_only"),
        stop_price=optional_number(body, "stop_price"),
    )


def order_change(body: Body) -> OrderChange:
    """Read a change of an order; absent members leave their values as they are.

    Args:
        body: as put.

    Raises:
        MarketError: 400 if a member is not of its type, 422 if it cannot be or nothing is to be
            changed.
    """
    if all(body.get(name) is None for name in _CHANGEABLE):
        raise impossible_member("order", "must change at least one of " + ", ".join(_CHANGEABLE))
    return OrderChange(
        price=optional_number(body, "price"),
        quantity=optional_number(body, "quantity"),
        time_in_force=optional_text(body, "time_in_force"),
        stop_price=optional_number(body, "stop_price"),
    )


def _client_order_id(body: Body) -> str | None:
    value = optional_text(body, "client_order_id")
    if value is not None and not value.isprintable():
        raise impossible_member("client_order_id", "must consist of printable characters")
    return value


def _time_in_force(body: Body) -> str:
    value = optional_text(body, "time_in_force")
    return "gtc" if value is None else value
