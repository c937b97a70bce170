"""The Trading API: service state and the caller's account.

Routes only; what they decide stands in `thegrid_emulator.state`.
"""

from thegrid_emulator.state.venue import Venue
from thegrid_emulator.surface import Surface, build_surface
from thegrid_emulator.trading import account, service


def build(venue: Venue) -> Surface:
    """Return the trading surface."""
    return build_surface(venue, "trading", [*service.ROUTES, *account.ROUTES])
