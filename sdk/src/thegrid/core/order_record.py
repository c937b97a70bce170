"""What is written down about a standing order, and how it meets what the market shows. Pure.

A record is written only when a step is over, so it may be older than the market: an order that it
does not know is found by its name in a listing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from thegrid.core.model import Order
from thegrid.core.order_spending import Fills, counts_today, fee_rate_of, spent_today
from thegrid.core.order_terms import Terms, WantedOrder, generation_of, name_of
from thegrid.core.standing_order import Listing, Situation


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """What is known of a standing order without asking the market.

    Attributes:
        intent: The random text that was recorded before anything was placed.
        generation: The highest generation that was placed or found; 0 for none.
        order_id: The market's identifier of its order, or None while that is not known.
        earlier: Identifiers of other orders of the intent that may have fills of today.
        declared: The terms that were brought about, or None at first.
        placed_at: When the generation was placed, or was perhaps placed; None once it was read.
        adopted: Identifier of an order that was there before and keeps its own name, or None. It
            counts as the generation that it was taken over as.
    """

    intent: str
    generation: int = 0
    order_id: str | None = None
    earlier: tuple[str, ...] = ()
    declared: Terms | None = None
    placed_at: datetime | None = None
    adopted: str | None = None

    def order_ids(self) -> tuple[str, ...]:
        """Return every order that has to be read, each once."""
        current = (self.order_id,) if self.order_id else ()
        return tuple(dict.fromkeys((*current, *self.earlier)))

    def with_listed(self, orders: Iterable[Order], now: datetime) -> OrderRecord:
        """Take over what a listing shows of the intent, newer generations too.

        Args:
            orders: The account's orders; they may be shown as they were some seconds ago.
            now: The market's time.
        """
        named = [(generation_of(self.intent, it.client_order_id), it) for it in orders]
        mine = {number: it for number, it in named if number is not None}
        newest = max(mine, default=0)
        counting = (it.id for number, it in named if number and counts_today(it, now))
        record = replace(self, earlier=tuple(dict.fromkeys((*self.order_ids(), *counting))))
        if newest and newest >= self.generation:
            record = replace(record, generation=newest, order_id=mine[newest].id)
        return record

    def placed(self, generation: int, order_id: str | None, now: datetime) -> OrderRecord:
        """Note that a generation was placed.

        Args:
            generation: Which.
            order_id: The market's identifier of its order, or None where the answer was lost or
                the name had been used already, so that the order may be there.
            now: The market's time.
        """
        return replace(
            self,
            generation=generation,
            order_id=order_id,
            earlier=self.order_ids(),
            placed_at=now,
        )

    def taken_over(self, order_id: str) -> OrderRecord:
        """Note that an order which was there before is the one to keep from now on.

        It counts as a generation of its own, whose name is never used.
        """
        return replace(
            self,
            generation=self.generation + 1,
            order_id=order_id,
            earlier=self.order_ids(),
            adopted=order_id,
        )

    def name_of(self, order: Order | None) -> str | None:
        """Return the `client_order_id` of the present order; an adopted one has its own.

        Args:
            order: The order as it was read, or None where that is not known.
        """
        if order is not None and order.id == self.adopted:
            return order.client_order_id
        return name_of(self.intent, max(self.generation, 1))

    def settled(self, terms: Terms, orders: Mapping[str, Order], now: datetime) -> OrderRecord:
        """Note that a step is over; earlier orders without fills of this day are forgotten.

        Args:
            terms: What was brought about.
            orders: The orders that were read, by their identifiers.
            now: The market's time.
        """
        kept = tuple(
            it
            for it in self.earlier
            if it != self.order_id and (it not in orders or counts_today(orders[it], now))
        )
        placed_at = None if self.order_id in orders else self.placed_at
        return replace(self, declared=terms, earlier=kept, placed_at=placed_at)


def situation(
    record: OrderRecord,
    wanted: WantedOrder,
    fills: Mapping[str, Fills],
    listing: Listing,
    now: datetime,
) -> Situation:
    """Gather what `plan_standing_order` looks at.

    Args:
        record: What is written down.
        wanted: What is declared.
        fills: The orders of the record, by their identifiers, as read just now; one that the market
            does not know is left out.
        listing: How much was listed since.
        now: The market's time.
    """
    fee_rate = fee_rate_of(fills.values(), wanted.fee_rate)
    found = fills.get(record.order_id) if record.order_id else None
    return Situation(
        wanted=wanted,
        declared=record.declared,
        intent=record.intent,
        generation=record.generation,
        order=found.order if found else None,
        listing=listing,
        spent_usd=spent_today(fills.values(), fee_rate, now),
        fee_rate=fee_rate,
        now=now,
        placed_at=record.placed_at,
    )
