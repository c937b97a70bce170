"""Our operator on a control plane: installed by its chart, run beside it with the chart's rights.

No kubelet runs containers here, so the Deployment is left out and the same command runs as a child
process with a token of the chart's ServiceAccount.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from thegrid_lab.control_plane import ControlPlane
from thegrid_lab.helm import helm_template
from thegrid_lab.processes import ChildProcess

RELEASE = "thegrid-operator"
NAMESPACE = "thegrid-system"
CHART = Path(__file__).parents[3] / "charts" / "thegrid-operator"
_CUSTOM_RESOURCES = (
    "gridaccounts.thegrid.ai",
    "consumptionkeys.thegrid.ai",
    "supplieregresses.thegrid.ai",
)


def install_operator(plane: ControlPlane, values: Mapping[str, Any] | None = None) -> None:
    """Install the chart without its Deployment, and wait until its resources are served.

    Args:
        plane: Where to install it.
        values: Values over the chart's own.

    Raises:
        CommandFailed: The API server refused an object.
    """
    rendered = helm_template(CHART, release=RELEASE, namespace=NAMESPACE, values=values)
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    plane.apply([namespace, *(each for each in rendered if each["kind"] != "Deployment")])
    resources = [f"customresourcedefinition/{name}" for name in _CUSTOM_RESOURCES]
    plane.kubectl("wait", "--for=condition=Established", "--timeout=30s", *resources)


def start_operator(
    plane: ControlPlane,
    *,
    log: Path,
    allowed_hosts: Iterable[str] = ("127.0.0.1",),
    lease_seconds: float = 2.0,
    flags: Iterable[str] = (),
    env: Mapping[str, str] | None = None,
    program: Sequence[str] = ("thegrid_operator",),
) -> ChildProcess:
    """Start one replica with the rights that the chart gives.

    Args:
        plane: Where the chart is installed.
        log: The file for its output.
        allowed_hosts: The market hosts that accounts may name.
        lease_seconds: How long it leads without renewal; short, so that a successor starts soon.
        flags: More flags.
        env: Its whole environment; ours by default.
        program: The module to run and the arguments before the flags; a test may wrap the operator.

    Returns:
        The running process; the caller stops it.

    Raises:
        CommandFailed: The chart is not installed.
    """
    kubeconfig = plane.service_account_kubeconfig(NAMESPACE, RELEASE)
    command: list[str | Path] = [
        sys.executable,
        "-m",
        *program,
        "--kubeconfig",
        kubeconfig,
        "--namespace",
        NAMESPACE,
        "--lease-seconds",
        str(lease_seconds),
        *flags,
        "--allowed-hosts",
        *allowed_hosts,
    ]
    return ChildProcess("thegrid-operator", command, log=log, env=env)
