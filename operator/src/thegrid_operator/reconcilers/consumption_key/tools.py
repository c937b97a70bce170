"""What every part of the reconciler works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from thegrid.client import LoginRejected
from thegrid.client import perform as market
from thegrid.core.identity import Owner, cluster_owner
from thegrid.core.rotation import Revoke
from thegrid_operator.cache import Name
from thegrid_operator.effects import Effects
from thegrid_operator.events import Recorder
from thegrid_operator.key_store import KeyStore
from thegrid_operator.kube import GRID_ACCOUNT, Json, Kube
from thegrid_operator.listing import Declarations
from thegrid_operator.market import Session, Sessions
from thegrid_operator.outside import Outside
from thegrid_operator.reporting import Reporter
from thegrid_operator.resources import ConsumptionKey
from thegrid_operator.status import Stalled

NOT_FOLLOWED = "this operator does not look after it (--selector, --namespaces)"
"""Why an account has no session here, though it may have one elsewhere."""
MISSING = "does not exist; make it, or name another one and its namespace in spec.accountRef"


class NotYet(Exception):
    """Nothing is amiss, and it goes on by itself in a moment.

    Args:
        message: What is waited for, to be told; empty for nothing.
        look_again_in: When to look again.
    """

    def __init__(self, message: str = "", look_again_in: timedelta = timedelta(seconds=2)) -> None:
        self.look_again_in = look_again_in
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Asking:
    """How pods are asked whether they have taken up a key; the operator's flags.

    Attributes:
        observe_pods: Whether they may be listed at all.
        start_margin: How long after a swap a container must have started to hold the new key.
        volume_delay: How long after a swap a volume may still show an older key.
    """

    observe_pods: bool = True
    start_margin: timedelta = timedelta(seconds=10)
    volume_delay: timedelta = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Tools:
    """What every part of the reconciler works with.

    Attributes:
        kube: The API server.
        effects: The door for effects.
        reporter: Writes statuses.
        recorder: Writes events.
        sessions: The open sessions with the market.
        cluster: Returns the cluster's identity, the uid of the namespace `kube-system`.
        outside: The world beyond.
        deletion_deadline: How long a resource that is being deleted waits until its keys can be
            revoked.
        asking: How pods are asked.
        declarations: Since when it has been known what resources declare.
        follows: Tells whether this operator looks after an account.
        took_over_at: Returns when another one was followed who may have died in the middle of
            something, in seconds that only grow; None for never.
    """

    kube: Kube
    effects: Effects
    reporter: Reporter
    recorder: Recorder
    sessions: Sessions
    cluster: Callable[[], str]
    outside: Outside
    deletion_deadline: timedelta
    asking: Asking
    declarations: Declarations
    follows: Callable[[Name], bool]
    took_over_at: Callable[[], float | None]

    def now(self) -> datetime:
        """Return the cluster's time, as far as this machine knows it."""
        return self.outside.clock().now()

    def owner(self, key: ConsumptionKey) -> Owner:
        """Name the resource as the market's names of its keys do."""
        meta = key.meta
        return cluster_owner(self.cluster(), meta.namespace, meta.name, meta.uid)

    def store(self, key: ConsumptionKey, session: Session | None = None) -> KeyStore:
        """Return the resource's two Secrets; without a session nothing can be put into them."""
        return KeyStore(self.kube, self.effects, key, session.endpoints if session else None)

    def session(self, key: ConsumptionKey) -> Session:
        """Return the session of the account that pays.

        Who is being deleted may use it from wherever it was: a namespace that is not allowed any
        more must be able to end its keys.

        Raises:
            NotYet: The account was not looked at since the start.
            Stalled: It has none, or may not be used from here.
        """
        account = Name("GridAccount", *key.account)
        session = self.sessions.get(account)
        where = f"GridAccount {account.namespace}/{account.name}"
        if session is None:
            why = self.sessions.why_closed(account)
            if why is None and self.kube.get(GRID_ACCOUNT, *key.account) is not None:
                if self.follows(account):
                    raise NotYet  # after a start it comes first; nothing is amiss
                why = NOT_FOLLOWED
            message = f"{where} is not ready: {why}" if why else f"{where} {MISSING}"
            raise Stalled("AccountNotReady", message, ready=None)
        namespace = key.meta.namespace
        if not (key.meta.deleted or self.may_use(key, session)):
            raise Stalled(
                "NamespaceNotAllowed",
                f"{where} does not list namespace {namespace} in spec.allowedNamespaces",
                ready=None,
            )
        return session

    def may_use(self, key: ConsumptionKey, session: Session) -> bool:
        """Tell whether an account serves a resource's namespace."""
        return key.meta.namespace in session.allowed_namespaces

    def revoke(self, item: Json, session: Session, action: Revoke) -> None:
        """Revoke a key and tell it.

        Raises:
            GridError: The market refused or could not be asked.
        """
        self.effects("key.revoke", lambda: market.revoke(session.client, action))
        self.recorder.record(item, "KeyRevoked", f"revoked {action.key_id}", action="Revoke")


class Rejections:
    """Has the account looked at when the market does not accept its login.

    Args:
        sessions: The open sessions.
        key: The resource whose account it is.
        session: The session that is used meanwhile.
    """

    def __init__(self, sessions: Sessions, key: ConsumptionKey, session: Session) -> None:
        self._sessions = sessions
        self._account = Name("GridAccount", *key.account)
        self._session = session

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, LoginRejected):
            self._sessions.reject(self._account, self._session)
