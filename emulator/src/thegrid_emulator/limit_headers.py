"""The headers that tell a caller where it stands ("Request and response conventions")."""

from datetime import datetime

from thegrid_emulator.dialect import Dialect
from thegrid_emulator.state.rate_limits import Allowance
from thegrid_emulator.timestamps import unix_seconds


def limit_headers(allowance: Allowance, now: datetime, dialect: Dialect) -> dict[str, str]:
    """Return the headers of an answer.

    The vendor's pages do not agree: the conventions have `x-ratelimit-reset` as a Unix time and
    `x-ratelimit-retry-after`, the SDK reads the former as seconds, and the page on troubleshooting
    names `retry-after`. The alternate dialect has the SDK's reading, and the first name alone.

    Args:
        allowance: where the caller stands.
        now: the market's time.
        dialect: in which words the market answers.
    """
    plain = dialect == "plain"
    resets = allowance.resets_at if plain else max(0, allowance.resets_at - unix_seconds(now))
    headers = {
        "x-ratelimit-limit": str(allowance.limit),
        "x-ratelimit-remaining": str(allowance.remaining),
        "x-ratelimit-reset": str(resets),
    }
    if allowance.retry_after is not None:
        headers["x-ratelimit-retry-after"] = str(allowance.retry_after)
        if plain:
            headers["retry-after"] = str(allowance.retry_after)
    return headers
