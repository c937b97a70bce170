"""Which market a program talks to and as whom: a profile, or the environment.

A login and the addresses it is sent to come from one place, so that no token reaches a host that it
was not given for. The first of these places that there is wins, as in The Grid's command line
client, with our own variables added:

1. the profile that was named: by the caller, or in `GRID_PROFILE`
2. `THEGRID_ACCESS_TOKEN`, with `THEGRID_PLATFORM_URL` and the other addresses
3. the file's `current_profile`
4. `SIGNING_KEY` (older: `PRIVATE_KEY`), with `API_URL` and `CONSUMPTION_API_URL`
5. the file's `default_profile`, or the profile called `default`

An address alone changes nothing: one of ours that contradicts the profile is refused (3 and 5), and
the vendor's count only together with its signing key, since `API_URL` is anybody's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from thegrid.client import credentials
from thegrid.client.endpoints import Endpoints
from thegrid.client.errors import Misuse
from thegrid.client.profile_file import Chosen
from thegrid.client.profile_store import ProfileStore
from thegrid.client.profiles import Profile
from thegrid.client.signing_key import SigningKey
from thegrid.client.stored_login import StoredLogin
from thegrid.core.secret import Secret

PROFILE_VARIABLE = "GRID_PROFILE"
VENDOR_VARIABLES = {
    "trading_url": "API_URL",
    "consumption_url": "CONSUMPTION_API_URL",
    "platform_url": "GRID_EXCHANGE_URL",
}
"""Addresses that the vendor's client reads."""

SIGNING_KEY_VARIABLES = ("SIGNING_KEY", "PRIVATE_KEY")


@dataclass(frozen=True, slots=True)
class Access:
    """A market and the ways into it. At least one of `bearer` and `signing_key` is there.

    Attributes:
        endpoints: The market.
        source: Where this was found, for people.
        bearer: The OAuth login, or None; it opens the platform and the trading host.
        signing_key: The trading key, or None; it opens the trading host only.
        api_key: The consumption key, or None.
        profile: The profile it came from, or None.
        prefers_signing: Whether the trading host is asked with the trading key where both are
            there.
    """

    endpoints: Endpoints
    source: str
    bearer: Secret | StoredLogin | None = None
    signing_key: SigningKey | None = None
    api_key: Secret | None = field(default=None, repr=False)
    profile: Profile | None = None
    prefers_signing: bool = False

    @property
    def platform_login(self) -> Secret | StoredLogin:
        """Return what opens the platform host.

        Raises:
            Misuse: There is no OAuth login.
        """
        if self.bearer is None:
            raise Misuse(
                f"{self.source}: holds a trading key only, and this needs an OAuth login: "
                "thegrid login"
            )
        return self.bearer

    @property
    def trading_login(self) -> Secret | StoredLogin | SigningKey:
        """Return what opens the trading host.

        Raises:
            Misuse: There is neither an OAuth login nor a trading key.
        """
        if self.signing_key and (self.prefers_signing or self.bearer is None):
            return self.signing_key
        return self.platform_login


def find_access(environ: Mapping[str, str], *, profile: str | None = None) -> Access:
    """Find the market and the login of this call.

    Args:
        environ: The environment variables; empty ones count as unset.
        profile: The profile that the caller names, or None.

    Returns:
        The access.

    Raises:
        Misuse: Nothing is there, what is there cannot be used, or a variable holds another address
            than the chosen profile.
    """
    store = ProfileStore.of_environment(environ)
    named = profile or environ.get(PROFILE_VARIABLE)
    if not named and environ.get(credentials.ENVIRONMENT["access_token"]):
        settled = credentials.settle(credentials.from_environment(environ))
        return Access(settled.endpoints, "THEGRID_ACCESS_TOKEN", bearer=settled.access_token)
    file = store.read()
    choice = file.choose(profile, environ.get(PROFILE_VARIABLE))
    weak = choice is None or choice[1] in (Chosen.DEFAULT, Chosen.NAME)
    if weak and (key := _signing_key(environ)):
        return key
    if choice is None:
        raise Misuse(f"there is no login in {store.path} or the environment: thegrid login")
    name, chosen = choice
    found = file.profile(name)
    if chosen not in (Chosen.ARGUMENT, Chosen.VARIABLE):
        _refuse_another_market(found, environ)
    return _of_profile(store, found)


def profile_access(store: ProfileStore, name: str) -> Access:
    """Return the market and the login of one profile, whatever the environment says.

    Args:
        store: The profile file.
        name: The profile.

    Returns:
        The access.

    Raises:
        Misuse: There is no such profile, or what it holds cannot be used.
    """
    return _of_profile(store, store.read().profile(name))


def contradicted(endpoints: Endpoints, said: Mapping[str, str]) -> str | None:
    """Tell which setting, if any, names another market than a login was given for.

    Args:
        endpoints: The login's market.
        said: Settings by the names of `credentials.ENVIRONMENT`.

    Returns:
        The first such setting, or None where all that is said agrees.
    """
    parts = {"trading_url": endpoints.trading, "platform_url": endpoints.platform}
    parts |= {"consumption_url": endpoints.consumption, "messages_url": endpoints.messages}
    parts |= {"platform_prefix": endpoints.platform_prefix}
    others = (
        it for it, address in parts.items() if said.get(it, "").rstrip("/") not in {"", address}
    )
    return next(others, None)


def _signing_key(environ: Mapping[str, str]) -> Access | None:
    variable = next((it for it in SIGNING_KEY_VARIABLES if environ.get(it)), None)
    if variable is None:
        return None
    try:
        key = SigningKey.parse(environ[variable])
    except Misuse:
        raise Misuse(f"{variable}: not base64 of an Ed25519 key of 32 or 64 bytes") from None
    endpoints = credentials.settle_endpoints(vendor_addresses(environ))
    return Access(endpoints, variable, signing_key=key, prefers_signing=True)


def vendor_addresses(environ: Mapping[str, str]) -> dict[str, str]:
    """Pick the addresses that the vendor's client reads, by the names of the settings."""
    return {name: environ[key] for name, key in VENDOR_VARIABLES.items() if environ.get(key)}


def _of_profile(store: ProfileStore, profile: Profile) -> Access:
    login, signing_key = profile.login, profile.signing_key
    if login is None and signing_key is None:
        raise Misuse(
            f"{profile.where}: holds neither a login nor a signing key: "
            f"thegrid login --profile {profile.name}"
        )
    return Access(
        profile.endpoints,
        profile.where,
        bearer=StoredLogin(store, profile.name) if login else None,
        signing_key=signing_key,
        api_key=profile.api_key,
        profile=profile,
        prefers_signing=profile.prefers_signing,
    )


def _refuse_another_market(profile: Profile, environ: Mapping[str, str]) -> None:
    """Refuse to send a profile's login where a variable points, and to ignore the variable."""
    other = contradicted(profile.endpoints, credentials.from_environment(environ))
    if other:
        raise Misuse(
            f"{credentials.ENVIRONMENT[other]}: names another market than {profile.where}; name "
            f"the profile (--profile {profile.name}), or set THEGRID_ACCESS_TOKEN, or unset the "
            "variable"
        )
