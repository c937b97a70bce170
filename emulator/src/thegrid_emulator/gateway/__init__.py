"""The inference gateway: the target of redirects, which answers in the caller's shape.

The signed URL is the only credential. Authorization and API keys are neither needed nor read.
"""

from thegrid_emulator.gateway import calls
from thegrid_emulator.state.market import Market
from thegrid_emulator.surface import Surface, build_surface


def build(market: Market) -> Surface:
    """Return the gateway."""
    return build_surface(market, "gateway", calls.ROUTES)
