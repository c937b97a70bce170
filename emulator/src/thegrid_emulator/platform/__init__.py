"""The Platform API: OAuth, API keys, signing keys, account settings, profile, catalogue.

Routes only; what they decide stands in `thegrid_emulator.state`.
"""

from thegrid_emulator import admin, pages
from thegrid_emulator.platform import (
    api_keys,
    diagnostics,
    instruments,
    oauth,
    settings,
    signing_keys,
    statistics,
    users,
)
from thegrid_emulator.state.venue import Venue
from thegrid_emulator.surface import Surface, build_surface


def build(venue: Venue) -> Surface:
    """Return the platform's surface, with the admin routes and the pages beside it.

    It serves under both prefixes that the vendor's clients and documentation use.
    """
    routes = [
        *oauth.ROUTES,
        *api_keys.ROUTES,
        *signing_keys.ROUTES,
        *settings.ROUTES,
        *statistics.ROUTES,
        *users.ROUTES,
        *diagnostics.ROUTES,
        *instruments.ROUTES,
    ]
    return build_surface(
        venue,
        "platform",
        routes,
        prefixes=("/api/v1", "/v1"),
        admin_routes={admin.PREFIX: admin.ROUTES},
        page_routes=pages.ROUTES,
    )
