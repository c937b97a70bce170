"""A limit order that is kept on the book, from its first generation to its end."""

from __future__ import annotations

from typing import Any, get_args

from pulumi_thegrid import _engine
from pulumi_thegrid._connection import Connection
from pulumi_thegrid._lifecycles.checks import Check
from pulumi_thegrid._lifecycles.holders import Holder
from pulumi_thegrid._lifecycles.intent import check_instrument, is_another_instrument
from pulumi_thegrid._lifecycles.lifecycle import (
    Checked,
    Difference,
    Lifecycle,
    Properties,
    time_of,
    time_text,
)
from pulumi_thegrid._lifecycles.order_adoption import looked_up, refuse_adoption, symbol_in
from pulumi_thegrid._lifecycles.order_keeping import (
    OrderKeeper,
    find_market,
    find_order,
    unachievable,
)
from pulumi_thegrid._lifecycles.order_state import (
    DECLARED,
    FIXED,
    outputs_of,
    record_of,
    recorded_situation,
    wanted_of,
)
from thegrid.client import Misuse, Truncated
from thegrid.core.model import Side
from thegrid.core.order_record import OrderRecord
from thegrid.core.order_terms import Renew
from thegrid.core.standing_order import REFUSALS, plan_standing_order

_CHOICES = {"side": get_args(Side), "renew": get_args(Renew)}
_SWITCHES = ("auto_transfer", "repair")
_AMOUNTS = ("price", "daily_cap_usd", "fee_rate")
_NEEDED = ("instrument", "side", "price", "quantity", "renew", "repair", "fee_rate")
_PLACE = ("account_id", "market_id", "instrument_id", "managed_since")
_QUIET = frozenset({"UpToDate", "Ended", "Edited"})
"""Reasons that tell a person nothing which the inputs and outputs do not."""


class StandingOrderLifecycle(Lifecycle):
    """The order's name at the market is its intent and its generation, by which it is found."""

    kind = "StandingOrder"
    label_field = "name"
    inputs = frozenset(DECLARED)

    def check(self, inputs: Properties) -> Checked:
        """Check each input, then what the inputs together prove impossible."""
        check = Check(inputs, self.inputs)
        for name in _NEEDED:
            if name in inputs and inputs[name] is None:
                check.refuse(name, "must be given")
        check_instrument(check, inputs)
        _check_fields(check, inputs)
        checked = check.result()
        if not checked.problems and checked.inputs.keys() >= {*_NEEDED, "daily_cap_usd"}:
            try:
                wanted_of(checked.inputs, "any")
            except ValueError as error:
                field, _, message = str(error).partition(": ")
                check.refuse(field, message)
        return check.result()

    def diff(self, connection: Connection, old: Properties, new: Properties) -> Difference:
        """Decide by what the last refresh recorded, as `update` will by what it reads.

        Raises:
            ValueError: The order has ended or would exceed its cap, so that it cannot be changed.
            Misuse: An order is to be adopted, or is kept by another resource too.
        """
        replaces = tuple(name for name in FIXED if _is_another(name, old, new))
        _refuse_late_adoption(old, new, replaces)
        order_id = old.get("order_id")
        if order_id and not connection.holders.claim(order_id, _holder(old)):
            raise Misuse(f"order {order_id} is kept by another resource too: remove one of them")
        if replaces or not new.keys() >= set(DECLARED):
            return Difference(changes=True, replaces=replaces, deletes_first=bool(replaces))
        wanted, now = wanted_of(new, old["market_id"]), connection.clock.now()
        plan = plan_standing_order(recorded_situation(old, wanted, now))
        if plan.reason in REFUSALS:
            raise unachievable(plan)
        differs = any(new[name] != old.get(name) for name in DECLARED if name != "adopt")
        told = () if plan.reason in _QUIET else (plan.message,)
        return Difference(changes=differs or bool(plan.actions), notices=told)

    def create(self, connection: Connection, inputs: Properties) -> tuple[str, dict[str, Any]]:
        """Look the intent's orders up, then place or adopt one if there is none."""
        account_id, client = connection.account_id(), connection.client()
        market, instrument_id = find_market(client, inputs["instrument"])
        since = time_text(connection.clock.now())
        place = dict(zip(_PLACE, (account_id, market.id, instrument_id, since), strict=True))
        adopt = inputs.get("adopt")
        holder = _holder({**inputs, **place})
        keeper = self._keeper(
            connection, inputs, place, OrderRecord(inputs["intent"], adopted=adopt)
        )
        if not adopt or not _takes_over(keeper, connection, adopt, holder):
            keeper.converge()
        if not keeper.record.generation:
            raise Truncated(keeper.plan.message)
        outputs = self._settled(keeper, inputs, place)
        if outputs["order_id"]:
            connection.holders.note([outputs["order_id"]], holder)
        return inputs["intent"], outputs

    def read(self, connection: Connection, old: Properties) -> dict[str, Any] | None:
        """Show fills and drift; an order that has ended stays recorded as what it became."""
        if not old.get("intent"):
            return self.look_up(connection, old["order_id"], old)
        keeper = self._keeper(connection, old, old, record_of(old))
        keeper.look()
        keeper.settle()
        return outputs_of(old, _place_of(old), keeper.record, keeper.seen, to=keeper.plan)

    def look_up(self, connection: Connection, id_: str, inputs: Properties) -> dict[str, Any]:  # noqa: ARG002
        """Read an order by the market's id, whoever placed it and whatever became of it."""
        account_id, client = connection.account_id(), connection.client()
        order = find_order(client, id_)
        symbol = order.instrument_symbol or symbol_in(client.market(order.market_id))
        return looked_up(order, symbol, account_id)

    def update(self, connection: Connection, old: Properties, new: Properties) -> dict[str, Any]:
        """Read again, then do what is to be done by what is seen now."""
        place = _place_of(old)
        keeper = self._keeper(connection, new, place, record_of(old))
        keeper.converge()
        return self._settled(keeper, new, place)

    def delete(self, connection: Connection, old: Properties) -> tuple[str, ...]:
        """Cancel the order; one that was cancelled or filled in between counts as ended."""
        order_id = old.get("order_id")
        if order_id and connection.holders.release(order_id, _holder(old)):
            return (f"order {order_id} lives on, since another resource took it over",)
        return self._keeper(connection, old, old, record_of(old)).remove()

    def _keeper(
        self, connection: Connection, inputs: Properties, place: Properties, record: OrderRecord
    ) -> OrderKeeper:
        return OrderKeeper(
            connection.client_of(place["account_id"]),
            record,
            wanted_of(inputs, place["market_id"]),
            connection.clock.now(),
            time_of(inputs.get("intent_recorded_at")),
        )

    def _settled(
        self, keeper: OrderKeeper, inputs: Properties, place: dict[str, Any]
    ) -> dict[str, Any]:
        keeper.settle()
        if keeper.plan.reason not in _QUIET:
            _engine.tell(f"{self.kind} {inputs.get('name')!r}: {keeper.plan.message}", "warning")
        return outputs_of(inputs, place, keeper.record, keeper.seen, to=keeper.plan)


def _takes_over(keeper: OrderKeeper, connection: Connection, adopt: str, holder: Holder) -> bool:
    """Take an order over, unless a lost run of the same intent has renewed it already.

    Returns:
        Whether it was taken over; what the intent has placed is to be kept otherwise.

    Raises:
        Misuse: The order cannot be taken over.
        Truncated: It cannot be seen whether the intent has an order on the book.
    """
    order = find_order(connection.client(), adopt, "adopt: ")
    keeper.look()
    own = keeper.seen.order
    if own is not None and (order.is_terminal or not own.is_terminal):
        if not order.is_terminal:
            raise Misuse(
                f"adopt: this resource has order {own.id} on the book already: leave adopt out, or "
                f"declare another resource to adopt order {order.id}"
            )
        return False
    if not keeper.is_listing_whole:
        raise Truncated("the listing of orders broke off, so one may be there: nothing is adopted")
    refuse_adoption(order, keeper.seen.wanted)
    if not connection.holders.claim(order.id, holder):
        raise Misuse(f"adopt: another resource of this stack keeps order {order.id} already")
    keeper.take_over(order)
    return True


def _refuse_late_adoption(old: Properties, new: Properties, replaces: tuple[str, ...]) -> None:
    """Refuse an order to adopt where one is kept, or where it would be ended first."""
    wish, known = new.get("adopt"), (old.get("adopt"), old.get("order_id"))
    if wish is None or (replaces and wish not in known):
        return
    if replaces:
        changed = " and ".join(it for it in replaces if it != "intent") or "triggers"
        raise Misuse(
            f"adopt: a change of {changed} ends order {wish} and makes another one: leave adopt out"
        )
    if wish not in known:
        raise Misuse(
            "adopt: is read when a resource is created, and this one is there already: declare "
            f"another resource to adopt order {wish}"
        )


def _place_of(old: Properties) -> dict[str, Any]:
    return {name: old.get(name) for name in _PLACE}


def _holder(outputs: Properties) -> Holder:
    return outputs["intent"], time_of(outputs.get("managed_since"))


def _check_fields(check: Check, inputs: Properties) -> None:
    for name, allowed in _CHOICES.items():
        if check.known(name) and inputs[name] not in allowed:
            check.refuse(name, f"{inputs[name]!r} is not allowed: write {' or '.join(allowed)}")
    for name in _SWITCHES:
        if check.known(name) and not isinstance(inputs[name], bool):
            check.refuse(name, "must be true or false")
    for name in _AMOUNTS:
        check.decimal(name)
    check.units("quantity")
    check.identifier("adopt", "an order")
    triggers = inputs.get("triggers")
    if triggers is not None and not isinstance(triggers, list):
        check.refuse("triggers", "must be a list")


def _is_another(name: str, old: Properties, new: Properties) -> bool:
    """Tell whether an input that is fixed differs, or may do so since it is not known yet."""
    if name == "instrument":
        return is_another_instrument(old, new)
    return name not in new or (new[name] or None) != (old.get(name) or None)
