"""`thegrid login` and `thegrid logout`."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Annotated, Literal

import typer

from thegrid.cli.approval import approved_login
from thegrid.cli.login_target import Target, market_of, target_of
from thegrid.cli.manifest import NEEDED_SCOPES, SecretName, as_yaml, login_secret
from thegrid.cli.options import AsJson, ProfileName
from thegrid.cli.output import Output, time_text
from thegrid.cli.questions import confirm
from thegrid.client import Client, Endpoints, GridError, Misuse, OAuth
from thegrid.client.access import PROFILE_VARIABLE
from thegrid.client.endpoints import environment_name
from thegrid.client.oauth import PUBLIC_CLIENT_ID
from thegrid.client.profile_store import ProfileStore
from thegrid.client.profiles import NO_LOGIN, SavedLogin, login_fields
from thegrid.core.model import Account, TokenPair
from thegrid.core.secret import Secret

Environment = Literal["production", "dev", "staging", "local"]
DEFAULT_SCOPES = ("account:read", "trade:read", "keys:manage")
"""What the commands of this program need."""


def login(
    profile: ProfileName = None,
    environment: Annotated[
        Environment | None,
        typer.Option(
            "--environment",
            show_default=False,
            help="Which market; otherwise that of THEGRID_PLATFORM_URL and its companions, that "
            "of the profile, or production.",
        ),
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            metavar="SCOPE",
            show_default=False,
            help="What the login may do; give it once for each. Otherwise: account:read, "
            "trade:read and keys:manage; with --manifest account:read and keys:manage.",
        ),
    ] = None,
    manifest: Annotated[
        str | None,
        typer.Option(
            "--manifest",
            metavar="NAMESPACE/NAME",
            show_default=False,
            help="Keep the login nowhere, but print a Secret for the Kubernetes operator.",
        ),
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the address in a browser here.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the profile's login without asking.")
    ] = False,
    keep_replaced: Annotated[
        bool,
        typer.Option(
            "--keep-replaced", help="Leave the replaced login valid instead of revoking it."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Log in by approving a code in a browser.

    The login is kept in a profile of ~/.grid-cli/credentials.json, which is shared with the
    market's own command line, and is renewed by itself. A login that it replaces is revoked at the
    market, since nobody holds it any more.
    """
    output = Output(as_json=as_json)
    endpoints = market_of(environment, os.environ)
    if manifest is not None:
        name = SecretName.parse(manifest)
        if profile is not None:
            raise Misuse("--profile: not with --manifest, which keeps the login in no profile")
        _into_manifest(name, endpoints or Endpoints(), _for_operator(scope), output, browser)
        return
    store = ProfileStore.of_environment(os.environ)
    target = target_of(store.read(), profile or os.environ.get(PROFILE_VARIABLE), endpoints)
    if target.replaces and not replace:
        confirm(
            f"Profile {target.profile!r} holds a login already. Replace it?",
            instead="add --replace, or name another profile with --profile",
        )
    scopes = tuple(scope or DEFAULT_SCOPES)
    pair = approved_login(target.endpoints, scopes, output, browser=browser)
    _into_profile(store, target, pair, keep_replaced=keep_replaced)
    _tell(store, target, pair, output)


def logout(profile: ProfileName = None, as_json: AsJson = False) -> None:
    """Revoke a profile's login at the market and take it out of the file.

    Keys in the profile stay, and so do its addresses.
    """
    output = Output(as_json=as_json)
    store = ProfileStore.of_environment(os.environ)
    chosen = store.read().choose(profile, os.environ.get(PROFILE_VARIABLE))
    if chosen is None:
        raise Misuse(f"{store.path}: there is no profile to log out of")
    name, _ = chosen
    with store.locked():
        file = store.read()
        found = file.profile(name)
        if found.login is None:
            raise Misuse(f"{found.where}: holds no login")
        revoked = _revoke(found.endpoints, found.login)
        store.write(file.changed(name, NO_LOGIN))
    if not revoked:
        output.say(
            "The market did not confirm that the login is revoked; it dies by itself, at the "
            "latest 30 days after its last use."
        )
    output.show(
        {"profile": name, "file": str(store.path), "revoked": revoked},
        f"Logged out of profile {name!r}.",
    )


def _for_operator(scopes: list[str] | None) -> tuple[str, ...]:
    if not scopes:
        return NEEDED_SCOPES
    if missing := [it for it in NEEDED_SCOPES if it not in scopes]:
        raise Misuse(f"--scope: the operator needs {' and '.join(missing)} as well")
    return tuple(scopes)


def _into_manifest(
    name: SecretName,
    endpoints: Endpoints,
    scopes: tuple[str, ...],
    output: Output,
    browser: bool,
) -> None:
    """Print the Secret; a login that nobody receives is revoked."""
    pair = approved_login(endpoints, scopes, output, browser=browser)
    secret = login_secret(name, pair)
    try:
        if output.as_json:
            output.show(secret)
        else:
            sys.stdout.write(as_yaml(secret))
            sys.stdout.flush()
    except OSError:
        _revoke_pair(endpoints, pair)
        raise
    output.say(
        "This login belongs to the cluster alone: each renewal uses it up, so do not put it into "
        "a profile or a second Secret. Log in once for each."
    )
    if endpoints != Endpoints():
        output.say(
            "The GridAccount that uses it needs spec.endpoints: "
            f"{{platform: {endpoints.platform}, trading: {endpoints.trading}, "
            f"consumption: {endpoints.consumption}, messages: {endpoints.messages}}}"
        )


def _into_profile(
    store: ProfileStore, target: Target, pair: TokenPair, *, keep_replaced: bool
) -> None:
    """Store the login, then revoke the one that it replaces."""
    name, fields = target.profile, login_fields(target.endpoints, pair, PUBLIC_CLIENT_ID)
    try:
        with store.locked():
            file = store.read()
            before = file.profile(name) if name in file.names else None
            store.write(file.changed(name, fields))
    except GridError:
        _revoke_pair(target.endpoints, pair)
        raise
    if before and before.login and not keep_replaced:
        _revoke(before.endpoints, before.login)


def _revoke(endpoints: Endpoints, login: SavedLogin) -> bool:
    """Revoke the access token, then the refresh token, as the vendor's client does."""
    with OAuth(endpoints, client_id=login.client_id) as oauth:
        confirmed = [oauth.revoke(it) for it in (login.access, login.refresh) if it]
    return all(confirmed)


def _revoke_pair(endpoints: Endpoints, pair: TokenPair) -> None:
    _revoke(endpoints, SavedLogin(pair.access, pair.refresh, None, (), PUBLIC_CLIENT_ID))


def _tell(store: ProfileStore, target: Target, pair: TokenPair, output: Output) -> None:
    account = _account(target.endpoints, pair)
    market = environment_name(target.endpoints) or target.endpoints.platform
    output.show(
        {
            "profile": target.profile,
            "file": str(store.path),
            "environment": environment_name(target.endpoints),
            "user_id": account.user_id if account else None,
            "email": account.email if account else None,
            "scopes": list(pair.scopes),
            "expires_at": time_text(pair.expires_at),
        },
        f"Logged in to {market}{f' as {account.email}' if account else ''}, "
        f"profile {target.profile!r} of {store.path}.",
    )
    if target.current not in (None, target.profile):
        output.say(
            f"The file's current profile is still {target.current!r}; use this one with "
            f"--profile {target.profile} or GRID_PROFILE={target.profile}."
        )
    if os.environ.get("THEGRID_ACCESS_TOKEN"):
        output.say("THEGRID_ACCESS_TOKEN is set and wins over the file's current profile.")


def _account(endpoints: Endpoints, pair: TokenPair) -> Account | None:
    """Ask whose login it is; a login may well not be allowed to know."""
    with Client(endpoints, Secret(pair.access.reveal())) as client, suppress(GridError):
        return client.account()
    return None
