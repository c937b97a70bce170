"""The Consumption API on its two hosts: OpenAI shape and Anthropic shape.

Both check a call and send it on to the gateway; neither answers it. The model list stands on the
OpenAI host only.
"""

from thegrid_emulator.consumption import inference, models
from thegrid_emulator.state.venue import Venue
from thegrid_emulator.surface import Surface, build_surface


def build(venue: Venue, gateway_url: str) -> Surface:
    """Return the OpenAI-shaped host.

    Args:
        venue: what is behind it.
        gateway_url: origin to which calls are sent on.
    """
    surface = build_surface(venue, "consumption", [*models.ROUTES, *inference.CHAT_ROUTES])
    surface.application.state.gateway_url = gateway_url
    return surface


def build_messages(venue: Venue, gateway_url: str) -> Surface:
    """Return the Anthropic-shaped host, whose errors name themselves as such.

    Args:
        venue: what is behind it.
        gateway_url: origin to which calls are sent on.
    """
    surface = build_surface(
        venue, "messages", inference.MESSAGES_ROUTES, error_members={"type": "error"}
    )
    surface.application.state.gateway_url = gateway_url
    return surface
