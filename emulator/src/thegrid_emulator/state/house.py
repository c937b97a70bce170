"""The house account: supply and a little demand in every market, so that a newcomer can trade."""

from datetime import datetime
from decimal import Decimal

from thegrid_emulator.exchange import Exchange, NewOrder, Side
from thegrid_emulator.ledger import Ledger
from thegrid_emulator.state.catalogue import MARKETS, Market

HOUSE = "user_00000000-0000-4000-8000-000000000000"
"""User id of the house account."""

_ASKS, _ASK_UNITS = 10, 1_000
_BIDS, _BID_UNITS = 5, 500
_USD = Decimal(1_000_000)
_STEP = Decimal("0.01")  # of the reference price


def open_house(ledger: Ledger, exchange: Exchange, now: datetime) -> None:
    """Give the house USD and units, and let it offer and bid in every market.

    It asks for the reference price and then a hundredth more at each step; it bids a hundredth
    less at each step, beginning at one less.
    """
    ledger.open(HOUSE, now)
    ledger.deposit(HOUSE, _USD, now)
    for market in MARKETS:
        price = market.instrument.reference_price
        units = _ASKS * _ASK_UNITS
        ledger.issue(HOUSE, market.instrument.instrument_id, units, price, now)
        for step in range(_ASKS):
            exchange.place(_quote(market, "sell", _ASK_UNITS, price * (1 + step * _STEP)), now)
        for step in range(1, _BIDS + 1):
            exchange.place(_quote(market, "buy", _BID_UNITS, price * (1 - step * _STEP)), now)


def _quote(market: Market, side: Side, quantity: int, price: Decimal) -> NewOrder:
    return NewOrder(
        user_id=HOUSE,
        market_id=market.market_id,
        side=side,
        order_type="limit",
        quantity=quantity,
        price=price,
    )
