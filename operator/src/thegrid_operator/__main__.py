"""The command `thegrid-operator`: flags, signals, start and stop."""

from __future__ import annotations

import argparse
import math
import os
import re
import signal
import socket
import sys
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from thegrid.core.duration import parse_duration
from thegrid_operator import explaining
from thegrid_operator.egress import Cluster
from thegrid_operator.flags import Parser
from thegrid_operator.health import CannotServe
from thegrid_operator.heap import give_back_freed_memory
from thegrid_operator.kube import Kube, KubeError, connect
from thegrid_operator.reconcilers.consumption_key import Asking
from thegrid_operator.running import Operator, Options

_SERVICE_ACCOUNT_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
_SHORTEST_LEASE_SECONDS = 1.0
LEASE_NAME = "thegrid-operator"
MOST_WORKERS = 8
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SELECTOR = re.compile(r"[-A-Za-z0-9_./=!,() ]*[A-Za-z0-9)]")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


def main(
    arguments: list[str] | None = None,
    *,
    make: Callable[[Kube, Options], Operator] = Operator,
    connect: Callable[..., Kube] = connect,
) -> int:
    """Run the operator until SIGTERM or SIGINT, or answer a question about egress.

    Args:
        arguments: The command line without the program's name; None takes the process's own.
        make: Puts the operator together.
        connect: Connects to the API server.

    Returns:
        The exit code: 0 after a stop, 1 when it could not start. Wrong flags exit with 2.
    """
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] == ["egress"]:
        return explaining.main(words[1:])
    parser = _parser()
    given = parser.parse_args(words)
    options = Options(
        namespace=given.namespace,
        identity=given.identity,
        allowed_hosts=frozenset(given.allowed_hosts),
        workers=given.workers,
        lease_seconds=given.lease_seconds,
        deletion_deadline=given.deletion_deadline,
        asking=Asking(given.observe_pods, given.start_margin, given.volume_delay),
        lease_name=given.lease_name or LEASE_NAME,
        namespaces=tuple(dict.fromkeys(given.namespaces)),
        selector=given.selector or "",
        metrics_address=given.metrics_bind_address,
        egress=Cluster(
            cilium_any_depth=given.cilium_any_depth, upstream_priority=given.upstream_priority
        ),
    )
    if options.is_shard and not given.lease_name:
        parser.error(
            "--selector and --namespaces need --lease-name: operators that share a Lease take "
            "turns, and each would do only its own part"
        )
    try:
        kube = connect(given.kubeconfig, connections=options.workers + 4)
    except KubeError as problem:
        sys.stderr.write(f"thegrid-operator: {problem}\n")
        return 1
    give_back_freed_memory()
    operator = make(kube, options)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: operator.stop())
    try:
        operator.run()
    except CannotServe as problem:
        sys.stderr.write(f"thegrid-operator: --metrics-bind-address: {problem}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="thegrid-operator",
        description="Rotates consumption keys of The Grid into Secrets, for the custom resources "
        "GridAccount and ConsumptionKey.",
        epilog="Exactly one replica works at a time; the others wait for its Lease. To share the "
        "work out, run several operators, each with a --lease-name and with --selector or "
        "--namespaces of its own; an account and all keys that use it belong to one of them. "
        "`thegrid-operator egress explain --help` tells of the other command.",
    )
    parser.add_argument(
        "--kubeconfig",
        metavar="FILE",
        type=Path,
        help="run outside a cluster with this file, for development: its token is not read again "
        "(default: the pod's ServiceAccount)",
    )
    parser.add_argument(
        "--namespace",
        metavar="NAME",
        default=_own_namespace(),
        help="where the Lease lives (default: the pod's namespace, here %(default)s)",
    )
    parser.add_argument(
        "--namespaces",
        metavar="NAME,NAME",
        type=_names,
        default=(),
        help="look after the resources of these namespaces alone (default: all)",
    )
    parser.add_argument(
        "--selector",
        metavar="LABELS",
        type=_selector,
        help="look after the resources with these labels alone, as in shard=a or shard!=b "
        "(default: all)",
    )
    parser.add_argument(
        "--lease-name",
        metavar="NAME",
        type=_host,
        help=f"the Lease that replicas of this operator share (default: {LEASE_NAME})",
    )
    parser.add_argument(
        "--allowed-hosts",
        nargs="+",
        type=_host,
        metavar="HOST",
        default=["thegrid.ai"],
        help="market hosts that a GridAccount may name; each allows all names below it "
        "(default: thegrid.ai)",
    )
    parser.add_argument(
        "--workers",
        type=_at_least(1, int, MOST_WORKERS),
        metavar="NUMBER",
        default=4,
        help="how many resources are looked at side by side, from 1 to 8; more would only wait for "
        "the API server (default: %(default)s)",
    )
    parser.add_argument(
        "--lease-seconds",
        type=_at_least(_SHORTEST_LEASE_SECONDS, float),
        metavar="SECONDS",
        default=15.0,
        help="how long a replica leads without renewal (default: %(default)g)",
    )
    parser.add_argument(
        "--deletion-deadline",
        type=_duration,
        metavar="DURATION",
        default=parse_duration("24h"),
        help="how long a ConsumptionKey that is being deleted waits until its keys can be revoked; "
        "then it goes without (default: 24h)",
    )
    parser.add_argument(
        "--observe-pods",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="ask pods before an older key is revoked; else time alone decides",
    )
    parser.add_argument(
        "--volume-delay",
        type=_duration,
        metavar="DURATION",
        default=parse_duration("3m"),
        help="how long after a rotation a volume may still show an older key, where a resource "
        "does not say (default: 3m)",
    )
    parser.add_argument(
        "--start-margin",
        type=_duration,
        metavar="DURATION",
        default=parse_duration("10s"),
        help="how long after a rotation a container must have started to hold the new key; it "
        "covers clocks of nodes that differ (default: 10s)",
    )
    parser.add_argument(
        "--upstream-priority",
        type=_at_least(0, int, 1000),
        metavar="NUMBER",
        help="let a SupplierEgress have a ClusterNetworkPolicy of this priority, from 0 to 1000, "
        "which comes before the policies of tenants (default: none)",
    )
    parser.add_argument(
        "--cilium-any-depth",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="Cilium is 1.19 or later, where **. spans labels (default: no)",
    )
    parser.add_argument(
        "--metrics-bind-address",
        metavar="HOST:PORT",
        type=_address,
        help="serve /metrics, /healthz and /readyz there, as in :8080 or 127.0.0.1:8080; without "
        "encryption, and without anything secret (default: 0, which serves nothing)",
    )
    parser.add_argument(
        "--identity",
        metavar="NAME",
        default=f"{socket.gethostname()}_{uuid.uuid4().hex[:8]}",
        help="this replica's name in the Lease (default: host name and a random part)",
    )
    return parser


def _at_least(
    least: float, kind: type[int] | type[float], most: float = math.inf
) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
        if not least <= value < math.inf:
            raise argparse.ArgumentTypeError(f"{text!r} is not allowed: at least {least:g}")
        if value > most:
            raise argparse.ArgumentTypeError(f"{text!r} is not allowed: at most {most:g}")
        return value

    return read


def _host(text: str) -> str:
    if not _HOST.fullmatch(text.lower()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a host name such as thegrid.ai")
    return text.lower()


def _address(text: str) -> tuple[str, int] | None:
    if text == "0":
        return None
    host, colon, port = text.rpartition(":")
    if not (colon and port.isdigit() and 0 < int(port) < 2**16):
        raise argparse.ArgumentTypeError(f"{text!r} is not an address such as :8080, nor 0")
    return host.strip("[]"), int(port)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    wrong = next((name for name in names if not _NAMESPACE.fullmatch(name)), None)
    if wrong is not None:
        raise argparse.ArgumentTypeError(
            f"{wrong!r} is not a namespace: names are separated by commas, without spaces"
        )
    return names


def _selector(text: str) -> str:
    if not _SELECTOR.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a label selector such as shard=a")
    return text


def _duration(text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None


def _own_namespace() -> str:
    try:
        return _SERVICE_ACCOUNT_NAMESPACE.read_text().strip()
    except OSError:
        return os.environ.get("POD_NAMESPACE", "default")


if __name__ == "__main__":
    sys.exit(main())
