"""The whole operator, put together: caches feed the queue, workers reconcile, the lease fences."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, partial

from thegrid.client import Clock
from thegrid_operator.cache import Cache, Name
from thegrid_operator.effects import Effects
from thegrid_operator.egress import Cluster
from thegrid_operator.egress.declaration import SUPPLIER_EGRESS
from thegrid_operator.events import Recorder
from thegrid_operator.followed import Followed
from thegrid_operator.health import HealthServer
from thegrid_operator.kube import (
    CONSUMPTION_KEY,
    GRID_ACCOUNT,
    NAMESPACE,
    Kind,
    Kube,
    KubeError,
)
from thegrid_operator.lease import Lease
from thegrid_operator.listing import Declarations
from thegrid_operator.logs import log
from thegrid_operator.loop import Loop, Reconcile
from thegrid_operator.market import Sessions
from thegrid_operator.metrics import Metrics, State
from thegrid_operator.outside import Outside
from thegrid_operator.queue import DueQueue
from thegrid_operator.recent import MOST_KEPT, Recent
from thegrid_operator.reconcilers.consumption_key import (
    NOT_FOLLOWED,
    Asking,
    ConsumptionKeys,
)
from thegrid_operator.reconcilers.grid_account import GridAccounts
from thegrid_operator.reconcilers.supplier_egress import Sources, SupplierEgresses
from thegrid_operator.reporting import Reporter
from thegrid_operator.sights import Rank, Sight, rank
from thegrid_operator.watching import Scope

STOP_WITHIN_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Options:
    """How to run.

    Attributes:
        namespace: Where the Lease lives.
        identity: This replica's name.
        allowed_hosts: The market hosts that accounts may name.
        workers: How many objects are looked at side by side.
        lease_seconds: How long a lease holds without renewal.
        deletion_deadline: How long a key that is being deleted waits until it can be revoked.
        asking: How pods are asked whether they have taken up a key.
        lease_name: The Lease's name; every shard has its own.
        namespaces: Where resources are followed; none for everywhere.
        selector: Labels of the resources that are followed; empty for all.
        metrics_address: Where metrics and health are served, or None for nowhere.
        egress: What the administrator tells of what can enforce allow lists.
    """

    namespace: str
    identity: str
    allowed_hosts: frozenset[str]
    workers: int
    lease_seconds: float
    deletion_deadline: timedelta = timedelta(hours=24)
    asking: Asking = field(default_factory=Asking)
    lease_name: str = "thegrid-operator"
    namespaces: tuple[str, ...] = ()
    selector: str = ""
    metrics_address: tuple[str, int] | None = None
    egress: Cluster = field(default_factory=Cluster)

    @property
    def is_shard(self) -> bool:
        """Tell whether others look after the rest."""
        return bool(self.namespaces or self.selector)


class Operator:
    """One replica of the operator.

    Args:
        kube: The API server.
        options: How to run.
        outside: The world beyond.
        make_door: Makes the door for effects of a fence and a clock.
    """

    def __init__(
        self,
        kube: Kube,
        options: Options,
        outside: Outside | None = None,
        make_door: Callable[[Callable[[], None], Clock], Effects] = Effects,
    ) -> None:
        self.metrics = Metrics()
        kube.asked = self.metrics.asked_kube
        outside = outside or Outside(self.metrics.asked_market)
        self._options = options
        self._outside = outside
        self._stop = outside.event()
        self._workers: list[threading.Thread] = []
        self.queue: DueQueue[Name] = DueQueue(
            outside.monotonic, outside.condition(), rank=self._rank, waited=self.metrics.waited
        )
        self.lease = Lease(
            kube,
            options.namespace,
            options.lease_name,
            holder=options.identity,
            seconds=options.lease_seconds,
            clock=outside.monotonic,
        )
        self._declarations = Declarations()
        self.accounts = self._followed(kube, GRID_ACCOUNT)
        self.keys = self._followed(kube, CONSUMPTION_KEY, recent=MOST_KEPT)
        self.egresses = self._followed(kube, SUPPLIER_EGRESS)
        door = make_door(self.lease.fence, outside.clock())
        recorder = Recorder(kube, options.identity, self.metrics.fact)
        reporter = Reporter(kube, door, recorder, outside.clock())
        sessions = Sessions(rejected=self.queue.look_now)
        self._sessions = sessions
        self.metrics.watch(self._state)
        accounts = GridAccounts(
            kube=kube,
            effects=door,
            reporter=reporter,
            recorder=recorder,
            outside=outside,
            sessions=sessions,
            allowed_hosts=options.allowed_hosts,
            dependants=self.keys.users_of,
            changed=self._look_at_all,
        )
        keys = ConsumptionKeys(
            kube=kube,
            effects=door,
            reporter=reporter,
            recorder=recorder,
            sessions=sessions,
            cluster=cache(lambda: _cluster_identity(kube)),
            outside=outside,
            recent=self.keys.take_recent,
            wake=self._look_at_all,
            deletion_deadline=options.deletion_deadline,
            asking=options.asking,
            declarations=self._declarations,
            follows=self._follows,
            took_over_at=lambda: self.lease.took_over_at,
        )
        sources = Sources(
            kube=kube,
            effects=door,
            outside=outside,
            sessions=sessions,
            term=lambda: self.lease.term,
        )
        egresses = SupplierEgresses(
            kube=kube,
            effects=door,
            reporter=reporter,
            recorder=recorder,
            outside=outside,
            sources=sources,
            cluster=options.egress,
            term=lambda: self.lease.term,
            written=partial(self.metrics.fact, "EgressWritten"),
        )
        reconcilers = {
            GRID_ACCOUNT.kind: self._in_scope(self.accounts, accounts.reconcile),
            CONSUMPTION_KEY.kind: self._in_scope(self.keys, keys.reconcile),
            SUPPLIER_EGRESS.kind: self._in_scope(self.egresses, egresses.reconcile),
        }
        self.loop = Loop(
            self.queue,
            reconcilers,
            self.may_act,
            failed=self.metrics.failed,
            looked=self.metrics.looked,
        )

    def run(self) -> None:
        """Work until `stop` is called; what a worker has begun is finished first.

        Raises:
            CannotServe: Metrics cannot be served at the address.
        """
        health = self._serve()
        followers = [
            threading.Thread(target=self.accounts.run, name="accounts", daemon=True),
            threading.Thread(target=self.keys.run, name="keys", daemon=True),
            threading.Thread(target=self.egresses.run, name="egresses", daemon=True),
        ]
        idle = threading.Event()
        election = threading.Thread(target=self.lease.run, args=(idle,), name="lease", daemon=True)
        for thread in (*followers, election):
            thread.start()
        self._workers = workers = self.loop.run(self._options.workers)
        log("Started", "the operator is running", identity=self._options.identity)
        self._stop.wait()
        self.queue.close()
        give_up_at = self._outside.monotonic() + STOP_WITHIN_SECONDS
        done = have_ended(workers, give_up_at, self._outside.monotonic)
        idle.set()  # only now, so that what a worker had begun was not fenced out
        election.join(max(1.0, give_up_at - self._outside.monotonic()))
        if done:  # else whoever is next must know that something may be half done
            self.lease.release()
        if health:
            health.close()
        log("Stopped", "the operator has ended")

    def stop(self) -> None:
        """Ask the operator to end."""
        self._stop.set()

    def may_act(self) -> bool:
        """An account is let go when no key uses it, so all keys must be known first."""
        return self.lease.held() and self.keys.is_complete()

    def _followed(self, kube: Kube, kind: Kind, *, recent: int = 0) -> Followed:
        def make(namespace: str) -> Cache:
            scope = Scope(namespace, self._options.selector)
            kept = Recent(self._outside.monotonic, recent)
            return Cache(kube, kind, self._changed, self._stop, scope=scope, recent=kept)

        return Followed(make, self._options.namespaces)

    def _in_scope(self, followed: Followed, reconcile: Reconcile) -> Reconcile:
        """Let go of what a part no longer follows, there or not: another one follows it by now."""

        def look(name: Name) -> timedelta | None:
            if not self._options.is_shard or followed.sight_of(name):
                return reconcile(name)
            if name.kind == GRID_ACCOUNT.kind:
                self._sessions.close(name, NOT_FOLLOWED)
                self._look_at_all(self.keys.users_of(name))
            return None

        return look

    def _follows(self, account: Name) -> bool:
        """A shard follows the accounts that its keys use: of two refreshers one loses the login."""
        return not self._options.is_shard or self.accounts.sight_of(account) is not None

    def _serve(self) -> HealthServer | None:
        address = self._options.metrics_address
        if address is None:
            return None
        return HealthServer(
            address,
            metrics=self.metrics.text,
            healthy=lambda: all(worker.is_alive() for worker in self._workers),
            ready=self._knows_all,
        )

    def _knows_all(self) -> bool:
        return self.accounts.is_complete() and self.keys.is_complete()

    def _state(self) -> State:
        left = ((name, session.client.requests_left()) for name, session in self._sessions.all())
        return State(
            leads=self.lease.held(),
            depth=len(self.queue),
            keys=self.keys.sights(),
            requests_left=[(name, count) for name, count in left if count is not None],
        )

    def _changed(self, name: Name, sight: Sight | None) -> None:
        """Look at what is new or changed."""
        self._declarations.note(name, sight)
        self.queue.look_now(name)

    def _rank(self, name: Name) -> Rank:
        now = self._outside.clock().now().timestamp()
        return rank(name.kind, self.keys.sight_of(name), now)

    def _look_at_all(self, names: list[Name]) -> None:
        for name in names:
            self.queue.look_now(name)


def have_ended(
    threads: list[threading.Thread], give_up_at: float, clock: Callable[[], float]
) -> bool:
    """Wait for threads to end, at most until a time by a clock, and tell whether all did."""
    for thread in threads:
        thread.join(max(0.0, give_up_at - clock()))
    return not any(thread.is_alive() for thread in threads)


def _cluster_identity(kube: Kube) -> str:
    """The uid of `kube-system` is the nearest thing to a cluster's name."""
    namespace = kube.get(NAMESPACE, "", "kube-system")
    if namespace is None:
        raise KubeError("namespace kube-system does not exist, so the cluster cannot be told apart")
    uid: str = namespace["metadata"]["uid"]
    return uid
