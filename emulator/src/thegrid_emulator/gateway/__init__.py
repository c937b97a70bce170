"""The inference gateway: the target of redirects, which answers in the caller's shape.

The signed URL is the only credential. Authorization and API keys are neither needed nor read.
"""

from thegrid_emulator.gateway import calls
from thegrid_emulator.state.venue import Venue
from thegrid_emulator.surface import Surface, build_surface


def build(venue: Venue) -> Surface:
    """Return the gateway."""
    return build_surface(venue, "gateway", calls.ROUTES)
