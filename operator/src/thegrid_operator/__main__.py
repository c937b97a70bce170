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
from typing import NoReturn

from thegrid.core.duration import parse_duration
from thegrid_operator.kube import Kube, KubeError, connect
from thegrid_operator.reconcilers.consumption_key import Asking
from thegrid_operator.running import Operator, Options

_SERVICE_ACCOUNT_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
_SHORTEST_LEASE_SECONDS = 1.0
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with a flag in one line; the usage stays behind `--help`."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def main(
    arguments: list[str] | None = None, *, make: Callable[[Kube, Options], Operator] = Operator
) -> int:
    """Run the operator until SIGTERM or SIGINT.

    Args:
        arguments: The command line without the program's name; None takes the process's own.
        make: Puts the operator together.

    Returns:
        The exit code: 0 after a stop, 1 when it could not start. Wrong flags exit with 2.
    """
    given = _parser().parse_args(arguments)
    options = Options(
        namespace=given.namespace,
        identity=given.identity,
        allowed_hosts=frozenset(given.allowed_hosts),
        workers=given.workers,
        lease_seconds=given.lease_seconds,
        deletion_deadline=given.deletion_deadline,
        asking=Asking(given.observe_pods, given.start_margin, given.volume_delay),
    )
    try:
        kube = connect(given.kubeconfig, connections=options.workers + 4)
    except KubeError as problem:
        sys.stderr.write(f"thegrid-operator: {problem}\n")
        return 1
    operator = make(kube, options)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: operator.stop())
    operator.run()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="thegrid-operator",
        description="Rotates consumption keys of The Grid into Secrets, for the custom resources "
        "GridAccount and ConsumptionKey.",
        epilog="Exactly one replica works at a time; the others wait for its Lease.",
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
        type=_at_least(1, int),
        metavar="NUMBER",
        default=4,
        help="how many resources are looked at side by side (default: %(default)s)",
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
        "--identity",
        metavar="NAME",
        default=f"{socket.gethostname()}_{uuid.uuid4().hex[:8]}",
        help="this replica's name in the Lease (default: host name and a random part)",
    )
    return parser


def _at_least(least: float, kind: type[int] | type[float]) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
        if not least <= value < math.inf:
            raise argparse.ArgumentTypeError(f"{text!r} is not allowed: at least {least:g}")
        return value

    return read


def _host(text: str) -> str:
    if not _HOST.fullmatch(text.lower()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a host name such as thegrid.ai")
    return text.lower()


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
