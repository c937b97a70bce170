"""A limit order that is kept on the book."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import pulumi
from pulumi.dynamic import Resource

from pulumi_thegrid._engine import is_looked_up, looked_up
from pulumi_thegrid._providers import StandingOrderProvider
from pulumi_thegrid.intent import intent_of


class StandingOrder(Resource, module="thegrid", name="StandingOrder"):
    """A limit order that is placed once, changed in place, and renewed if that is asked for.

    What happens at the market is seen by a refresh alone, so renewal and repair need one: write
    `options: {refresh: always}` into Pulumi.yaml. The first `up` after an order was filled then
    places the next one.

    An order that was placed and whose answer was lost is found by its `client_order_id`, which is
    recorded in the state before anything is placed. Another instrument, side, `auto_transfer` or
    trigger is another order; the old one is cancelled first. Deleting the resource cancels the
    order; what it has traded stays.

    Args:
        resource_name: The resource's name in the program.
        instrument: Symbol or id of what is traded, such as `text-prime`.
        side: `buy` or `sell`.
        price: US dollars per unit, as text such as `0.25`.
        quantity: Whole units of a million tokens: the total of one order, traded ones included.
        auto_transfer: For a buy: move what it buys into the consumption account at once.
        renew: Place the next order `never`, `when_filled`, or `when_closed`, which is also after it
            was cancelled by hand, rejected or has expired. An order that has ended and is not
            renewed cannot be edited any more.
        repair: Whether a price or quantity that was changed at the market is written back;
            otherwise the output `drift` and the preview only report it.
        daily_cap_usd: Spend at most this many US dollars on fills of one UTC day, fees included,
            as text. It holds across renewals; a buy that renews itself needs one. What would
            exceed it is not placed, an order that does exceed it is cancelled.
        fee_rate: What a trade costs on top, as a share of its value, as text. Fees that were paid
            are expected again, so it matters for the first trades of a day.
        triggers: Any values; a change of one makes it another order.
        adopt: The market's id of a limit order that is on the book already, to take it over at the
            creation instead of placing one. Nothing is changed by that: where its price or quantity
            is another than declared, the next preview shows an update. It keeps its own
            `client_order_id`; its renewals have the intent's. The market does not show whether an
            order has `auto_transfer`, so declare what it was placed with.
        opts: Pulumi's options; `provider` may be a `pulumi_thegrid.Provider`.
    """

    name: pulumi.Output[str]
    """The resource's name, for messages."""
    instrument: pulumi.Output[str]
    """What is traded, as declared."""
    side: pulumi.Output[str]
    """`buy` or `sell`."""
    price: pulumi.Output[str]
    """US dollars per unit as declared, as text."""
    quantity: pulumi.Output[str]
    """Units as declared, as text."""
    auto_transfer: pulumi.Output[bool]
    """Whether what it buys moves into the consumption account at once."""
    renew: pulumi.Output[str]
    """`never`, `when_filled` or `when_closed`."""
    repair: pulumi.Output[bool]
    """Whether what was changed at the market is written back."""
    daily_cap_usd: pulumi.Output[str | None]
    """US dollars that the fills of one UTC day may cost, as text."""
    fee_rate: pulumi.Output[str]
    """The share of a trade's value that is expected on top, as declared."""
    triggers: pulumi.Output[Sequence[Any] | None]
    """The values whose change makes it another order."""
    adopt: pulumi.Output[str | None]
    """The id of the order that was taken over at the creation, or None."""
    intent: pulumi.Output[str]
    """The random digits by which the order is found; the resource's id too."""
    intent_recorded_at: pulumi.Output[str]
    """When they were recorded, ISO 8601 in UTC."""
    account_id: pulumi.Output[str]
    """The user id of the account that the order was placed in."""
    market_id: pulumi.Output[str]
    """The market's id."""
    instrument_id: pulumi.Output[str]
    """The market's id of what is traded."""
    order_id: pulumi.Output[str | None]
    """The market's id of the present order, or None while that is not known."""
    client_order_id: pulumi.Output[str | None]
    """The order's name at the market: the intent and the generation; an adopted one has its own."""
    generation: pulumi.Output[int]
    """Which order it is, counted from 1."""
    status: pulumi.Output[str]
    """The market's status; `in_doubt` while the market does not show what may have been placed."""
    closure_reason: pulumi.Output[str | None]
    """Why the order ended, in the market's words."""
    order_price: pulumi.Output[str | None]
    """US dollars per unit at the market, as text."""
    order_quantity: pulumi.Output[str | None]
    """Units at the market, traded ones included, as text."""
    filled_quantity: pulumi.Output[str | None]
    """Units traded, as text."""
    remaining_quantity: pulumi.Output[str | None]
    """Units that are not traded yet, as text."""
    average_price: pulumi.Output[str | None]
    """US dollars per unit over what was traded, as text; None while nothing was."""
    drift: pulumi.Output[Sequence[str]]
    """What differs at the market from what is declared, one line each."""
    condition: pulumi.Output[str]
    """One word for machines: `UpToDate`, `Ended`, `RenewalDue`, `CapReached`, `InDoubt` or the
    like."""
    message: pulumi.Output[str]
    """The same for people."""
    spent_today_usd: pulumi.Output[str]
    """US dollars that buys of this UTC day have cost, over all generations, fees included."""
    spent_on: pulumi.Output[str | None]
    """That day, or None while nothing was spent."""
    expected_fee_rate: pulumi.Output[str]
    """The share of a trade's value that is reckoned on top."""
    placed_at: pulumi.Output[str | None]
    """When the order was placed, or was perhaps placed, while the market does not show it yet."""
    managed_since: pulumi.Output[str | None]
    """When this resource placed its first order or took it over, ISO 8601 in UTC."""
    earlier_order_ids: pulumi.Output[Sequence[str]]
    """Orders of earlier generations that may have fills of today."""

    def __init__(
        self,
        resource_name: str,
        *,
        instrument: pulumi.Input[str],
        side: pulumi.Input[Literal["buy", "sell"] | str],
        price: pulumi.Input[str],
        quantity: pulumi.Input[int | str],
        auto_transfer: pulumi.Input[bool] = False,
        renew: pulumi.Input[Literal["never", "when_filled", "when_closed"] | str] = "never",
        repair: pulumi.Input[bool] = True,
        daily_cap_usd: pulumi.Input[str] | None = None,
        fee_rate: pulumi.Input[str] = "0",
        triggers: pulumi.Input[Sequence[pulumi.Input[Any]]] | None = None,
        adopt: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props: dict[str, Any] = dict.fromkeys(StandingOrder.__annotations__)
        if not is_looked_up(opts):
            spelled = pulumi.Output.from_input(instrument).apply(_one_spelling)
            request = [spelled, side, auto_transfer, triggers]
            intent = intent_of("order", resource_name, opts, request=request)
            props |= {
                "name": resource_name,
                "instrument": instrument,
                "side": side,
                "price": price,
                "quantity": quantity,
                "auto_transfer": auto_transfer,
                "renew": renew,
                "repair": repair,
                "daily_cap_usd": daily_cap_usd,
                "fee_rate": fee_rate,
                "triggers": triggers,
                "adopt": adopt,
                "intent": intent.nonce,
                "intent_recorded_at": intent.recorded_at,
            }
        super().__init__(StandingOrderProvider(), resource_name, props, opts)

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - as Pulumi calls it everywhere
        opts: pulumi.ResourceOptions | None = None,
    ) -> StandingOrder:
        """Look up an order that is not managed here, at every `up`; nothing ever changes it.

        Args:
            resource_name: The resource's name in the program.
            id: The market's id of the order: `order_id`, where a stack manages it. A renewal has
                another one.
            opts: Pulumi's options.

        Returns:
            The order as it is or has ended: `instrument`, `side`, `price`, `quantity`, its ids and
            status, and what it has traded; all else is None.
        """
        unsaid: Any = None
        return cls(
            resource_name,
            instrument=unsaid,
            side=unsaid,
            price=unsaid,
            quantity=unsaid,
            opts=looked_up(opts, id),
        )


def _one_spelling(instrument: object) -> object:
    """Write a symbol as the market does, so that another spelling is no other order."""
    return instrument.strip().lower() if isinstance(instrument, str) else instrument
