"""`GridAccount`: keeps one login to the market fresh, and says whose it is.

The order is: the resource, the login Secret, our token Secret; then at most one refresh, whose
answer is stored before it is used. The account is pinned at the first login, since whoever can
change the login Secret could otherwise move every key to another account.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from thegrid.client import (
    Client,
    Clock,
    GridError,
    LoginRejected,
    Misuse,
    Refused,
    WrongAccount,
)
from thegrid.core.model import Account, AccountSettings, TokenPair
from thegrid.core.secret import Secret
from thegrid_operator import manifests
from thegrid_operator.cache import Name
from thegrid_operator.effects import Effects
from thegrid_operator.events import Recorder
from thegrid_operator.kube import GRID_ACCOUNT, SECRET, Json, Kube, KubeError
from thegrid_operator.lease import NotLeading
from thegrid_operator.login import Bootstrap, LoginNeeded, Refresh, Stored, Take, Use, next_step
from thegrid_operator.logs import log
from thegrid_operator.manifests import MANAGED_BY, OWNER_UID, decode, encode
from thegrid_operator.market import Session, Sessions
from thegrid_operator.outside import Outside
from thegrid_operator.reporting import LOOK_WHEN_STALLED, Reporter
from thegrid_operator.resources import (
    FINALIZER,
    LOGIN_SECRET_TYPE,
    GridAccount,
    disallowed_hosts,
)
from thegrid_operator.status import Report, Stalled, State, report_of, time_text

TOKENS_TYPE = "thegrid.ai/tokens"
LOGIN_HASH = "thegrid.ai/login-hash"
ACCOUNT_ID = "thegrid.ai/account-id"
EXPIRES_AT = "thegrid.ai/expires-at"
SCOPES = "thegrid.ai/scopes"
LOOK_AT_LEAST_EVERY = timedelta(minutes=5)
LOOK_WHEN_IN_USE = timedelta(seconds=5)
STORE_TRIES = 20
STORE_PAUSE_SECONDS = 0.5
_LONG_PAST = datetime(2000, 1, 1, tzinfo=UTC)

_Door: TypeAlias = Callable[[str, Callable[[], None]], None]
"""`Effects` or its `finish`."""


def tokens_name(account: str) -> str:
    """Name the Secret in which we keep an account's tokens."""
    return f"{account}-thegrid-tokens"


class GridAccounts:
    """Reconciles `GridAccount` resources.

    Args:
        kube: The API server.
        effects: The door for effects.
        reporter: Writes statuses.
        recorder: Writes events.
        outside: The market and its clock.
        sessions: Where open sessions are kept for those who use the account.
        allowed_hosts: The hosts that accounts may name.
        dependants: Returns what uses an account.
        changed: Called with an account's dependants when its session opened or closed.
    """

    def __init__(
        self,
        *,
        kube: Kube,
        effects: Effects,
        reporter: Reporter,
        recorder: Recorder,
        outside: Outside,
        sessions: Sessions,
        allowed_hosts: frozenset[str],
        dependants: Callable[[Name], list[Name]],
        changed: Callable[[list[Name]], None],
    ) -> None:
        self._kube = kube
        self._effects = effects
        self._reporter = reporter
        self._recorder = recorder
        self._outside = outside
        self._sessions = sessions
        self._allowed_hosts = allowed_hosts
        self._dependants = dependants
        self._changed = changed

    def reconcile(self, name: Name) -> timedelta | None:
        """Bring one account up to date.

        Args:
            name: The account.

        Returns:
            When to look again, or None when it is gone.

        Raises:
            KubeError: The API server refused or could not be asked.
            NotLeading: This replica may not act.
        """
        item = self._kube.get(GRID_ACCOUNT, name.namespace, name.name)
        if item is None:
            self._sessions.close(name, "it was deleted")
            return None
        try:
            return self._bring_up_to_date(name, item)
        except Stalled as stalled:
            self._close(name, stalled.message)
            self._reporter.report_afresh(GRID_ACCOUNT, item, stalled.report())
            return LOOK_WHEN_STALLED
        except GridError as problem:
            if self._sessions.get(name) is None:
                self._close(name, str(problem))
            self._reporter.report_afresh(GRID_ACCOUNT, item, report_of(problem))
            raise

    def _bring_up_to_date(self, name: Name, item: Json) -> timedelta | None:
        try:
            account = GridAccount.of(item)
        except Misuse as problem:
            raise Stalled("InvalidEndpoints", f"spec.endpoints.{problem}") from None
        users = self._dependants(name) if account.meta.deleted else []
        if account.meta.deleted and not (users and FINALIZER in account.meta.finalizers):
            self._let_go(name, item, account)
            return None
        if account.suspended and not account.meta.deleted:
            self._close(name, "spec.suspend is set")
            report = Report(State.SETTLED, "Suspended", "spec.suspend is set")
            self._reporter.report(GRID_ACCOUNT, item, report)
            return LOOK_AT_LEAST_EVERY
        self._check_hosts(account)
        if FINALIZER not in account.meta.finalizers:
            wanted = [*account.meta.finalizers, FINALIZER]
            item = self._effects(
                "account.finalizer", lambda: self._kube.set_finalizers(GRID_ACCOUNT, item, wanted)
            )
        clock = self._outside.clock(account.endpoints)
        login, look_again_at = self._log_in(name, account, clock)
        facts = self._open_session(name, item, account, login)
        report = _in_use_by(users) if users else _logged_in(facts)
        self._reporter.report(GRID_ACCOUNT, item, report)
        at_most = LOOK_WHEN_IN_USE if users else LOOK_AT_LEAST_EVERY
        return max(min(look_again_at - clock.now(), at_most), timedelta(seconds=1))

    def _check_hosts(self, account: GridAccount) -> None:
        refused = disallowed_hosts(account.endpoints, self._allowed_hosts)
        if refused:
            raise Stalled(
                "HostNotAllowed",
                f"spec.endpoints names {', '.join(refused)}, which this operator may not talk to: "
                "start it with --allowed-hosts to permit that",
            )

    def _log_in(self, name: Name, account: GridAccount, clock: Clock) -> tuple[Stored, datetime]:
        """Find tokens that work; a refresh or a new login is stored before it is used."""
        bootstrap = self._read_bootstrap(account)
        secret = self._kube.get(SECRET, name.namespace, tokens_name(name.name))
        stored = self._read_stored(account, secret)
        rejected = stored is not None and self._sessions.is_rejected(name, stored.tokens.access)
        step = next_step(bootstrap, stored, rejected=rejected, now=clock.now())
        if isinstance(step, LoginNeeded):
            raise Stalled(step.reason, f"{step.message}; {_how_to_log_in(account)}")
        if isinstance(step, Use):
            return step.login, step.look_again_at
        if isinstance(step, Take):
            login = step.login
            self._store(account, login, secret, self._effects)
        else:
            tokens = self._refresh(account, step)
            login = Stored(tokens, step.origin, step.account_id)
            self._store(account, login, secret, self._effects.finish)
        return login, clock.now() + LOOK_AT_LEAST_EVERY

    def _refresh(self, account: GridAccount, step: Refresh) -> TokenPair:
        oauth = self._outside.oauth(account.endpoints)
        try:
            return self._effects("account.refresh", lambda: oauth.refresh(step.token))
        except Refused as refusal:
            if refusal.code != "invalid_grant":
                raise
            message = f"the refresh token was used up or revoked; {_how_to_log_in(account)}"
            raise Stalled("LoginLost", message) from None
        finally:
            oauth.close()

    def _open_session(self, name: Name, item: Json, account: GridAccount, login: Stored) -> Json:
        """Make the login known to those who use the account, once it proved to be the right one.

        Returns:
            What is known about the account.
        """
        session = self._sessions.get(name)
        if (
            session
            and session.token == login.tokens.access
            and session.allowed_namespaces == account.allowed_namespaces
            and not self._sessions.is_rejected(name, session.token)
        ):
            return dict(session.facts)
        client = self._outside.client(account.endpoints, login.tokens.access)
        try:
            user, settings = self._introduce(client, account)
            pinned = login.account_id or (item.get("status") or {}).get("accountId", user.user_id)
            if pinned != user.user_id:
                raise Stalled("WrongAccount", str(WrongAccount(pinned, user.user_id)))
        except (GridError, Stalled):
            client.close()
            raise
        if not login.account_id:
            seen = self._kube.get(SECRET, name.namespace, tokens_name(name.name))
            pinned_login = replace(login, account_id=user.user_id)
            self._store(account, pinned_login, seen, self._effects)
        token = login.tokens.access
        facts = {
            "accountId": user.user_id,
            "mode": settings.mode,
            "scopes": list(login.tokens.scopes) or None,
            "tokenExpiresAt": time_text(login.tokens.expires_at) if login.tokens.refresh else None,
        }
        opened = Session(
            client, account.endpoints, account.allowed_namespaces, token, facts, self._outside
        )
        self._sessions.open(name, opened)
        log("LoggedIn", f"logged in as {user.user_id}", object=str(name))
        self._changed(self._dependants(name))
        return facts

    def _introduce(self, client: Client, account: GridAccount) -> tuple[Account, AccountSettings]:
        """Ask whose login this is."""
        try:
            return client.account(), client.settings()
        except LoginRejected:
            message = f"the market does not accept the login; {_how_to_log_in(account)}"
            raise Stalled("LoginRejected", message) from None
        except Refused as refusal:
            if refusal.code != "insufficient_scope":
                raise
            message = "the login needs the scopes account:read and keys:manage: log in again"
            raise Stalled("ScopeMissing", message) from None

    def _read_bootstrap(self, account: GridAccount) -> Bootstrap | None:
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

    def _read_stored(self, account: GridAccount, secret: Json | None) -> Stored | None:
        if secret is None:
            return None
        annotations = secret["metadata"].get("annotations") or {}
        if annotations.get(OWNER_UID) != account.meta.uid:
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

    def _store(self, account: GridAccount, login: Stored, seen: Json | None, door: _Door) -> None:
        """Write a login down, trying on: the refresh token that it came from is spent."""
        for attempt in range(1, STORE_TRIES + 1):
            try:
                door("account.tokens", lambda: self._write(account, login, seen))
            except KubeError:
                if attempt == STORE_TRIES:
                    raise
                self._effects.pause(STORE_PAUSE_SECONDS)
            else:
                return

    def _write(self, account: GridAccount, login: Stored, seen: Json | None) -> None:
        manifest = _tokens_manifest(account, login)
        name = manifest["metadata"]["name"]
        held = self._kube.get(SECRET, account.meta.namespace, name)
        if held is None:
            self._kube.create(SECRET, account.meta.namespace, manifest)
            return
        patch = manifests.change(held, manifest, whole=True)
        if patch is None:
            return  # written before, and the answer was lost
        if held.get("data") != (seen or {}).get("data"):
            raise NotLeading("somebody else has stored a login meanwhile")
        self._kube.patch(SECRET, held, patch)

    def _let_go(self, name: Name, item: Json, account: GridAccount) -> None:
        """Delete the login; nothing needs it to revoke its keys any more."""
        self._close(name, "it was deleted")
        secret = self._kube.get(SECRET, name.namespace, tokens_name(name.name))
        if (
            secret
            and (secret["metadata"].get("annotations") or {}).get(OWNER_UID) == account.meta.uid
        ):
            self._effects("account.tokens.delete", lambda: self._remove_tokens(secret))
        left = [finalizer for finalizer in account.meta.finalizers if finalizer != FINALIZER]
        if len(left) != len(account.meta.finalizers):
            self._effects(
                "account.release", lambda: self._kube.set_finalizers(GRID_ACCOUNT, item, left)
            )

    def _remove_tokens(self, secret: Json) -> None:
        if secret["metadata"].get("finalizers"):
            secret = self._kube.set_finalizers(SECRET, secret, [])
        self._kube.delete(SECRET, secret)

    def _close(self, name: Name, why: str) -> None:
        if self._sessions.get(name) is not None:
            self._sessions.close(name, why)
            self._changed(self._dependants(name))
        else:
            self._sessions.close(name, why)


def _logged_in(facts: Json) -> Report:
    return Report(State.SETTLED, "LoggedIn", "the login works", ready=True, facts=facts)


def _in_use_by(users: list[Name]) -> Report:
    names = ", ".join(f"{user.namespace}/{user.name}" for user in users[:3])
    more = f" and {len(users) - 3} more" if len(users) > 3 else ""  # noqa: PLR2004 - as above
    message = f"being deleted; kept until the keys that need it are gone: {names}{more}"
    return Report(State.PROGRESSING, "InUse", message)


def _expiry(text: str) -> datetime:
    """Read when tokens expire; what a person has edited into something else is long past."""
    try:
        return max(datetime.fromisoformat(text).astimezone(UTC), _LONG_PAST)
    except (ValueError, OverflowError):
        return _LONG_PAST


def _tokens_manifest(account: GridAccount, login: Stored) -> Json:
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


def _how_to_log_in(account: GridAccount) -> str:
    return (
        f"log in and put accessToken or refreshToken into Secret {account.meta.namespace}/"
        f"{account.login_secret} of type {LOGIN_SECRET_TYPE}"
    )
