"""`thegrid-operator egress explain`: whether a pod may reach a host, for people with a kubeconfig.

It reads and never writes. What belongs here: flags, reading, printing. What does not: what the
answer is (`egress.answer`).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from thegrid.core.egress import Address, Answer
from thegrid_operator.egress.answer import Facts, as_json, as_text, verdict_on
from thegrid_operator.egress.declaration import SUPPLIER_EGRESS
from thegrid_operator.egress.objects import KINDS
from thegrid_operator.egress.question import (
    Destination,
    read_destination,
    read_name_server,
    read_pod,
)
from thegrid_operator.flags import Parser, reader
from thegrid_operator.kube import Json, Kind, Kube, KubeError, KubeRefused, KubeUnreachable, connect
from thegrid_operator.outside import Outside

PROGRAM = "thegrid-operator egress explain"
REACHABLE, NOT_REACHABLE, CANNOT_SAY = 0, 1, 2

_POD = Kind("", "v1", "pods", "Pod")
_PAGE = "500"
_NOT_FOUND = 404
_USUAL_KUBECONFIG = Path.home() / ".kube" / "config"

_EPILOG = """\
examples:
  thegrid-operator egress explain team/chat-5d9f7 api.thegrid.ai
  thegrid-operator egress explain team/chat-5d9f7 203.0.113.7:8443 --output json

It reads the pod, the NetworkPolicies and the SupplierEgress resources of its namespace; whoever
asks needs the right to get pods and to list the others. Only ways out of the cluster are judged,
and only NetworkPolicies: what other kinds of policy were made for a SupplierEgress is told.

exit codes: 0 reachable, 1 not (or not at every address), 2 cannot say
"""


class CannotSay(Exception):
    """There is no answer; the text is one line that says why."""


def main(arguments: Sequence[str]) -> int:
    """Answer on standard output.

    Args:
        arguments: The command line after `egress`.

    Returns:
        The exit code: 0 reachable, 1 not, 2 if that cannot be said. Wrong flags exit with 2.
    """
    given = _parser().parse_args(arguments)
    namespace, pod = given.pod
    to: Destination = given.destination
    try:
        kube = connect(_kubeconfig(given.kubeconfig), connections=1, context=given.context)
        facts = read(kube, namespace, pod, _answers(to, given.resolver))
    except KubeUnreachable as problem:
        next_step = "--kubeconfig and --context choose another cluster"
        sys.stderr.write(f"{PROGRAM}: no answer from the API server ({problem}); {next_step}\n")
        return CANNOT_SAY
    except (CannotSay, KubeError) as problem:
        sys.stderr.write(f"{PROGRAM}: {problem}\n")
        return CANNOT_SAY
    verdict = verdict_on(to, facts)
    if given.output == "json":
        sys.stdout.write(json.dumps(as_json(to, facts, verdict), indent=2) + "\n")
    else:
        sys.stdout.write(as_text(verdict))
    if verdict.reachable is None:
        return CANNOT_SAY
    return REACHABLE if verdict.reachable else NOT_REACHABLE


def read(kube: Kube, namespace: str, name: str, answers: tuple[Answer, ...]) -> Facts:
    """Read what decides about a pod.

    Args:
        kube: The API server.
        namespace: The pod's namespace.
        name: The pod's name.
        answers: What name servers said.

    Returns:
        The facts; a cluster without the kind `SupplierEgress` has none of them.

    Raises:
        CannotSay: There is no such pod.
        KubeError: The API server refused or could not be asked.
    """
    pod = kube.get(_POD, namespace, name)
    if pod is None:
        raise CannotSay(f"there is no pod {namespace}/{name}")
    policies = _all(kube, KINDS["NetworkPolicy"], namespace)
    try:
        egresses = _all(kube, SUPPLIER_EGRESS, namespace)
    except KubeRefused as refusal:
        if refusal.status != _NOT_FOUND:
            raise
        egresses = []
    return Facts(pod, policies, egresses, answers)


def _all(kube: Kube, kind: Kind, namespace: str) -> list[Json]:
    items: list[Json] = []
    query = {"limit": _PAGE}
    while True:
        page = kube.page(kind, namespace, **query)
        items += page["items"]
        more = page["metadata"].get("continue")
        if not more:
            return items
        query["continue"] = more


def _answers(to: Destination, resolvers: Sequence[tuple[Address, int]]) -> tuple[Answer, ...]:
    return () if to.address else Outside().resolve(resolvers, [to.host])


def _kubeconfig(given: Path | None) -> Path | None:
    """Find the kubeconfig as kubectl does; without one, a pod's ServiceAccount is what there is."""
    if given is not None:
        return given
    named = os.environ.get("KUBECONFIG")
    if named:
        return Path(named)
    return _USUAL_KUBECONFIG if _USUAL_KUBECONFIG.exists() else None


def _parser() -> Parser:
    parser = Parser(prog="thegrid-operator egress", description="Questions about egress.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    explain = commands.add_parser(
        "explain",
        prog=PROGRAM,
        help="tell whether a pod may reach a host, and by which policy and rule",
        description="Tells whether NetworkPolicies let a pod reach a host outside the cluster, by "
        "which policy and rule, or which rule is missing.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    explain.add_argument("pod", metavar="NAMESPACE/POD", type=reader(read_pod), help="who")
    explain.add_argument(
        "destination",
        metavar="HOST[:PORT]",
        type=reader(read_destination),
        help="where to: a name or an address, [ADDRESS]:PORT for IPv6; the port is 443 unless said",
    )
    explain.add_argument(
        "--kubeconfig",
        metavar="FILE",
        type=Path,
        help="the cluster (default: as kubectl, or in a pod its ServiceAccount)",
    )
    explain.add_argument(
        "--context",
        metavar="NAME",
        help="which context of the kubeconfig (default: its current one)",
    )
    explain.add_argument(
        "--resolver",
        metavar="ADDRESS[:PORT]",
        action="append",
        type=reader(read_name_server),
        default=[],
        help="ask this name server for HOST, best the one that the pod asks; may be given several "
        "times (default: those of this machine)",
    )
    explain.add_argument(
        "--output",
        choices=("text", "json"),
        default="text",
        help="for people or for programs (default: %(default)s)",
    )
    return parser
