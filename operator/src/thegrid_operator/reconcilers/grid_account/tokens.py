"""The two Secrets with logins: the user's, which is read, and our own, which keeps what came of it.

A refresh uses up its token, so what it gave is stored before it is used, and storing is tried on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

from thegrid.core.model import TokenPair
from thegrid.core.secret import Secret
from thegrid_operator import manifests
from thegrid_operator.effects import Effects
from thegrid_operator.kube import SECRET, Json, Kube, KubeError
from thegrid_operator.lease import NotLeading
from thegrid_operator.login import Bootstrap, Stored
from thegrid_operator.manifests import MANAGED_BY, OWNER_UID, decode, encode
from thegrid_operator.resources import FINALIZER, LOGIN_SECRET_TYPE, GridAccount
from thegrid_operator.status import Stalled

TOKENS_TYPE = "thegrid.ai/tokens"
LOGIN_HASH = "thegrid.ai/login-hash"
ACCOUNT_ID = "thegrid.ai/account-id"
EXPIRES_AT = "thegrid.ai/expires-at"
SCOPES = "thegrid.ai/scopes"
STORE_TRIES = 20
STORE_PAUSE_SECONDS = 0.5
_LONG_PAST = datetime(2000, 1, 1, tzinfo=UTC)

Door: TypeAlias = Callable[[str, Callable[[], None]], None]
"""`Effects` or its `finish`."""


def tokens_name(account: str) -> str:
    """Name the Secret in which we keep an account's tokens."""
    return f"{account}-thegrid-tokens"


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
                f"type {LOGIN_SECRET_TYPE} is read, so that no other Secret can be sent away",
            )
        return Bootstrap.of(_entries(secret))

    def secret(self) -> Json | None:
        """Read our own Secret, or return None where there is none.

        Raises:
            KubeError: The API server refused or could not be asked.
        """
        meta = self._account.meta
        return self._kube.get(SECRET, meta.namespace, tokens_name(meta.name))

    def login_in(self, secret: Json | None) -> Stored | None:
        """Read the login that our own Secret keeps.

        Raises:
            Stalled: The Secret belongs to something else.
        """
        if secret is None:
            return None
        annotations = secret["metadata"].get("annotations") or {}
        if annotations.get(OWNER_UID) != self._account.meta.uid:
            raise Stalled(
                "TokenSecretNotOurs",
                f"Secret {secret['metadata']['name']} exists and belongs to something else: "
                "delete or rename it",
            )
        entries = _entries(secret)
        refresh = entries.get("refreshToken")
        return Stored(
            TokenPair(
                access=Secret(entries.get("accessToken", "")),
                refresh=Secret(refresh) if refresh else None,
                expires_at=_expiry(annotations.get(EXPIRES_AT, "")),
                scopes=tuple(annotations.get(SCOPES, "").split()),
            ),
            origin=annotations.get(LOGIN_HASH, ""),
            account_id=annotations.get(ACCOUNT_ID, ""),
        )

    def store(self, login: Stored, seen: Json | None, door: Door) -> None:
        """Write a login down, trying on: the refresh token that it came from is spent.

        Args:
            login: The login.
            seen: Our Secret as it was when the login was decided on.
            door: Whether it is written only while this replica leads.

        Raises:
            KubeError: It could not be stored.
            NotLeading: Another replica acts, or has stored another login.
        """
        for attempt in range(1, STORE_TRIES + 1):
            try:
                door("account.tokens", lambda: self._write(login, seen))
            except KubeError:
                if attempt == STORE_TRIES:
                    raise
                self._effects.pause(STORE_PAUSE_SECONDS)
            else:
                return

    def _write(self, login: Stored, seen: Json | None) -> None:
        manifest = _manifest(self._account, login)
        held = self.secret()
        if held is None:
            self._kube.create(SECRET, self._account.meta.namespace, manifest)
            return
        patch = manifests.change(held, manifest, whole=True)
        if patch is None:
            return  # written before, and the answer was lost
        if held.get("data") != (seen or {}).get("data"):
            raise NotLeading("somebody else has stored a login meanwhile")
        self._kube.patch(SECRET, held, patch)

    def delete(self) -> None:
        """Delete our own Secret; one that is somebody else's stays.

        Raises:
            KubeError: The API server refused or could not be asked.
            NotLeading: This replica may not act.
        """
        secret = self.secret()
        if secret and manifests.is_ours(secret, self._account.meta):
            self._effects("account.tokens.delete", lambda: self._remove(secret))

    def _remove(self, secret: Json) -> None:
        if secret["metadata"].get("finalizers"):
            secret = self._kube.set_finalizers(SECRET, secret, [])
        self._kube.delete(SECRET, secret)


def _expiry(text: str) -> datetime:
    """Read when tokens expire; what a person has edited into something else is long past."""
    try:
        return max(datetime.fromisoformat(text).astimezone(UTC), _LONG_PAST)
    except (ValueError, OverflowError):
        return _LONG_PAST


def _manifest(account: GridAccount, login: Stored) -> Json:
    tokens = login.tokens
    entries = {"accessToken": tokens.access.reveal()}
    if tokens.refresh:
        entries["refreshToken"] = tokens.refresh.reveal()
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": tokens_name(account.meta.name),
            "namespace": account.meta.namespace,
            "labels": dict(MANAGED_BY),
            # A namespace's deletion must not take the login before it has revoked the keys.
            "finalizers": [FINALIZER],
            "annotations": {
                OWNER_UID: account.meta.uid,
                LOGIN_HASH: login.origin,
                ACCOUNT_ID: login.account_id,
                EXPIRES_AT: tokens.expires_at.isoformat(),
                SCOPES: " ".join(tokens.scopes),
            },
        },
        "type": TOKENS_TYPE,
        "data": {entry: encode(value) for entry, value in entries.items()},
    }


def _entries(secret: Json) -> dict[str, str]:
    return {entry: decode(value) for entry, value in (secret.get("data") or {}).items()}
