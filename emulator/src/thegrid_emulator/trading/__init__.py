"""The Trading API: service state and the caller's account.

Routes only; what they decide stands in `thegrid_emulator.state`.
"""

from thegrid_emulator.state.market import Market
from thegrid_emulator.surface import Surface, build_surface
from thegrid_emulator.trading import account, service


def build(market: Market) -> Surface:
    """Return the trading surface."""
    return build_surface(market, "trading", [*service.ROUTES, *account.ROUTES])
