"""The OAuth server's answers."""

from __future__ import annotations

from datetime import datetime, timedelta

from thegrid.client._wire.fields import Json, first, text
from thegrid.core.model import DeviceLogin, TokenPair
from thegrid.core.secret import Secret

_TOKEN_SECONDS = 3600
_POLL_SECONDS = 5


def token_pair(body: Json, *, now: datetime) -> TokenPair:
    """Read an OAuth token answer (RFC 6749, section 5.1); a lifetime that is missing is an hour."""
    refresh = body.get("refresh_token")
    return TokenPair(
        access=Secret(text(body["access_token"])),
        refresh=Secret(text(refresh)) if refresh else None,
        expires_at=now + timedelta(seconds=int(body.get("expires_in") or _TOKEN_SECONDS)),
        scopes=tuple(str(body.get("scope") or "").split()),
    )


def device_login(body: Json, *, now: datetime) -> DeviceLogin:
    """Read a device authorization answer (RFC 8628, section 3.2)."""
    address, code = text(body["verification_uri"]), text(body["user_code"])
    return DeviceLogin(
        device_code=Secret(text(body["device_code"])),
        user_code=code,
        verification_uri=address,
        verification_uri_complete=str(
            body.get("verification_uri_complete") or f"{address}?user_code={code}"
        ),
        expires_at=now + timedelta(seconds=int(body["expires_in"])),
        interval_seconds=max(int(body.get("interval", _POLL_SECONDS)), 1),
    )


def scopes(body: Json) -> tuple[str, ...]:
    """Read which scopes a client may ask for; the shape of the answer is not documented."""
    rows = body.get("data", body.get("scopes"))
    if not isinstance(rows, list):
        raise TypeError
    return tuple(text(row if isinstance(row, str) else first(row, "scope", "name")) for row in rows)
