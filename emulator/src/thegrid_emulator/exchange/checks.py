"""What an order must be like before the exchange takes it."""

from decimal import Decimal
from http import HTTPStatus
from typing import TypeVar, get_args

from thegrid_emulator.errors import MarketError
from thegrid_emulator.exchange.orders import NewOrder, Order, OrderType, Side, TimeInForce
from thegrid_emulator.state.catalogue import OrderControls

_LONGEST_CLIENT_ORDER_ID = 128
_HIGHEST_PRICE = Decimal(1_000_000)
_SIDES: tuple[Side, ...] = get_args(Side)
_TYPES: tuple[OrderType, ...] = get_args(OrderType)
_TIMES_IN_FORCE: tuple[TimeInForce, ...] = get_args(TimeInForce)

Word = TypeVar("Word", Side, OrderType, TimeInForce)


def refused(code: str, message: str) -> MarketError:
    """Return the answer for an order that cannot be.

    Args:
        code: for a machine.
        message: for a human; names the field and what is allowed.
    """
    return MarketError(HTTPStatus.UNPROCESSABLE_ENTITY, code, message)


def checked_side(side: str) -> Side:
    """Return a side.

    Raises:
        MarketError: 422 `invalid_side`.
    """
    return _one_of("side", side, _SIDES)


def checked_type(order_type: str) -> OrderType:
    """Return an order type.

    Raises:
        MarketError: 422 `not_supported` for the stop types, `invalid_type` for what is none.
    """
    return _one_of("type", order_type, _TYPES, unsupported=("stop", "stop_limit"))


def checked_time_in_force(time_in_force: str) -> TimeInForce:
    """Return a time in force.

    Raises:
        MarketError: 422 `not_supported` for `day`, `invalid_time_in_force` for what is none.
    """
    return _one_of("time_in_force", time_in_force, _TIMES_IN_FORCE, unsupported=("day",))


def checked_quantity(quantity: Decimal | int, controls: OrderControls) -> int:
    """Return a quantity that the market's controls allow.

    Raises:
        MarketError: 422 `invalid_quantity`.
    """
    smallest, largest, lot = controls.min_order_size, controls.max_order_size, controls.lot_size
    finite = isinstance(quantity, int) or quantity.is_finite()
    if not finite or not smallest <= quantity <= largest or quantity % lot:
        allowed = f"a multiple of {lot} from {smallest} to {largest} units"
        raise refused("invalid_quantity", f"quantity: must be {allowed}")
    return int(quantity)


def check_above_filled(quantity: int, filled: int) -> None:
    """Let a new total pass of which something is left to fill.

    Raises:
        MarketError: 422 `invalid_quantity` otherwise.
    """
    if quantity <= filled:
        raise refused("invalid_quantity", f"quantity: must be above the {filled} filled units")


def checked_price(price: Decimal, controls: OrderControls) -> Decimal:
    """Return a price that the market's controls allow.

    Raises:
        MarketError: 422 `invalid_price`.
    """
    if not price.is_finite() or not 0 < price <= _HIGHEST_PRICE or price % controls.tick_size:
        allowed = f"above 0, at most {_HIGHEST_PRICE} and a multiple of {controls.tick_size}"
        raise refused("invalid_price", f"price: must be {allowed}")
    return price


def check_price_fits_type(price: Decimal | None, order_type: OrderType) -> None:
    """Let a limit order with a price and a market order without one pass.

    Raises:
        MarketError: 422 `invalid_price` otherwise.
    """
    if order_type == "limit" and price is None:
        raise refused("invalid_price", "price: a limit order must have one")
    if order_type == "market" and price is not None:
        raise refused("invalid_price", "price: a market order must have none")


def check_flags(new: NewOrder, *, transfers_anyway: bool) -> None:
    """Let the flags of an order pass that this market honours.

    Args:
        new: the order.
        transfers_anyway: whether its owner's purchases go into consumption without being asked.

    Raises:
        MarketError: 422 `not_supported` for `reduce_only`, a stop price, `post_only` on what does
            not rest, and `auto_transfer` where there is nothing to choose.
    """
    if new.reduce_only:
        raise refused("not_supported", "reduce_only: must be false")
    check_no_stop_price(new.stop_price)
    check_may_rest(new)
    if new.auto_transfer and (new.side != "buy" or transfers_anyway):
        allowed = "only a buy order in advanced mode may ask for it"
        raise refused("not_supported", f"auto_transfer: {allowed}")


def check_may_rest(order: NewOrder | Order) -> None:
    """Let an order pass that does not ask for `post_only`, or that waits if nobody meets it.

    Raises:
        MarketError: 422 `not_supported` otherwise.
    """
    if order.post_only and (order.order_type != "limit" or order.time_in_force != "gtc"):
        raise refused("not_supported", "post_only: only a limit order that is gtc may ask for it")


def check_no_stop_price(stop_price: Decimal | None) -> None:
    """Let an order without a stop price pass.

    Raises:
        MarketError: 422 `not_supported` otherwise.
    """
    if stop_price is not None:
        raise refused("not_supported", "stop_price: must be left out")


def check_client_order_id(client_order_id: str | None) -> None:
    """Let a name pass that is not too long.

    Raises:
        MarketError: 422 `invalid_client_order_id` otherwise.
    """
    if client_order_id is not None and not 1 <= len(client_order_id) <= _LONGEST_CLIENT_ORDER_ID:
        allowed = f"must have from 1 to {_LONGEST_CLIENT_ORDER_ID} characters"
        raise refused("invalid_client_order_id", f"client_order_id: {allowed}")


def _one_of(
    field: str, value: str, allowed: tuple[Word, ...], unsupported: tuple[str, ...] = ()
) -> Word:
    for word in allowed:
        if value == word:
            return word
    code = "not_supported" if value in unsupported else f"invalid_{field}"
    raise refused(code, f"{field}: must be one of {', '.join(allowed)}")
