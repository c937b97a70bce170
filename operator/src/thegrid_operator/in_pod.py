"""The API server as every pod finds it: two variables, a certificate and a token in a folder.

This is what https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ describes. No
proxy is used: the API server is in the cluster.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import urllib3

from thegrid_operator.wire import Server

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


def in_pod(
    *,
    connections: int,
    folder: Path = SERVICE_ACCOUNT,
    environment: Mapping[str, str] = os.environ,
) -> Server:
    """Find the API server.

    Args:
        connections: How many requests may be open at once.
        folder: Where the kubelet puts the ServiceAccount's token, which it renews, and the
            certificate of the cluster.
        environment: The process's.

    Returns:
        The server, whose token is read anew whenever it is asked for.

    Raises:
        LookupError: This is no pod.
        OSError: The token or the certificate cannot be read.
    """
    host, port = environment["KUBERNETES_SERVICE_HOST"], environment["KUBERNETES_SERVICE_PORT"]
    certificate, token = folder / "ca.crt", folder / "token"
    for file in (certificate, token):
        file.read_text()
    pool = urllib3.HTTPSConnectionPool(
        f"[{host}]" if ":" in host else host,
        int(port),
        maxsize=connections,
        ca_certs=str(certificate),
        cert_reqs="CERT_REQUIRED",
    )
    return Server(pool, "", lambda: f"Bearer {token.read_text().strip()}")
