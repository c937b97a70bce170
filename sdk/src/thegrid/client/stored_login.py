"""A login in a profile, kept fresh by one refresher across all threads and processes that use it.

A refresh spends its token, so only one program may do it. It takes the lock beside the profile
file, reads the profile again, refreshes only if nobody else has meanwhile, and stores the answer
before anybody uses it. What can be lost is an answer between its arrival and its storing; a note
beside the file lets the next program say so. Lifetimes follow The Grid's documentation, "OAuth
device flow".
"""

from __future__ import annotations

import shlex
import threading
from datetime import datetime, timedelta
from typing import NoReturn

import httpx

from thegrid.client._refresh_note import RefreshNote
from thegrid.client.clock import Clock, clock_for
from thegrid.client.errors import InDoubt, LoginRejected, Misuse, Refused, Unreachable
from thegrid.client.oauth import OAuth
from thegrid.client.profile_store import ProfileStore
from thegrid.client.profiles import Profile, SavedLogin, token_fields
from thegrid.core.model import TokenPair
from thegrid.core.secret import Secret

REFRESH_BEFORE_EXPIRY = timedelta(seconds=60)


def usable_token(login: SavedLogin, *, rejected: Secret | None, now: datetime) -> Secret | None:
    """Decide whether an access token is sent as it is, or a refresh comes first.

    Args:
        login: What the profile holds.
        rejected: The access token that the market did not accept, or None.
        now: The time.

    Returns:
        The access token; None where it is missing, rejected, or has less than a minute left.
        Without a refresh token it is used to its end, and one of unknown age as long as the market
        takes it.
    """
    if login.access is None or login.access == rejected:
        return None
    if login.refresh is None:
        ended = login.expires_at is not None and now >= login.expires_at
    else:
        ended = login.expires_at is None or login.expires_at - now < REFRESH_BEFORE_EXPIRY
    return None if ended else login.access


class StoredLogin:
    """The login of one profile, as a source of tokens for `Client`. Safe for several threads.

    Args:
        store: The profile file.
        name: The profile.
        transport: Another network than the real one, for tests.
        clock: Another clock than the market's usual one, for tests.
    """

    def __init__(
        self,
        store: ProfileStore,
        name: str,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._store = store
        self._name = name
        self._transport = transport
        self._clock = clock
        self._note = RefreshNote(store.note_path)
        self._threads = threading.Lock()
        self._known: tuple[SavedLogin, Clock] | None = None

    def token(self) -> Secret:
        """Return an access token with some time left, refreshed if need be.

        Raises:
            Misuse: The profile holds no login that can be used, or cannot be read or written.
            LoginRejected: The login is used up or revoked.
            Refused: The market did not refresh it for another reason, such as a rate limit.
            Unreachable: The market could not be asked; nothing is lost.
            InDoubt: The refresh may have happened, and its answer is lost.
        """
        return self._usable(rejected=None)

    def renewed(self, rejected: Secret) -> Secret | None:
        """Return another token than the rejected one, or None where there is none to be had.

        Raises:
            GridError: As `token` does.
        """
        try:
            return self._usable(rejected=rejected)
        except _Spent:
            return None

    def _usable(self, *, rejected: Secret | None) -> Secret:
        with self._threads:
            if self._known is None:
                self._remember(self._profile())
            return self._at_hand(rejected) or self._from_the_file(rejected)

    def _from_the_file(self, rejected: Secret | None) -> Secret:
        """Read the profile again as its only changer, and refresh where it still must be."""
        with self._store.locked():
            profile = self._profile()
            self._remember(profile)
            token = self._at_hand(rejected)
            return token or self._refreshed(profile, rejected)

    def _profile(self) -> Profile:
        return self._store.read().profile(self._name)

    def _remember(self, profile: Profile) -> None:
        login = profile.login
        if login is None:
            raise Misuse(f"{profile.where}: holds no login; {how_to_log_in(self._name)}")
        self._known = login, self._clock or clock_for(profile.endpoints)

    def _at_hand(self, rejected: Secret | None) -> Secret | None:
        if self._known is None:
            return None
        login, clock = self._known
        return usable_token(login, rejected=rejected, now=clock.now())

    def _refreshed(self, profile: Profile, rejected: Secret | None) -> Secret:
        """Spend the refresh token and store the answer before anything else."""
        login = profile.login
        if login is None or login.refresh is None:
            raise _Spent(
                f"{profile.where}: the access token is no longer good, and there is no refresh "
                f"token; {how_to_log_in(self._name)}"
            )
        begun = self._note.began_at(login.refresh)
        if begun is None:
            clock = self._clock or clock_for(profile.endpoints)
            self._note.write(login.refresh, clock.now())
        try:
            pair = self._ask(profile, login.client_id, login.refresh)
        except Unreachable:
            self._note.remove()  # nothing was sent
            raise
        except Refused as refusal:
            if refusal.code == "invalid_grant":
                return self._stored_meanwhile(login, rejected) or self._lost(refusal, begun)
            self._note.remove()  # refused before the token was spent
            raise
        return self._stored(pair)

    def _ask(self, profile: Profile, client_id: str, token: Secret) -> TokenPair:
        """Refresh at the market; a doubt says how to settle it."""
        oauth = OAuth(
            profile.endpoints, client_id=client_id, transport=self._transport, clock=self._clock
        )
        try:
            with oauth:
                return oauth.refresh(token)
        except InDoubt as doubt:
            whoami, login = (f"thegrid {it} {_option(self._name)}" for it in ("whoami", "login"))
            raise InDoubt(
                doubt.request,
                f"profile {self._name!r}: {doubt.cause}",
                f"whether the login still works ({whoami}; if it does not, {login})",
            ) from None

    def _stored(self, pair: TokenPair) -> Secret:
        try:
            file = self._store.read().changed(self._name, token_fields(pair))
            self._store.write(file)
        except Misuse as problem:
            raise Misuse(
                f"{problem}; the login was refreshed and its new tokens are lost, so "
                f"{how_to_log_in(self._name)}"
            ) from None
        self._note.remove()
        self._remember(file.profile(self._name))
        return pair.access

    def _stored_meanwhile(self, spent: SavedLogin, rejected: Secret | None) -> Secret | None:
        """Look whether a program that takes no lock, such as the vendor's, has refreshed."""
        profile = self._profile()
        self._remember(profile)
        if profile.login is None or profile.login.refresh == spent.refresh:
            return None
        self._note.remove()
        return self._at_hand(rejected)

    def _lost(self, refusal: Refused, begun: str | None) -> NoReturn:
        """Say why a login is lost: a refresh was cut short, or somebody else has used it up."""
        if begun is None:
            self._note.remove()
            why = "it was revoked, or a program that does not share this file has used it up"
        else:
            why = f"a refresh at {begun} was cut short before its answer was stored"
        raise LoginRejected(
            refusal.request,
            refusal.status,
            code=refusal.code,
            message=f"(profile {self._name!r}: {why}; thegrid login {_option(self._name)})",
            request_id=refusal.request_id,
        ) from None


class _Spent(Misuse):
    """The access token is no longer good, and nothing can be refreshed."""


def how_to_log_in(name: str) -> str:
    """Say how a person logs in to a profile."""
    return f"log in again: thegrid login {_option(name)}"


def _option(name: str) -> str:
    return f"--profile {shlex.quote(name)}"
