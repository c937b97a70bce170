"""Which market to talk to and as whom, settled from several layers of settings.

What belongs here: names, precedence and checks. What does not: where a layer comes from (a Pulumi
configuration, the environment), which each front door knows for itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from thegrid.client.endpoints import Endpoints, completed
from thegrid.client.errors import Misuse
from thegrid.core.secret import Secret

ENVIRONMENT = {
    "access_token": "THEGRID_ACCESS_TOKEN",
    "platform_url": "THEGRID_PLATFORM_URL",
    "trading_url": "THEGRID_TRADING_URL",
    "consumption_url": "THEGRID_CONSUMPTION_URL",
    "messages_url": "THEGRID_MESSAGES_URL",
    "platform_prefix": "THEGRID_PLATFORM_PREFIX",
}
"""The settings, and the environment variable of each."""

_REFRESH_TOKEN = "grid_rt_"  # noqa: S105 - how the market begins every one
_ADDRESSES = {
    "platform_url": "platform",
    "trading_url": "trading",
    "consumption_url": "consumption",
    "messages_url": "messages",
    "platform_prefix": "platform_prefix",
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """Where to go and as whom.

    Attributes:
        endpoints: The market.
        access_token: The login.
    """

    endpoints: Endpoints
    access_token: Secret


def from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Pick the settings that the environment names; empty variables count as unset."""
    return {name: environ[key] for name, key in ENVIRONMENT.items() if environ.get(key)}


def settle_endpoints(*layers: Mapping[str, str]) -> Endpoints:
    """Settle where the market is; production where no layer says.

    What is not said follows from the trading or the platform address (`completed`), so that a login
    for one environment is not sent to another.

    Args:
        *layers: Settings by the names of `ENVIRONMENT`; for each, the first layer that has it wins.

    Returns:
        The addresses.

    Raises:
        Misuse: An address cannot be used.
    """
    return completed(**{field: _first(name, layers) for name, field in _ADDRESSES.items()})


def settle(*layers: Mapping[str, str]) -> Credentials:
    """Settle a market and a login.

    Args:
        *layers: Settings by the names of `ENVIRONMENT`; for each, the first layer that has it wins.

    Returns:
        The credentials.

    Raises:
        Misuse: There is no access token, an address cannot be used, or a refresh token was given:
            refreshing uses it up, and these layers cannot be written back to.
    """
    refuse_refresh_tokens(*layers)
    token = _first("access_token", layers)
    if not token:
        raise Misuse(
            "access_token: not set; give it to the provider, in the stack's configuration "
            "(pulumi config set --secret thegrid:accessToken …) or as THEGRID_ACCESS_TOKEN"
        )
    return Credentials(settle_endpoints(*layers), Secret(token))


def refuse_refresh_tokens(*layers: Mapping[str, str]) -> None:
    """Refuse refresh tokens, also one that stands where an access token belongs.

    Args:
        *layers: Settings by the names of `ENVIRONMENT`, and `refresh_token`.

    Raises:
        Misuse: There is one; says why, and what to give instead.
    """
    for layer in layers:
        misplaced = layer.get("access_token", "").startswith(_REFRESH_TOKEN)
        if layer.get("refresh_token") or misplaced:
            raise Misuse(
                f"{'access_token: this is a refresh token' if misplaced else 'refresh_token'}: not "
                "accepted here, because a refresh uses it up and the new one could not be written "
                "back; give a short-lived access token, or name a profile, whose login is refreshed"
            )


def _first(name: str, layers: tuple[Mapping[str, str], ...]) -> str:
    return next((layer[name] for layer in layers if layer.get(name)), "")
