"""What the emulator says about itself: one OpenAPI 3.1 document for each surface.

Data only. Each listener serves its own document, which covers every route of the market and none
of the admin's. A test holds documents and routes together, another lets a fuzzer judge the answers.
"""

from collections.abc import Sequence

from thegrid_emulator.openapi import inference, platform, trading
from thegrid_emulator.openapi.document import Document, document

_SURFACES = {
    "platform": ("Platform API", platform.SUBJECTS),
    "trading": ("Trading API", trading.SUBJECTS),
    "consumption": ("Consumption API in the OpenAI shape", inference.CONSUMPTION),
    "messages": ("Consumption API in the Anthropic shape", inference.MESSAGES),
    "gateway": ("Inference gateway", inference.GATEWAY),
}


def document_of(surface: str, prefixes: Sequence[str]) -> Document:
    """Return the document of one surface.

    Args:
        surface: platform, trading, consumption, messages or gateway.
        prefixes: path prefixes under which it serves every route.

    Raises:
        KeyError: if there is no such surface.
    """
    title, subjects = _SURFACES[surface]
    return document(title, prefixes, subjects)


__all__ = ["Document", "document_of"]
