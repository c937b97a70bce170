"""The real command, connected to the API server as in a pod: no kubeconfig is read.

Usage: python -m bench.operator.as_pod FLAG..., with the operator's own flags. What `--kubeconfig`
names is put where a kubelet puts a pod's certificate and token.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from thegrid_operator.__main__ import main
from thegrid_operator.in_pod import in_pod
from thegrid_operator.kube import Kube
from thegrid_operator.wire import Wire


def put_into(folder: Path, kubeconfig: dict[str, Any]) -> dict[str, str]:
    """Write what a pod finds into a folder, and return its environment."""
    cluster, user = kubeconfig["clusters"][0]["cluster"], kubeconfig["users"][0]["user"]
    certificate = Path(cluster["certificate-authority"]).read_bytes()
    (folder / "ca.crt").write_bytes(certificate)
    token = folder / "token"
    token.touch(mode=0o600)
    token.write_text(user["token"])
    address = urlsplit(cluster["server"])
    return {
        "KUBERNETES_SERVICE_HOST": address.hostname or "",
        "KUBERNETES_SERVICE_PORT": str(address.port),
    }


if __name__ == "__main__":
    flags = sys.argv[1:]
    given = flags.index("--kubeconfig")
    _, path = flags[given : given + 2]
    del flags[given : given + 2]
    with tempfile.TemporaryDirectory(prefix="pod-") as made:
        folder = Path(made)
        environment = os.environ | put_into(folder, yaml.safe_load(Path(path).read_text()))

        def connect(_: Path | None, *, connections: int) -> Kube:
            """Connect as a pod does."""
            server = in_pod(connections=connections, folder=folder, environment=environment)
            return Kube(Wire(server).send)

        sys.exit(main(flags, connect=connect))
