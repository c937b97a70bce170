"""`thegrid whoami`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

from thegrid.cli.options import AsJson, ProfileName, access_of
from thegrid.cli.output import Output, duration, facts, time_text
from thegrid.client import Client, SigningKey
from thegrid.client.access import Access
from thegrid.client.endpoints import environment_name
from thegrid.client.profiles import SavedLogin


def whoami(profile: ProfileName = None, as_json: AsJson = False) -> None:
    """Ask the market whose login this is, and say where it was found.

    It asks the trading host, which both a login with the scope account:read and a trading key open.
    """
    access = access_of(profile)
    login = access.trading_login
    with Client(access.endpoints, login) as client:
        account = client.trading_account()
        now = client.clock.now()
    if access.profile:
        access = access_of(profile)  # read again, since the login may have been renewed
    way = "signing_key" if isinstance(login, SigningKey) else "login"
    saved = access.profile.login if access.profile and way == "login" else None
    left = saved.expires_at - now if saved and saved.expires_at else None
    market = environment_name(access.endpoints)
    Output(as_json=as_json).show(
        {
            "user_id": account.user_id,
            "email": account.email,
            "environment": market,
            "endpoints": asdict(access.endpoints),
            "source": access.source,
            "opened_by": way,
            "scopes": list(saved.scopes) if saved else None,
            "expires_at": time_text(saved.expires_at) if saved else None,
        },
        facts(
            {
                "account": f"{account.email} ({account.user_id})",
                "market": market or access.endpoints.platform,
                "found in": access.source,
                "opened by": _way(access, way),
                "scopes": ", ".join(saved.scopes) or None if saved else None,
                "time left": _left(saved, left),
            }
        ),
    )


def _way(access: Access, way: str) -> str:
    if way == "login":
        return "an OAuth login"
    return f"the trading key {access.signing_key.fingerprint if access.signing_key else ''}"


def _left(saved: SavedLogin | None, left: timedelta | None) -> str | None:
    if saved is None or left is None:
        return None
    renewed = ", then renewed by itself" if saved.refresh else ", then log in again"
    return duration(left) + renewed
