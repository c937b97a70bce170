"""What keeping allow lists up with their names costs: the real operator and a real API server.

Names are answered by this process, on loopback. The operator's clocks are moved, so a TTL of a
minute takes no minute; its CPU time and memory are its process's own.
"""

from __future__ import annotations

import math
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import yaml
from bench.figures import Figure
from tests.egress.dns_server import DnsServer
from tests.packets.moved_operator import MovedOperator
from tests.soak.cluster import Door

from thegrid_lab.control_plane import ControlPlane, control_plane
from thegrid_lab.operator_process import install_operator

RESOURCES = 50
FEW, MANY = 100, 1000
ROUNDS = 3
API = "api.example.com"
TTL_SECONDS = 60
STAGGER_SECONDS = 1
_POLICIES = "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies"
_EGRESSES = "/apis/thegrid.ai/v1alpha1/namespaces/{}/supplieregresses"
_PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.01


@dataclass
class Names:
    """Hosts of a number of resources, and what they resolve to.

    Attributes:
        count: How many hosts there are, evenly spread over the resources.
        holders: How many resources there are.
        server: Answers for them.
    """

    count: int
    holders: int
    server: DnsServer
    _move: int = field(default=0, init=False)

    @property
    def namespace(self) -> str:
        """Return the namespace of the resources."""
        return f"apps-{self.count}"

    @property
    def policies(self) -> str:
        """Return where the API server has the policies."""
        return _POLICIES.format(self.namespace)

    @property
    def resources(self) -> str:
        """Return where the API server has the resources."""
        return _EGRESSES.format(self.namespace)

    def of(self, resource: int) -> list[str]:
        """Return the hosts of a resource."""
        return [f"host-{it}.example.net" for it in range(resource, self.count, self.holders)]

    def move(self) -> None:
        """Give every host another address."""
        self._move += 1
        self.server.zone[API, "A"] = (TTL_SECONDS, ["9.9.9.9"])
        for host in range(self.count):
            text = self.address(host)
            self.server.zone[f"host-{host}.example.net", "A"] = (TTL_SECONDS, [text])

    def address(self, host: int) -> str:
        """Return what a host resolves to now."""
        return f"8.{self._move}.{host // 250}.{host % 250}"


class Bench:
    """A cluster with resources whose names all resolve.

    Args:
        names: The hosts.
        api: The API server.
        operator: The operator.
    """

    def __init__(self, names: Names, api: httpx.Client, operator: MovedOperator) -> None:
        self._names, self._api, self._operator = names, api, operator
        self._process = psutil.Process(operator.pid)

    def cpu_seconds_of_a_refresh(self) -> float:
        """Have everything looked at some times, and return what one time took of the CPU."""
        return statistics.median(self._cpu_seconds() for _ in range(ROUNDS))

    def _cpu_seconds(self) -> float:
        before = self._process.cpu_times()
        self._operator.advance(self._names.holders * STAGGER_SECONDS + TTL_SECONDS)
        after = self._process.cpu_times()
        return after.user + after.system - before.user - before.system

    def writes_when_unchanged(self) -> int:
        """Have everything looked at some times, and count the objects that were written."""
        before, writes = self._versions(), 0
        for _ in range(ROUNDS):
            self._operator.advance(self._names.holders * STAGGER_SECONDS + TTL_SECONDS)
            after = self._versions()
            writes += sum(after[it] != before[it] for it in after)
            before = after
        return writes

    def seconds_to_apply(self) -> list[float]:
        """Move all hosts, let the resources become due one by one, and time each policy."""
        self._names.move()
        waiting = {it: self._names.address(it) for it in range(self._names.holders)}
        times: list[float] = []
        for _ in range(2 * TTL_SECONDS + self._names.holders * STAGGER_SECONDS):
            before = time.perf_counter()
            self._operator.advance(STAGGER_SECONDS)
            took = time.perf_counter() - before
            done = [it for it in waiting if self._opens(it, waiting[it])]
            for it in done:
                del waiting[it]
            times += [took] * len(done)
            if not waiting:
                return times
        raise RuntimeError(f"no policy was written for {sorted(waiting)}")

    def resident_mb(self) -> float:
        """Return the operator's memory."""
        return float(self._process.memory_info().rss) / 2**20

    def _opens(self, resource: int, address: str) -> bool:
        answer = self._api.get(f"{self._names.policies}/{_name(resource)}-thegrid-egress")
        return f'"{address}/32"' in answer.raise_for_status().text

    def _versions(self) -> dict[str, str]:
        return {
            it["metadata"]["uid"]: it["metadata"]["resourceVersion"]
            for path in (self._names.policies, self._names.resources)
            for it in self._api.get(path).raise_for_status().json()["items"]
        }


def figures(part: int) -> Iterator[Figure]:
    """Measure refreshes of few and many domains in as many resources."""
    with control_plane() as plane:
        install_operator(plane, {"egress": {"core": True}})
        with settled(plane, RESOURCES // part, FEW // part) as bench:
            few = bench.cpu_seconds_of_a_refresh()
        with settled(plane, RESOURCES // part, MANY // part) as bench:
            times = sorted(bench.seconds_to_apply())  # first: as yet they are due one by one
            p99 = times[math.ceil(0.99 * len(times)) - 1]
            yield Figure("egress_apply_seconds_p99", p99, "s")
            many = bench.cpu_seconds_of_a_refresh()
            yield Figure(f"egress_cpu_ms_per_refresh_{MANY}", many * 1000, "ms")
            yield Figure("egress_growth_ratio", many / few, "x")
            yield Figure("egress_writes_when_unchanged", bench.writes_when_unchanged(), "writes")
            yield Figure(f"egress_rss_mb_{MANY}", bench.resident_mb(), "MB")


@contextmanager
def settled(plane: ControlPlane, holders: int, count: int) -> Iterator[Bench]:
    """Declare resources with so many domains in all, which become due one after the other."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = DnsServer()
        stack.callback(server.close)
        api = stack.enter_context(_opened(plane))
        names = Names(count, holders, server)
        names.move()
        plane.kubectl("create", "namespace", names.namespace)
        operator = MovedOperator(plane, folder)
        stack.callback(api.delete, names.resources)
        stack.callback(operator.stop)
        for number in range(holders):
            declared = _declaration(number, names)
            api.post(names.resources, json=declared).raise_for_status()
            _wait_for(api, f"{names.policies}/{_name(number)}-thegrid-egress")
            operator.advance(STAGGER_SECONDS)
        yield Bench(names, api, operator)


def _wait_for(api: httpx.Client, path: str) -> None:
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while api.get(path).status_code != httpx.codes.OK:
        if time.monotonic() > give_up_at:
            raise RuntimeError(f"there is no {path}")
        time.sleep(_POLL_SECONDS)


def _declaration(number: int, names: Names) -> dict[str, Any]:
    return {
        "apiVersion": "thegrid.ai/v1alpha1",
        "kind": "SupplierEgress",
        "metadata": {"name": _name(number)},
        "spec": {
            "podSelector": {"matchLabels": {"app": _name(number)}},
            "essentialHosts": [API],
            "domains": names.of(number),
            "resolvers": [{"address": "127.0.0.1", "port": names.server.port}],
        },
    }


def _name(number: int) -> str:
    return f"egress-{number}"


def _opened(plane: ControlPlane) -> httpx.Client:
    user = yaml.safe_load(plane.kubeconfig.read_text())["users"][0]["user"]
    return Door(plane.server, str(plane.ca_file), user["token"]).open()
