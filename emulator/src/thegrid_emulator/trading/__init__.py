"""The Trading API: instruments, markets, orders, balances and transfers.

Routes only; what they decide stands in `thegrid_emulator.exchange`, `ledger` and `state`. Candles,
supplier accounts and the WebSocket are left out.
"""

from thegrid_emulator.state.venue import Venue
from thegrid_emulator.surface import Surface, build_surface
from thegrid_emulator.trading import (
    account,
    consumption_accounts,
    instruments,
    markets,
    orders,
    positions,
    service,
    suppliers,
    trades,
    trading_accounts,
    transfers,
)

_SUBJECTS = (
    service,
    account,
    instruments,
    markets,
    orders,
    trades,
    positions,
    trading_accounts,
    consumption_accounts,
    transfers,
    suppliers,
)


def build(venue: Venue) -> Surface:
    """Return the trading surface."""
    routes = [route for subject in _SUBJECTS for route in subject.ROUTES]
    return build_surface(venue, "trading", routes)
