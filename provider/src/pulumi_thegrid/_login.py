"""As whom a stack acts: an access token as it is given, or a profile, whose login is refreshed.

What belongs here: which of several places wins, and what is told about it. What does not: talking
to the market (`_connection`). The order is Pulumi's usual one: the arguments of an explicit
provider, the stack's configuration, `THEGRID_*` variables, and last the profile that one of the
latter two names. The variables of the vendor's own command line are not read, but for the one that
says where the file of profiles is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from thegrid.client import Endpoints, Misuse, credentials
from thegrid.client.access import contradicted, profile_access
from thegrid.client.profile_store import ProfileStore
from thegrid.client.stored_login import StoredLogin, how_to_log_in
from thegrid.core.secret import Secret

PROFILE_VARIABLE = "THEGRID_PROFILE"

_CONFIGURED_ADVICE = (
    "set a new access token by `pulumi config set --secret thegrid:accessToken` (or give it to the "
    "Provider), or name a profile, whose login is refreshed: `pulumi config set thegrid:profile`"
)
_VARIABLE_ADVICE = "set a new access token in THEGRID_ACCESS_TOKEN; it is never refreshed"
_NO_LOGIN = (
    "access_token: not set; give it to the provider, in the stack's configuration (pulumi config "
    "set --secret thegrid:accessToken …) or as THEGRID_ACCESS_TOKEN, or name a profile of "
    "`thegrid login` (pulumi config set thegrid:profile …)"
)


@dataclass(frozen=True, slots=True)
class Login:
    """What was found.

    Attributes:
        endpoints: The market.
        source: The token, or the profile's login, which refreshes itself; None where there is none.
        problem: Why there is none, and what to do; empty where there is one.
        advice: What to do where the market rejects it.
        recorded: Whether Pulumi records the login itself in the state.
        signing_fingerprint: The fingerprint of the trading key in the profile, or None.
    """

    endpoints: Endpoints
    source: Secret | StoredLogin | None = None
    problem: str = ""
    advice: str = _CONFIGURED_ADVICE
    recorded: bool = False
    signing_fingerprint: str | None = None


def settings_of_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Pick what the environment says; empty variables count as unset."""
    named = environ.get(PROFILE_VARIABLE)
    return credentials.from_environment(environ) | ({"profile": named} if named else {})


def find_login(configured: Mapping[str, str], environ: Mapping[str, str]) -> Login:
    """Find the login of a provider process or a program.

    Args:
        configured: Settings by the names of `CONFIGURATION`, from the arguments of an explicit
            provider or the stack's configuration.
        environ: The environment variables. The file of profiles is read only where one is chosen.

    Returns:
        The login. One that cannot be had is told in `problem`, since a preview needs none.

    Raises:
        Misuse: A refresh token was given, or an address cannot be used.
    """
    variables = settings_of_environment(environ)
    credentials.refuse_refresh_tokens(configured, variables)
    endpoints = credentials.settle_endpoints(configured, variables)
    own, said = configured.get("own_profile"), {**variables, **configured}
    if not own and (token := configured.get("access_token")):
        return Login(endpoints, Secret(token), recorded=True)
    if not own and (token := variables.get("access_token")):
        return Login(endpoints, Secret(token), advice=_VARIABLE_ADVICE)
    if named := own or said.get("profile"):
        return _of_profile(environ, named, endpoints, said)
    return Login(endpoints, problem=_NO_LOGIN)


def _of_profile(
    environ: Mapping[str, str], name: str, otherwise: Endpoints, said: Mapping[str, str]
) -> Login:
    """Take a profile's login and its market, which belong together."""
    advice = how_to_log_in(name)
    try:
        access = profile_access(ProfileStore.of_environment(environ), name)
        source = access.platform_login
    except Misuse as problem:
        return Login(otherwise, problem=f"profile: {problem}", advice=advice)
    other = contradicted(access.endpoints, said)
    if other:
        return Login(
            otherwise,
            problem=f"{other}: names another market than {access.source}, whose login is given to "
            "no other: leave the address out, or give an access token",
            advice=advice,
        )
    key = access.signing_key
    signs = key.fingerprint if key else None
    return Login(access.endpoints, source, advice=advice, signing_fingerprint=signs)
