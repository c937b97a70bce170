"""What a trade moves."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Delivery:
    """Units against USD.

    Attributes:
        buyer_id: who gets units and pays `quantity * price + fee`.
        seller_id: who gives units and gets `quantity * price`.
        instrument_id: of which instrument.
        quantity: units; locked by the seller.
        price: USD per unit.
        fee: USD that the buyer pays on top.
        released: USD that the buyer's order held for this quantity.
        into_consumption: whether the units go on into consumption at once.
    """

    buyer_id: str
    seller_id: str
    instrument_id: str
    quantity: int
    price: Decimal
    fee: Decimal
    released: Decimal
    into_consumption: bool

    @property
    def value(self) -> Decimal:
        """USD that the seller gets."""
        return self.quantity * self.price
