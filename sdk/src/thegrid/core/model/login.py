"""Logins by OAuth, from the code that a person approves to the pair of tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from thegrid.core.secret import Secret


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An OAuth login: a short access token and the refresh token that one refresh uses up.

    Attributes:
        access: Sent as a bearer token.
        refresh: Spent by the next refresh, or None where the server gave none.
        expires_at: When the access token dies.
        scopes: What the login may do, such as `keys:manage`.
    """

    access: Secret
    refresh: Secret | None
    expires_at: datetime
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeviceLogin:
    """A login that waits for a person to approve it in a browser (RFC 8628).

    Attributes:
        device_code: What this program polls with.
        user_code: What the person types.
        verification_uri: Where the person types it.
        verification_uri_complete: The same address with the code already in it.
        expires_at: When the codes die.
        interval_seconds: The least number of seconds between two polls.
    """

    device_code: Secret
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_at: datetime
    interval_seconds: int
