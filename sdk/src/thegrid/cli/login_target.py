"""Where a new login goes, and what it replaces there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from thegrid.client import Endpoints, Misuse
from thegrid.client.credentials import ENVIRONMENT, from_environment, settle_endpoints
from thegrid.client.endpoints import ENVIRONMENTS
from thegrid.client.profile_file import DEFAULT_PROFILE, ProfileFile
from thegrid.client.profiles import Profile

_ADDRESSES = ENVIRONMENT.keys() - {"access_token"}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a login goes.

    Attributes:
        profile: The profile.
        endpoints: The market to log in to.
        replaces: Whether the profile holds a login already.
        current: The file's current profile once the login is stored, or None.
    """

    profile: str
    endpoints: Endpoints
    replaces: bool
    current: str | None


def market_of(environment: str | None, environ: Mapping[str, str]) -> Endpoints | None:
    """Find the market that a login was asked for.

    Args:
        environment: One of the vendor's environments by name, or None.
        environ: The environment variables.

    Returns:
        The market; None where neither says one.

    Raises:
        Misuse: A variable holds no address that can be used.
    """
    if environment is not None:
        return ENVIRONMENTS[environment]
    said = from_environment(environ)
    return settle_endpoints(said) if said.keys() & _ADDRESSES else None


def target_of(file: ProfileFile, named: str | None, endpoints: Endpoints | None) -> Target:
    """Decide where a login goes.

    Args:
        file: The profiles that there are.
        named: The profile that the user named, or None for the one in use.
        endpoints: The market that the user named, or None for that of the profile.

    Returns:
        The target.

    Raises:
        Misuse: The profile holds keys of another market, which the login would take along to this
            one; or the file cannot be used.
    """
    chosen = file.choose(named, None)
    name = chosen[0] if chosen else DEFAULT_PROFILE
    profile = file.profile(name) if name in file.names else Profile(file.path, name, {})
    market = endpoints or profile.endpoints
    if profile.endpoints != market and (profile.signing_key or profile.api_key):
        raise Misuse(
            f"{profile.where}: holds keys of another market; log in to another profile: "
            "thegrid login --profile NAME"
        )
    current = file.choose(None, None)
    return Target(name, market, profile.login is not None, current[0] if current else None)
