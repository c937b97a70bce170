"""Inference: the two hosts that take calls, and the gateway that answers them."""

from thegrid_emulator.openapi import diagnostics
from thegrid_emulator.openapi.document import Subject
from thegrid_emulator.openapi.inference import chat, messages, models, usage
from thegrid_emulator.openapi.inference.calls import CONSUMPTION_REFUSALS
from thegrid_emulator.openapi.operation import BEARER

CONSUMPTION: tuple[Subject, ...] = (
    models.SUBJECT,
    chat.CALLED,
    usage.SUBJECT,
    diagnostics.subject(CONSUMPTION_REFUSALS, [BEARER]),
)
"""What the document of the OpenAI-shaped host consists of."""

MESSAGES: tuple[Subject, ...] = (messages.CALLED,)
"""What the document of the Anthropic-shaped host consists of."""

GATEWAY: tuple[Subject, ...] = (chat.ANSWERED, messages.ANSWERED)
"""What the document of the gateway consists of."""
