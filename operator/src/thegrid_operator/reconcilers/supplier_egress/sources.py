"""Asking the sources of domains: a ConfigMap at every look, the market now and then.

A source that cannot be asked is silent, and what is silent takes nothing away. What belongs here:
reading both, and when to ask the market. What does not: what an answer means (`egress.feed`,
`egress.probe`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from thegrid.core.egress import Domain, Found
from thegrid.core.secret import Secret
from thegrid_operator.cache import Name
from thegrid_operator.effects import Effects
from thegrid_operator.egress.declaration import SupplierEgress
from thegrid_operator.egress.discovery import WantedProbe
from thegrid_operator.egress.feed import MOST_DOMAINS, names_in
from thegrid_operator.egress.probe import SHORTEST_INTERVAL, Probed, is_due, probe
from thegrid_operator.key_store import KeyStore
from thegrid_operator.kube import CONSUMPTION_KEY, Json, Kind, Kube, KubeRefused
from thegrid_operator.market import Session, Sessions
from thegrid_operator.outside import Outside
from thegrid_operator.resources import ConsumptionKey
from thegrid_operator.status import Condition

CONFIG_MAP = Kind("", "v1", "configmaps", "ConfigMap")
FEED_READ, PROBED = "FeedRead", "Probed"
SERVED, FAILED, NO_PORT = "ServedDirectly", "ProbeFailed", "PortNotAllowed"
_ASKED = frozenset({PROBED, FAILED, NO_PORT})
"""Reasons for which the market was asked."""

_FORBIDDEN = 403
_MOST_PROBLEMS = 3


@dataclass(frozen=True, slots=True)
class Sourced:
    """What the sources brought.

    Attributes:
        found: That, for the core.
        conditions: How the asking went; one that is not told anew stays, None takes it away.
    """

    found: Found
    conditions: Mapping[str, Condition | None]


class _Wait(Exception):
    """The market cannot be asked yet.

    Args:
        condition: Why, or None to leave the condition as it is.
    """

    def __init__(self, condition: Condition | None) -> None:
        super().__init__()
        self.condition = condition


@dataclass(frozen=True, slots=True)
class _Asked:
    by: tuple[str, int, int]
    """Whose, in which term, and for which declaration."""

    at: datetime
    pause: timedelta
    told: Mapping[str, Condition] = field(default_factory=dict)
    """It is told at every look, since it may not have been written down."""


class Sources:
    """Asks for resources, and remembers when it asked the market.

    Args:
        kube: The API server.
        effects: The door for effects.
        outside: The time.
        sessions: The open sessions with the market.
        term: Tells the term of leadership.
    """

    def __init__(
        self,
        *,
        kube: Kube,
        effects: Effects,
        outside: Outside,
        sessions: Sessions,
        term: Callable[[], int],
    ) -> None:
        self._kube = kube
        self._effects = effects
        self._outside = outside
        self._sessions = sessions
        self._term = term
        self._asked: dict[Name, _Asked] = {}

    def ask(self, name: Name, item: Json, egress: SupplierEgress) -> Sourced:
        """Ask every source that is declared and due.

        Args:
            name: The resource's name.
            item: The resource, as read.
            egress: The same, read.

        Raises:
            KubeError: The API server could not be asked.
            NotLeading: This replica may not act.
        """
        feed, read = self._feed(egress)
        probed, told = self._probed(name, item, egress)
        return Sourced(Found(feed, probed), read | told)

    def forget(self, name: Name) -> None:
        """Forget a resource that is gone."""
        self._asked.pop(name, None)

    def _feed(
        self, egress: SupplierEgress
    ) -> tuple[tuple[Domain, ...] | None, dict[str, Condition | None]]:
        name = egress.discovery.config_map
        if not name:
            return (), {FEED_READ: None}
        try:
            config_map = self._kube.get(CONFIG_MAP, egress.meta.namespace, name)
        except KubeRefused as refusal:
            if refusal.status != _FORBIDDEN:
                raise
            why = "the operator may not read ConfigMaps: allow it by the chart's egress.configMaps"
            return None, {FEED_READ: ("False", "NotAllowed", why)}
        if config_map is None:
            why = f"there is no ConfigMap {name}; what it named before stays"
            return None, {FEED_READ: ("False", "NotFound", why)}
        names, problems = names_in(config_map)
        if len(names) > MOST_DOMAINS:
            why = f"ConfigMap {name} names {len(names)} domains, and {MOST_DOMAINS} are allowed"
            return None, {FEED_READ: ("False", "TooManyDomains", f"{why}: nothing of it is taken")}
        if problems:
            why = f"ConfigMap {name}: {'; '.join(problems[:_MOST_PROBLEMS])}"
            return names, {FEED_READ: ("False", "LinesLeftOut", why)}
        return names, {FEED_READ: ("True", "Read", f"ConfigMap {name} is read")}

    def _probed(
        self, name: Name, item: Json, egress: SupplierEgress
    ) -> tuple[tuple[str, ...] | None, dict[str, Condition | None]]:
        wanted = egress.discovery.probe
        if wanted is None:
            return (), {PROBED: None}
        now = self._outside.clock().now()
        last = self._asked.get(name)
        by = (egress.meta.uid, self._term(), egress.meta.generation)
        if (last is None or last.by != by) and reason_in(item) in _ASKED:
            # A restart asks for nothing by itself, and many of them must not add up to more.
            last = self._asked[name] = _Asked(by, now, SHORTEST_INTERVAL)
        counts = last is not None and last.by == by
        if reason_in(item) == SERVED:
            return None, {}
        if last and counts and not is_due(last.at, last.pause, now):
            return None, dict(last.told)
        try:
            session, key = self._login(egress, wanted)
        except _Wait as wait:
            return None, {PROBED: wait.condition} if wait.condition else {}
        self._asked[name] = _Asked(by, now, SHORTEST_INTERVAL)
        probed = self._effects("egress.probe", lambda: probe(session, key, wanted.model))
        told = {PROBED: _condition(probed, egress, wanted)}
        pause = SHORTEST_INTERVAL if probed.problem else wanted.interval
        self._asked[name] = _Asked(by, now, pause, told)
        return probed.hosts, {**told}

    def _login(self, egress: SupplierEgress, wanted: WantedProbe) -> tuple[Session, Secret]:
        """Find the session and the key that are to ask; both are of one account.

        Raises:
            _Wait: One is not there, or may not be used from here.
        """
        namespace, who = egress.meta.namespace, f"ConsumptionKey {wanted.key}"
        item = self._kube.get(CONSUMPTION_KEY, namespace, wanted.key)
        if item is None:
            raise _Wait(("False", "KeyNotReady", f"{who} does not exist"))
        try:
            key = ConsumptionKey.of(item)
        except ValueError as problem:
            raise _Wait(("False", "KeyNotReady", f"{who}: {problem}")) from None
        account = Name("GridAccount", *key.account)
        session = self._sessions.get(account)
        where = f"GridAccount {account.namespace}/{account.name}"
        if session is None:
            why = self._sessions.why_closed(account)
            closed: Condition = ("False", "AccountNotReady", f"{where} is not ready: {why}")
            raise _Wait(closed if why else None)  # after a start it is opened soon
        if namespace not in session.allowed_namespaces:
            why = f"{where} does not list namespace {namespace} in spec.allowedNamespaces"
            raise _Wait(("False", "NamespaceNotAllowed", why))
        holding = KeyStore(self._kube, self._effects, key, None).recorded()
        current = holding.record.current
        secret = holding.secrets.get(current.id) if current else None
        if secret is None:
            raise _Wait(("False", "KeyNotReady", f"{who} has no key yet"))
        return session, secret


def reason_in(item: Json) -> str:
    """Return how the last probe under this spec ended, which outlives the process; empty for none.

    Args:
        item: The resource, as read.
    """
    generation = item["metadata"].get("generation", 0)
    reasons = (
        str(it["reason"])
        for it in (item.get("status") or {}).get("conditions") or ()
        if it["type"] == PROBED and it.get("observedGeneration", 0) == generation
    )
    return next(reasons, "")


def _condition(probed: Probed, egress: SupplierEgress, wanted: WantedProbe) -> Condition:
    """What moves from probe to probe, such as the host, has no place here."""
    if probed.served:
        return "False", SERVED, probed.problem
    if probed.problem:
        return "False", FAILED, probed.problem
    if not any(_holds(it.first, it.last, probed.port) for it in egress.ports):
        why = f"{probed.host} is reached on port {probed.port}: add it to spec.ports"
        return "False", NO_PORT, why
    return "True", PROBED, f"the market says where it sends calls of {wanted.model}"


def _holds(first: int, last: int | None, port: int) -> bool:
    return first <= port <= (last or first)
