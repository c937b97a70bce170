"""The whole operator, put together: caches feed the queue, workers reconcile, the lease fences."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

from thegrid.client import Clock
from thegrid_operator.cache import Cache, Name
from thegrid_operator.effects import Effects
from thegrid_operator.events import Recorder
from thegrid_operator.kube import CONSUMPTION_KEY, GRID_ACCOUNT, NAMESPACE, Kube, KubeError
from thegrid_operator.lease import Lease
from thegrid_operator.listing import Declarations
from thegrid_operator.logs import log
from thegrid_operator.loop import Loop
from thegrid_operator.market import Sessions
from thegrid_operator.outside import Outside
from thegrid_operator.queue import DueQueue
from thegrid_operator.reconcilers.consumption_key import Asking, ConsumptionKeys
from thegrid_operator.reconcilers.grid_account import GridAccounts
from thegrid_operator.reporting import Reporter
from thegrid_operator.sights import Rank, Sight, rank

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
    """

    namespace: str
    identity: str
    allowed_hosts: frozenset[str]
    workers: int
    lease_seconds: float
    deletion_deadline: timedelta = timedelta(hours=24)
    asking: Asking = field(default_factory=Asking)


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
        outside = outside or Outside()
        self._options = options
        self._outside = outside
        self._stop = outside.event()
        self.queue: DueQueue[Name] = DueQueue(
            outside.monotonic, outside.condition(), rank=self._rank
        )
        self.lease = Lease(
            kube,
            options.namespace,
            "thegrid-operator",
            holder=options.identity,
            seconds=options.lease_seconds,
            clock=outside.monotonic,
        )
        self._declarations = Declarations()
        self.accounts = Cache(kube, GRID_ACCOUNT, self._changed, self._stop)
        self.keys = Cache(kube, CONSUMPTION_KEY, self._changed, self._stop)
        door = make_door(self.lease.fence, outside.clock())
        recorder = Recorder(kube, options.identity)
        reporter = Reporter(kube, door, recorder, outside.clock())
        sessions = Sessions(rejected=self.queue.look_now)
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
            wake=self._look_at_all,
            deletion_deadline=options.deletion_deadline,
            asking=options.asking,
            declarations=self._declarations,
        )
        reconcilers = {
            GRID_ACCOUNT.kind: accounts.reconcile,
            CONSUMPTION_KEY.kind: keys.reconcile,
        }
        self.loop = Loop(self.queue, reconcilers, self.may_act)

    def run(self) -> None:
        """Work until `stop` is called; what a worker has begun is finished first."""
        followers = [
            threading.Thread(target=self.accounts.run, name="accounts", daemon=True),
            threading.Thread(target=self.keys.run, name="keys", daemon=True),
        ]
        idle = threading.Event()
        election = threading.Thread(target=self.lease.run, args=(idle,), name="lease", daemon=True)
        for thread in (*followers, election):
            thread.start()
        workers = self.loop.run(self._options.workers)
        log("Started", "the operator is running", identity=self._options.identity)
        self._stop.wait()
        self.queue.close()
        give_up_at = self._outside.monotonic() + STOP_WITHIN_SECONDS
        for worker in workers:
            worker.join(max(0.0, give_up_at - self._outside.monotonic()))
        idle.set()  # only now, so that what a worker had begun was not fenced out
        election.join(max(1.0, give_up_at - self._outside.monotonic()))
        self.lease.release()
        log("Stopped", "the operator has ended")

    def stop(self) -> None:
        """Ask the operator to end."""
        self._stop.set()

    def may_act(self) -> bool:
        """An account is let go when no key uses it, so all keys must be known first."""
        return self.lease.held() and self.keys.complete.is_set()

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


def _cluster_identity(kube: Kube) -> str:
    """The uid of `kube-system` is the nearest thing to a cluster's name."""
    namespace = kube.get(NAMESPACE, "", "kube-system")
    if namespace is None:
        raise KubeError("namespace kube-system does not exist, so the cluster cannot be told apart")
    uid: str = namespace["metadata"]["uid"]
    return uid
