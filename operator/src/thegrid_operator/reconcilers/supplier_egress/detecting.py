"""Which backends the cluster has: asked now and then, since kinds come and go.

That a kind is served is part of what everybody may ask. What its definition says is read only where
the chart allows it, and counts as missing elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from thegrid_operator.egress.choice import KIND_OF, Served, told_by
from thegrid_operator.egress.request import Cluster
from thegrid_operator.kube import Json, Kind, Kube, KubeRefused
from thegrid_operator.outside import Outside

ASK_EVERY = timedelta(minutes=10)
DEFINITION = Kind(
    "apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition"
)
_TELLING = ("Upstream", "OVN")
"""Backends whose definition says what they offer."""

_FORBIDDEN = 403


@dataclass(frozen=True, slots=True)
class _Known:
    at: float
    served: Served


class Detector:
    """Asks the API server what it serves.

    Args:
        kube: The API server.
        outside: The time.
        cluster: What the administrator tells of the backends.
    """

    def __init__(self, kube: Kube, outside: Outside, cluster: Cluster) -> None:
        self._kube = kube
        self._outside = outside
        self._cluster = cluster
        self._known: _Known | None = None

    def served(self) -> Served:
        """Return what the cluster has, at most some minutes old.

        Raises:
            KubeError: The API server refused or could not be asked.
        """
        now, known = self._outside.monotonic(), self._known
        if known is None or now >= known.at + ASK_EVERY.total_seconds():
            backends = frozenset(it for it, kind in KIND_OF.items() if self._is_served(kind))
            definitions = [self._definition(KIND_OF[it]) for it in _TELLING if it in backends]
            cluster = told_by(self._cluster, [it for it in definitions if it])
            known = self._known = _Known(now, Served(backends, cluster))
        return known.served

    def _is_served(self, kind: Kind) -> bool:
        version = Kind(kind.group, kind.version, "", "APIResourceList")  # its own path is a list
        found = self._kube.get(version, "", "")
        return any(it["name"] == kind.plural for it in (found or {}).get("resources") or ())

    def _definition(self, kind: Kind) -> Json | None:
        try:
            return self._kube.get(DEFINITION, "", f"{kind.plural}.{kind.group}")
        except KubeRefused as refusal:
            if refusal.status != _FORBIDDEN:
                raise
            return None
