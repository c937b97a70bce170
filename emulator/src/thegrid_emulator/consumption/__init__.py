"""The Consumption API on its two hosts: OpenAI shape and Anthropic shape.

Both check a call and send it on to the gateway; neither answers it. The model list and the
receipts stand on the OpenAI host only.
"""

from thegrid_emulator.consumption import diagnostics, inference, models, usage
from thegrid_emulator.state.venue import Venue
from thegrid_emulator.surface import Surface, build_surface


def build(venue: Venue) -> Surface:
    """Return the OpenAI-shaped host."""
    routes = [*models.ROUTES, *inference.CHAT_ROUTES, *usage.ROUTES, *diagnostics.ROUTES]
    return build_surface(venue, "consumption", routes)


def build_messages(venue: Venue) -> Surface:
    """Return the Anthropic-shaped host, whose errors name themselves as such."""
    return build_surface(
        venue, "messages", inference.MESSAGES_ROUTES, error_members={"type": "error"}
    )
