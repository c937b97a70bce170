"""The two Secrets with logins: the user's, which is read, and our own, which keeps what came of it.

A refresh uses up its token, so what it gave is stored before it is used, and storing is tried on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from thegrid_operator import manifests
from thegrid_operator.effects import Effects
from thegrid_operator.kube import SECRET, Json, Kube, KubeError
from thegrid_operator.lease import NotLeading
from thegrid_operator.login import Bootstrap, Stored, read_login, tokens_name, write_login
from thegrid_operator.login.record import entries_of
from thegrid_operator.resources import LOGIN_SECRET_TYPE, GridAccount
from thegrid_operator.status import Stalled

STORE_TRIES = 20
STORE_PAUSE_SECONDS = 0.5

Change: TypeAlias = Callable[[Stored], Stored]
Door: TypeAlias = Callable[[str, Callable[[], Stored]], Stored]
"""`Effects` or its `finish`."""


class LoginStore:
    """The Secrets with one account's logins.

    Args:
        kube: The API server.
        effects: The door for effects.
        account: The resource.
    """

    def __init__(self, kube: Kube, effects: Effects, account: GridAccount) -> None:
        self._kube = kube
        self._effects = effects
        self._account = account

    def bootstrap(self) -> Bootstrap | None:
        """Read the user's login, or return None where its Secret is missing.

        Raises:
            Stalled: It is a Secret of another type.
            KubeError: The API server refused or could not be asked.
        """
        account = self._account
        secret = self._kube.get(SECRET, account.meta.namespace, account.login_secret)
        if secret is None:
            return None
        if secret.get("type") != LOGIN_SECRET_TYPE:
            raise Stalled(
                "LoginSecretRefused",
                f"Secret {account.login_secret} has type {secret.get('type')}; only a Secret of "
                f"type {LOGIN_SECRET_TYPE} is read, so that no other Secret can be sent away. A "
                "type cannot be changed: delete the Secret and make it anew",
            )
        return Bootstrap.of(entries_of(secret))

    def read(self) -> Stored:
        """Read what our own Secret keeps; nothing where there is none.

        Raises:
            Stalled: The Secret belongs to something else.
            KubeError: The API server refused or could not be asked.
        """
        return self._login_in(self._secret())

    def change(self, seen: Stored, change: Change, door: Door) -> Stored:
        """Write down what has happened, trying on: a refresh token may have been spent for it.

        Args:
            seen: What our Secret kept when it was decided on.
            change: What has happened to it.
            door: Whether it is written only while this replica leads.

        Returns:
            What our Secret keeps now.

        Raises:
            KubeError: It could not be written.
            NotLeading: Another replica acts, or has stored another login.
        """
        for _ in range(STORE_TRIES - 1):
            try:
                return door("account.tokens", lambda: self._write(seen, change))
            except KubeError:
                self._effects.pause(STORE_PAUSE_SECONDS)
        return door("account.tokens", lambda: self._write(seen, change))

    def make_room(self) -> None:
        """Make our Secret where there is none, so that a refusal shows before a token is spent.

        Raises:
            KubeError: The API server takes no such Secret, or could not be asked.
            NotLeading: This replica may not act.
        """
        if self._secret() is None:
            manifest = write_login(self._account.meta, Stored())
            namespace = self._account.meta.namespace
            self._effects("account.room", lambda: self._kube.create(SECRET, namespace, manifest))

    def _write(self, seen: Stored, change: Change) -> Stored:
        held = self._secret()
        if held is None:
            created = change(seen)
            manifest = write_login(self._account.meta, created)
            self._kube.create(SECRET, self._account.meta.namespace, manifest)
            return created
        fresh, expected = self._login_in(held), change(seen)
        if fresh == expected:
            return fresh  # written before, and the answer was lost
        wanted = change(fresh)
        for slot, before, then in zip(fresh.pairs, seen.pairs, wanted.pairs, strict=True):
            if then != slot != before:
                raise NotLeading("somebody else has stored a login meanwhile")
        brings_a_login = wanted.candidate not in (None, fresh.candidate)
        if brings_a_login and fresh.seen[-1:] not in (seen.seen[-1:], expected.seen[-1:]):
            raise NotLeading("somebody has given a later login meanwhile")
        patch = manifests.change(held, write_login(self._account.meta, wanted), whole=True)
        if patch:
            self._kube.patch(SECRET, held, patch)
        return wanted

    def delete(self) -> None:
        """Delete our own Secret; one that is somebody else's stays.

        Raises:
            KubeError: The API server refused or could not be asked.
            NotLeading: This replica may not act.
        """
        secret = self._secret()
        if secret and manifests.is_ours(secret, self._account.meta):
            self._effects("account.tokens.delete", lambda: self._remove(secret))

    def _remove(self, secret: Json) -> None:
        if secret["metadata"].get("finalizers"):
            secret = self._kube.set_finalizers(SECRET, secret, [])
        self._kube.delete(SECRET, secret)

    def _secret(self) -> Json | None:
        meta = self._account.meta
        return self._kube.get(SECRET, meta.namespace, tokens_name(meta.name))

    def _login_in(self, secret: Json | None) -> Stored:
        if secret is None:
            return Stored()
        if not manifests.is_ours(secret, self._account.meta):
            raise Stalled(
                "TokenSecretNotOurs",
                f"Secret {secret['metadata']['name']} exists and belongs to something else: "
                "delete or rename it",
            )
        return read_login(secret)
