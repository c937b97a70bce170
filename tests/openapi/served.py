"""Which routes the surfaces have."""

import re

from starlette.routing import Mount, Route

from thegrid_emulator import Clock, Rules, consumption, gateway, platform, trading
from thegrid_emulator.state.venue import Venue

SURFACES = ("platform", "trading", "consumption", "messages", "gateway")


def served():
    """Method in lower case and anonymous path of every route of the market, by surface."""
    venue = Venue(Clock(), Rules())
    built = (
        platform.build(venue),
        trading.build(venue),
        consumption.build(venue),
        consumption.build_messages(venue),
        gateway.build(venue),
    )
    return {surface.name: _routes(surface) for surface in built}


def anonymous(path):
    """A path whose parameters have no names."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def _routes(surface):
    return {
        (method.lower(), anonymous(route.path))
        for mount in surface.application.routes
        if isinstance(mount, Mount) and mount.path in surface.prefixes
        for route in mount.routes
        if isinstance(route, Route)
        for method in route.methods - {"HEAD"}
    }
