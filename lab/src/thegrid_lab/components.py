"""How the parts of a control plane are started: their arguments, and the files they share.

Pure but for the names of files; `control_plane` writes the files and starts the processes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

SERVER_CERTIFICATE = "server.crt"
SERVER_KEY = "server.key"
SERVICE_ACCOUNT_KEY = "service-accounts.key"
TOKENS = "tokens.csv"

ADMINISTRATOR = "admin"
GROUPS = {
    ADMINISTRATOR: "system:masters",
    "system:kube-controller-manager": "",
    "system:kube-scheduler": "",
}
"""The users of the API server and their groups. Kubernetes itself brings roles for the last two."""

_STAGES = Path(__file__).with_name("kwok_stages.yaml")
_FAKE_NODE = ("kwok.x-k8s.io/node", "fake")


def token_file(tokens: dict[str, str]) -> str:
    """What the API server knows its users by.

    Args:
        tokens: Bearer tokens by user; the users are those of `GROUPS`.

    Returns:
        Lines of token, name, id and group.
    """
    return "".join(f'{token},{user},{user},"{GROUPS[user]}"\n' for user, token in tokens.items())


def kubeconfig(
    server: str, ca_file: Path, *, user: str, token: str, namespace: str
) -> dict[str, Any]:
    """What a client of the API server is configured by.

    Args:
        server: The API server's address.
        ca_file: The certificate to check it by.
        user: Whose token it is.
        token: The bearer token.
        namespace: The namespace to work in by default.

    Returns:
        A kubeconfig.
    """
    cluster = {"server": server, "certificate-authority": str(ca_file)}
    context = {"cluster": "lab", "user": user, "namespace": namespace}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "lab",
        "clusters": [{"name": "lab", "cluster": cluster}],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": "lab", "context": context}],
    }


def etcd(folder: Path, *, client_port: int, peer_port: int) -> list[str]:
    """The arguments of etcd.

    Args:
        folder: The control plane's folder.
        client_port: Where the API server reaches it.
        peer_port: Where other members would.

    Returns:
        The arguments.
    """
    peer = f"http://127.0.0.1:{peer_port}"
    client = f"http://127.0.0.1:{client_port}"
    return [
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--unsafe-no-fsync",
        "--log-level=warn",
    ]


def api_server(folder: Path, *, port: int, etcd_port: int) -> list[str]:
    """The arguments of kube-apiserver.

    Args:
        folder: The control plane's folder.
        port: Where it listens.
        etcd_port: Where etcd does.

    Returns:
        The arguments.
    """
    return [
        f"--etcd-servers=http://127.0.0.1:{etcd_port}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        f"--secure-port={port}",
        f"--cert-dir={folder}",
        f"--tls-cert-file={folder / SERVER_CERTIFICATE}",
        f"--tls-private-key-file={folder / SERVER_KEY}",
        f"--token-auth-file={folder / TOKENS}",
        f"--service-account-key-file={folder / SERVICE_ACCOUNT_KEY}",
        f"--service-account-signing-key-file={folder / SERVICE_ACCOUNT_KEY}",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--authorization-mode=RBAC",
        "--service-cluster-ip-range=10.96.0.0/16",
        # A loopback address cannot be an endpoint of the Service `kubernetes`.
        "--endpoint-reconciler-type=none",
    ]


def controller_manager(folder: Path, *, kubeconfig: Path, port: int) -> list[str]:
    """The arguments of kube-controller-manager.

    Args:
        folder: The control plane's folder.
        kubeconfig: How it reaches the API server.
        port: Where it listens.

    Returns:
        The arguments.
    """
    return [
        *_client(folder / "kube-controller-manager", kubeconfig, port),
        f"--service-account-private-key-file={folder / SERVICE_ACCOUNT_KEY}",
        f"--root-ca-file={folder / SERVER_CERTIFICATE}",
        "--use-service-account-credentials",
        # Nobody sends heartbeats of the nodes that kwok plays; without one for 50 s a node and its
        # pods would be taken for not ready, and nothing makes those pods ready again.
        "--node-monitor-grace-period=24h",
        # Its default of 20 requests a second alone would take four seconds of the start.
        "--kube-api-qps=500",
        "--kube-api-burst=1000",
    ]


def scheduler(folder: Path, *, kubeconfig: Path, port: int) -> list[str]:
    """The arguments of kube-scheduler.

    Args:
        folder: The control plane's folder.
        kubeconfig: How it reaches the API server.
        port: Where it listens.

    Returns:
        The arguments.
    """
    return _client(folder / "kube-scheduler", kubeconfig, port)


def _client(certificates: Path, kubeconfig: Path, port: int) -> list[str]:
    return [
        f"--kubeconfig={kubeconfig}",
        "--leader-elect=false",
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        f"--cert-dir={certificates}",
    ]


def kwok(*, kubeconfig: Path) -> list[str]:
    """The arguments of kwok.

    Args:
        kubeconfig: How it reaches the API server.

    Returns:
        The arguments.
    """
    return [
        f"--kubeconfig={kubeconfig}",
        f"--config={_STAGES}",
        "--manage-all-nodes=false",
        f"--manage-nodes-with-annotation-selector={'='.join(_FAKE_NODE)}",
    ]


def node(name: str) -> dict[str, Any]:
    """A node that kwok plays.

    Args:
        name: Its name.

    Returns:
        The Node object, with room for any test.
    """
    room = {"cpu": "64", "memory": "256Gi", "pods": "1000"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "annotations": dict([_FAKE_NODE]),
            "labels": {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux"},
        },
        "status": {"allocatable": room, "capacity": room},
    }
