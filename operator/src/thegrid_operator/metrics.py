"""What a monitoring system is told: counts, times and how the operator is, by Prometheus' rules.

Names carry their unit; what counts ends in `_total`. Labels take values from small fixed sets, but
for the names of accounts and keys; of keys those that die soonest are told, a thousand at most. No
label and no value comes from a Secret.

What belongs here: what is told, and how it is called. What does not: how it is served (`health`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from thegrid_operator.cache import Name
from thegrid_operator.sights import Sight

MOST_KEYS = 1000
"""Of so many keys the times are told one by one."""

_PREFIX = "thegrid_operator"
_FACTS = {
    "KeyMinted": ("key_mints", "Keys that were made at the market."),
    "KeySwapped": ("rotations", "New keys that were put into the Secret that workloads read."),
    "KeyRevoked": ("key_revocations", "Keys that were revoked."),
    "EgressWritten": ("egress_writes", "Policies of SupplierEgress resources that were written."),
    "NewDomainFound": ("egress_new_domains", "Times that new domains were found and allowed."),
    "DomainHeld": ("egress_held_domains", "New domains that wait for approval."),
    "KeysLeftAlive": ("keys_left_alive", "Resources that went without their keys being revoked."),
}
_LOOK_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_WAIT_SECONDS = (0.01, 0.1, 0.5, 1, 5, 15, 60, 300)


@dataclass(frozen=True, slots=True)
class State:
    """How things are at the moment of asking.

    Attributes:
        leads: Whether this replica works.
        depth: Objects that the queue knows.
        keys: What was last seen of each key.
        requests_left: By account, how many requests the market has left; accounts that it has told
            nothing of are missing.
    """

    leads: bool
    depth: int
    keys: Iterable[tuple[Name, Sight]]
    requests_left: Iterable[tuple[Name, int]]


class Metrics:
    """Counts what happens. Safe for several threads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._facts = {reason: self._counter(name, text) for reason, (name, text) in _FACTS.items()}
        self._failures = self._counter("failures", "Looks that failed.", "kind", "reason")
        self._kube = self._counter("kube_requests", "Requests to the API server.", "verb", "code")
        self._market = self._counter("market_requests", "Requests to the market.", "verb", "code")
        self._looks = self._histogram("look_seconds", "How long looks took.", _LOOK_SECONDS, "kind")
        self._waits = self._histogram(
            "queue_wait_seconds", "How long what was due waited for a worker.", _WAIT_SECONDS
        )

    def fact(self, reason: str) -> None:
        """Count what an event tells; others than those above are not counted."""
        if reason in self._facts:
            self._facts[reason].inc()

    def failed(self, kind: str, reason: str) -> None:
        """Count a look that failed, by the reason in the log."""
        self._failures.labels(kind, reason).inc()

    def looked(self, kind: str, seconds: float) -> None:
        """Count a look, however it ended."""
        self._looks.labels(kind).observe(seconds)

    def waited(self, seconds: float) -> None:
        """Count how long something that was due waited for a worker."""
        self._waits.observe(seconds)

    def asked_kube(self, verb: str, status: int) -> None:
        """Count a request to the API server; status 0 stands for no answer."""
        self._kube.labels(verb, _code(status)).inc()

    def asked_market(self, verb: str, status: int) -> None:
        """Count a request to the market; status 0 stands for no answer."""
        self._market.labels(verb, _code(status)).inc()

    def watch(self, state: Callable[[], State]) -> None:
        """Tell from now on also how things are when somebody asks."""
        self.registry.register(_Present(state))

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"{_PREFIX}_{name}", text, labels, registry=self.registry)

    def _histogram(
        self, name: str, text: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(f"{_PREFIX}_{name}", text, labels, buckets=buckets, registry=self.registry)


class _Present:
    """A collector in the sense of prometheus-client."""

    def __init__(self, state: Callable[[], State]) -> None:
        self._state = state

    def collect(self) -> Iterator[Metric]:
        state = self._state()
        yield _gauge("leader", "Whether this replica works (1) or waits (0).", float(state.leads))
        yield _gauge("queue_depth", "Objects that are looked at from time to time.", state.depth)
        seen = list(state.keys)
        yield _gauge("keys", "ConsumptionKey resources that are looked after.", len(seen))
        told = sorted(seen, key=lambda it: (it[1].ends_at, it[0]))[:MOST_KEYS]
        for name, text, value in _TIMES:
            family = GaugeMetricFamily(f"{_PREFIX}_{name}", text, labels=("namespace", "name"))
            for key, sight in told:
                if math.isfinite(value(sight)):
                    family.add_metric((key.namespace, key.name), value(sight))
            yield family
        left = GaugeMetricFamily(
            f"{_PREFIX}_market_requests_left",
            "Requests that the market has left for an account until its limit begins anew.",
            labels=("namespace", "account"),
        )
        for account, requests in state.requests_left:
            left.add_metric((account.namespace, account.name), requests)
        yield left


_TIMES: tuple[tuple[str, str, Callable[[Sight], float]], ...] = (
    (
        "key_next_rotation_timestamp_seconds",
        "When the key is to be replaced, as a Unix time.",
        lambda sight: sight.due_at,
    ),
    (
        "key_expiry_timestamp_seconds",
        "When the key dies by itself, as a Unix time.",
        lambda sight: sight.ends_at,
    ),
)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{_PREFIX}_{name}", text, value=value)


def _code(status: int) -> str:
    return str(status) if status else "none"
