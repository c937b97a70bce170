"""Why there is no way to the API server, told so that a person knows what to do next.

What belongs here: words. What does not: reading a kubeconfig, which the client library does.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

_HARMLESS = re.compile(r"Invalid kube-config(?: file)?\. (Expected .*|.* is empty)")
"""What the client library says of names and keys; whatever else it says may quote values."""


def why_unusable(kubeconfig: Path | None, context: str | None, problem: Exception) -> str:
    """Tell in one line why the API server cannot be asked, without a value of the kubeconfig.

    Args:
        kubeconfig: The file, or several as in `$KUBECONFIG`; None for a pod's ServiceAccount.
        context: The context that was asked for, or None for the file's current one.
        problem: What was raised when it was read.

    Returns:
        The line.
    """
    if kubeconfig is None:
        return f"cannot use the pod's ServiceAccount: {_without_file()}"
    where = f"kubeconfig {kubeconfig}" + (f" with context {context}" if context else "")
    return f"cannot use {where}: {_with_file(kubeconfig, problem)}"


def _without_file() -> str:
    if "KUBERNETES_SERVICE_HOST" not in os.environ:
        return "this is no pod; outside a cluster name a kubeconfig with --kubeconfig"
    return "its token or certificate is missing; is automountServiceAccountToken false?"


def _with_file(kubeconfig: Path, problem: Exception) -> str:
    files = [Path(each) for each in str(kubeconfig).split(os.pathsep)]
    if not any(os.path.lexists(each) for each in files):
        return "there is no such file; name the cluster's kubeconfig with --kubeconfig"
    if isinstance(problem, OSError):
        return f"it cannot be read ({problem.strerror}); name another with --kubeconfig"
    told = _HARMLESS.fullmatch(str(problem))
    why = f"it is incomplete ({told[1]})" if told else "it is malformed"
    return f"{why}; `KUBECONFIG={kubeconfig} kubectl config view` shows what kubectl makes of it"
