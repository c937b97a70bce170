"""What is declared about a standing order, what of it can change, and how its orders are named.

What belongs here: values validated at birth. What does not: decisions
(`thegrid.core.standing_order`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args

from thegrid.core.model import NewOrder, Order, Side

Renew = Literal["never", "when_filled", "when_closed"]

_NAME = re.compile(r"(?P<intent>.+):(?P<generation>[1-9][0-9]{0,8})", re.DOTALL)


@dataclass(frozen=True, slots=True)
class WantedOrder:
    """The order as declared.

    Args:
        market_id: Where.
        side: `buy` or `sell`.
        price: US dollars per unit.
        quantity: Whole units of each generation, those included that it has traded already.
        auto_transfer: For a buy: move what it buys into the consumption account.
        renew: Place the next generation `never`, `when_filled`, or `when_closed` for whatever
            reason.
        repair: Whether a price or quantity that somebody changed at the market is written back;
            otherwise it is only reported.
        daily_cap_usd: Spend at most this many US dollars on fills of one UTC day, fees included,
            over all generations; for a buy only, and needed where a buy renews itself.
        fee_rate: What a trade costs on top, as a share of its value, from 0 to 1.

    Raises:
        ValueError: A field cannot be; the message begins with its name.
    """

    market_id: str
    side: Side
    price: Decimal
    quantity: int
    auto_transfer: bool = False
    renew: Renew = "never"
    repair: bool = True
    daily_cap_usd: Decimal | None = None
    fee_rate: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        self.order("any")
        for problem in (_wrong_renewal(self), _wrong_fee_rate(self.fee_rate), _wrong_cap(self)):
            if problem:
                raise ValueError(problem)

    def order(self, client_order_id: str) -> NewOrder:
        """Return the order to place under a name.

        Raises:
            ValueError: The name cannot be.
        """
        return NewOrder(
            self.market_id,
            self.side,
            self.quantity,
            self.price,
            client_order_id=client_order_id,
            auto_transfer=self.auto_transfer or None,
        )

    @property
    def terms(self) -> Terms:
        """Return what can be changed in place."""
        return Terms(self.price, self.quantity)


def _wrong_renewal(wanted: WantedOrder) -> str | None:
    if wanted.renew not in get_args(Renew):
        return f"renew: {wanted.renew!r} is none of {', '.join(get_args(Renew))}"
    return None


def _wrong_fee_rate(rate: object) -> str | None:
    if not isinstance(rate, Decimal) or not rate.is_finite() or not 0 <= rate <= 1:
        return f"fee_rate: {rate!r} is not a share of a trade's value from 0 to 1"
    return None


def _wrong_cap(wanted: WantedOrder) -> str | None:
    cap = wanted.daily_cap_usd
    if wanted.side == "sell":
        return None if cap is None else "daily_cap_usd: a sell order spends nothing: leave it out"
    if cap is None:
        if wanted.renew == "never":
            return None
        return "daily_cap_usd: a buy order that renews itself needs one"
    if not isinstance(cap, Decimal) or not cap.is_finite() or cap <= 0:
        return f"daily_cap_usd: {cap!r} is not a decimal of US dollars above zero"
    cost = cost_of(wanted.price, Decimal(wanted.quantity), wanted.fee_rate)
    if cost > cap:
        return f"daily_cap_usd: one order alone may cost {usd(cost)}, more than {usd(cap)}"
    return None


@dataclass(frozen=True, slots=True)
class Terms:
    """What the market lets an owner change about an order.

    Attributes:
        price: US dollars per unit.
        quantity: Total of units, traded ones included.
    """

    price: Decimal
    quantity: int


def name_of(intent: str, generation: int) -> str:
    """Return the `client_order_id` of a generation, counted from 1."""
    return f"{intent}:{generation}"


def generation_of(intent: str, client_order_id: str | None) -> int | None:
    """Return which generation of an intent a `client_order_id` names, or None for another's."""
    match = _NAME.fullmatch(client_order_id or "")
    return int(match["generation"]) if match and match["intent"] == intent else None


def intent_in(client_order_id: str | None) -> str | None:
    """Return whose generation a `client_order_id` names, or None for one that names none."""
    match = _NAME.fullmatch(client_order_id or "")
    return match["intent"] if match else None


def drift_of(declared: Terms, order: Order) -> tuple[str, ...]:
    """Say what somebody changed about an order that has not ended, one line each."""
    if order.is_terminal:
        return ()
    lines = []
    if order.price is not None and order.price != declared.price:
        lines.append(f"price: {usd(order.price)} at the market, {usd(declared.price)} declared")
    if order.quantity != declared.quantity:
        lines.append(f"quantity: {order.quantity:f} at the market, {declared.quantity} declared")
    return tuple(lines)


def cost_of(price: Decimal, quantity: Decimal, fee_rate: Decimal) -> Decimal:
    """Return what units cost in US dollars, the fee included."""
    return price * quantity * (1 + fee_rate)


def usd(amount: Decimal) -> str:
    """Write US dollars for people, without zeros at the end."""
    return f"{amount.normalize():f} USD"
