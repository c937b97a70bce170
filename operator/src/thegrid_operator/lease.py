"""Which replica works: a Lease election with a fence that is asked before every effect.

What belongs here: holding, renewing and releasing. Another holder's lease is timed from when its
last renewal was first seen here, never by its wall clock; our own counts from before the renewal
was sent, so a stalled process stops before another one may start. See docs/decisions/0001.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from thegrid_operator.kube import LEASE, Conflict, Json, Kube, KubeError
from thegrid_operator.lease_length import RENEWED_AFTER, too_short
from thegrid_operator.logs import log

_MARGIN = 0.8
"""We stop after this share of the lease, others start after all of it."""

_LEADING = ("Leading", "this replica holds the lease and works")
_FOLLOWING = ("Following", "this replica no longer holds the lease and waits")


class NotLeading(Exception):
    """This replica may not act (any more). Whatever was under way is dropped."""


class Lease:
    """One replica's part in the election.

    Args:
        kube: The API server.
        namespace: Where the Lease lives.
        name: The Lease's name.
        holder: This replica's name, different from all others'.
        seconds: How long a lease holds without renewal.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        kube: Kube,
        namespace: str,
        name: str,
        *,
        holder: str,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kube = kube
        self._namespace, self._name = namespace, name
        self._holder, self._seconds = holder, seconds
        self._clock = clock
        self._held_until = 0.0
        self.term = 0
        """How often the lease had changed hands when it was won; within a term nobody else led."""
        self.took_over_at: float | None = None
        """When it was won, if nobody had released it: who led before may have died at an effect."""
        self._others_renewal, self._others_seen_at = ("", ""), 0.0

    def held(self) -> bool:
        """Tell whether this replica may act at this moment."""
        return self._clock() < self._held_until

    def fence(self) -> None:
        """Let an effect pass, or stop it.

        Raises:
            NotLeading: The lease is not held at this moment.
        """
        if not self.held():
            raise NotLeading("the lease is not held")

    def run(self, stop: threading.Event) -> None:
        """Try to get the lease and keep it, until stopped; then give it back."""
        led, told_at = False, -math.inf
        while not stop.is_set():
            asked_at = self._clock()
            try:
                self.try_once()
            except Conflict:
                pass  # another replica was quicker; look again
            except KubeError as problem:
                log("LeaseUnknown", str(problem))
            if self.held() is not led:
                led = not led
                log(*(_LEADING if led else _FOLLOWING))
            slow = too_short(self._seconds, self._clock() - asked_at)
            if slow and asked_at >= told_at + 60.0:
                told_at = asked_at
                log("LeaseTooShort", slow)
            stop.wait(self._seconds * RENEWED_AFTER)

    def try_once(self) -> None:
        """Renew our lease, or take one that is free or has run out.

        Raises:
            Conflict: Another replica was quicker.
            KubeError: The API server refused or could not be asked.
        """
        asked_at, released = self._clock(), False
        lease = self._kube.get(LEASE, self._namespace, self._name)
        if lease is None:
            lease = self._kube.create(LEASE, self._namespace, self._manifest({}))
        elif self._is_free(lease):
            released = (lease.get("spec") or {}).get("holderIdentity") == ""
            lease = self._kube.replace(LEASE, self._manifest(lease))
        else:
            return
        if self.term != (term := lease["spec"]["leaseTransitions"]):
            self.term, self.took_over_at = term, None if released else asked_at
        self._held_until = asked_at + self._seconds * _MARGIN

    def release(self) -> None:
        """Give the lease back after the last effect, so that another replica starts at once."""
        if not self.held():
            return
        self._held_until = 0.0
        try:
            lease = self._kube.get(LEASE, self._namespace, self._name)
            if lease and (lease.get("spec") or {}).get("holderIdentity") == self._holder:
                lease["spec"]["holderIdentity"] = ""
                self._kube.replace(LEASE, lease)
        except KubeError as problem:
            log("LeaseNotReleased", str(problem))

    def _is_free(self, lease: Json) -> bool:
        spec = lease.get("spec") or {}
        holder = spec.get("holderIdentity") or ""
        if holder in ("", self._holder):
            return True
        renewal = (holder, spec.get("renewTime") or "")
        if renewal != self._others_renewal:
            self._others_renewal, self._others_seen_at = renewal, self._clock()
        length = float(spec.get("leaseDurationSeconds") or self._seconds)
        return self._clock() >= self._others_seen_at + length

    def _manifest(self, lease: Json) -> Json:
        now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        spec = lease.get("spec") or {}
        ours = spec.get("holderIdentity") == self._holder
        return {
            "apiVersion": LEASE.api_version,
            "kind": LEASE.kind,
            "metadata": lease.get("metadata") or {"name": self._name, "namespace": self._namespace},
            "spec": {
                "holderIdentity": self._holder,
                # Whole seconds, and never less than what we count on.
                "leaseDurationSeconds": math.ceil(self._seconds),
                "renewTime": now,
                "acquireTime": spec["acquireTime"] if ours and "acquireTime" in spec else now,
                "leaseTransitions": spec.get("leaseTransitions", 0) + (0 if ours else 1),
            },
        }
