"""Looking at everything that `thegrid doctor` judges: files, hosts, logins and keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from thegrid.cli.checks import (
    Finding,
    judge_clock,
    judge_login,
    judge_modes,
    judge_scopes,
    judge_trading_key,
    judge_variables,
)
from thegrid.client import (
    Client,
    Endpoints,
    GridError,
    Inference,
    Misuse,
    SigningKey,
    Unreachable,
    clock_for,
)
from thegrid.client.access import SIGNING_KEY_VARIABLES, VENDOR_VARIABLES, Access, find_access
from thegrid.client.credentials import ENVIRONMENT
from thegrid.client.inference import catalogue_checks_keys
from thegrid.client.profile_store import ProfileStore
from thegrid.client.reachability import reach
from thegrid.core.secret import Secret

_VARIABLES = (*ENVIRONMENT.values(), *VENDOR_VARIABLES.values(), *SIGNING_KEY_VARIABLES)
_HOSTS = ("platform", "trading", "consumption", "messages")


def examine(environ: Mapping[str, str], profile: str | None) -> Iterator[Finding]:
    """Look at one thing after the other; what rests on something broken is left out.

    Args:
        environ: The environment variables.
        profile: The profile that the user named, or None.

    Yields:
        What was found.
    """
    try:
        store = ProfileStore.of_environment(environ)
    except Misuse as problem:
        yield Finding("file", "failed", str(problem))
        return
    yield _file(store)
    try:
        access = find_access(environ, profile=profile)
    except Misuse as problem:
        yield Finding("credentials", "failed", str(problem), "thegrid login")
        return
    yield Finding("credentials", "ok", access.source)
    yield judge_variables(
        [name for name in _VARIABLES if environ.get(name)], used=access.profile is None
    )
    yield from _hosts(access.endpoints)
    yield from _ways_in(environ, profile, access)


def _file(store: ProfileStore) -> Finding:
    try:
        file, directory = store.path.stat(), store.path.parent.stat()
    except FileNotFoundError:
        return Finding("file", "skipped", f"{store.path} does not exist")
    except OSError as problem:
        return Finding("file", "failed", f"{store.path}: {problem.strerror}")
    return judge_modes(store.path, file.st_mode, directory.st_mode)


def _hosts(endpoints: Endpoints) -> Iterator[Finding]:
    skew: timedelta | None = None
    for name in _HOSTS:
        base = getattr(endpoints, name)
        try:
            reached = reach(base)
        except Unreachable as problem:
            yield Finding(
                f"host {name}", "failed", str(problem), "check the network and the address"
            )
            continue
        if reached.time:
            skew = clock_for(endpoints).now() - reached.time
        yield Finding(f"host {name}", "ok", f"{base} answered in {reached.seconds * 1000:.0f} ms")
    yield judge_clock(skew)


def _ways_in(environ: Mapping[str, str], profile: str | None, access: Access) -> Iterator[Finding]:
    if access.bearer:
        yield from _login(environ, profile, access)
    if access.signing_key:
        yield from _trading_key(access, access.signing_key)
    if access.api_key:
        yield _consumption_key(access.endpoints, access.api_key)


def _login(environ: Mapping[str, str], profile: str | None, access: Access) -> Iterator[Finding]:
    with Client(access.endpoints, access.platform_login) as client:
        try:
            account = client.trading_account()
        except GridError as problem:
            yield Finding("login", "failed", str(problem), "thegrid login")
            return
        now = client.clock.now()
    # Read again, since the login may have been renewed.
    saved = find_access(environ, profile=profile).profile if access.profile else None
    if saved is None or saved.login is None:
        told = "accepted; how long it lasts is not known, and it cannot be renewed"
        yield Finding("login", "ok", told)
    else:
        yield judge_login(saved.login, now)
        yield judge_scopes(saved.login.scopes)
    yield Finding("account", "ok", f"{account.email} ({account.user_id})")


def _trading_key(access: Access, key: SigningKey) -> Iterator[Finding]:
    if access.bearer:
        with Client(access.endpoints, access.bearer) as client:
            try:
                yield judge_trading_key(key.fingerprint, client.list_trading_keys())
            except GridError as problem:
                yield Finding("trading key", "skipped", f"cannot be looked up: {problem}")
    with Client(access.endpoints, key) as client:
        try:
            account = client.trading_account()
        except GridError as problem:
            yield Finding("signing", "failed", str(problem), "register the key, set the clock")
            return
    yield Finding("signing", "ok", f"a signed request was accepted as {account.email}")


def _consumption_key(endpoints: Endpoints, key: Secret) -> Finding:
    check = "consumption key"
    try:
        if not catalogue_checks_keys(endpoints):
            return Finding(check, "skipped", "the market's catalogue is open to every key")
        with Inference(endpoints, key) as inference:
            accepted = inference.accepts_key()
    except GridError as problem:
        return Finding(check, "failed", str(problem))
    if accepted:
        return Finding(check, "ok", "accepted")
    return Finding(check, "failed", "not accepted", "thegrid keys create, and replace api_key")
