"""A consumption key as the environment variables that existing programs read.

The OpenAI SDK wants its base address with `/v1`, the Anthropic SDK without, since it appends that
itself. The Messages host reads the key from `x-api-key` and takes no bearer token (The Grid,
"Consumption API", hosts and headers); the Anthropic SDK sends `ANTHROPIC_API_KEY` in that header
up to version 1 and as a bearer token from version 2 on, hence `ANTHROPIC_CUSTOM_HEADERS` beside
it. `ANTHROPIC_AUTH_TOKEN` would always be a bearer token, so it is not set.
"""

from __future__ import annotations

from thegrid.client.endpoints import Endpoints
from thegrid.core.secret import Secret


def variables_for(endpoints: Endpoints, key: Secret) -> dict[str, str]:
    """Name what a program needs to spend with a key, for the SDKs of OpenAI and Anthropic.

    Args:
        endpoints: The market.
        key: The consumption key.

    Returns:
        Values by the names of environment variables; several of them hold the secret.
    """
    return {
        "OPENAI_API_KEY": key.reveal(),
        "OPENAI_BASE_URL": endpoints.consumption,
        "ANTHROPIC_API_KEY": key.reveal(),
        "ANTHROPIC_CUSTOM_HEADERS": f"x-api-key: {key.reveal()}",
        "ANTHROPIC_BASE_URL": endpoints.messages.removesuffix("/v1"),
    }
