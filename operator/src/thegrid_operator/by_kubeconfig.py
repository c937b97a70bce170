"""The API server that a kubeconfig names, and the only importer of the `kubernetes` package.

The package reads the file and renews tokens, as by the commands that clouds put there. It takes
21 MiB, so a process that runs in a pod does not import this.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from kubernetes import config as kubernetes_config
from kubernetes.client import Configuration
from kubernetes.client.rest import RESTClientObject

from thegrid_operator.wire import Server


def by_kubeconfig(kubeconfig: Path, *, connections: int, context: str | None) -> Server:
    """Read a kubeconfig and make connections of it.

    Args:
        kubeconfig: The file, or several as in `$KUBECONFIG`.
        connections: How many requests may be open at once.
        context: Which of the file's clusters and users; None takes its current one.

    Returns:
        The server.

    Raises:
        Exception: Of any kind, and perhaps with a text that quotes the file.
    """
    configuration = Configuration()
    kubernetes_config.load_kube_config(
        str(kubeconfig), context=context, client_configuration=configuration
    )
    configuration.connection_pool_maxsize = connections
    return server_of(configuration)


def server_of(configuration: Configuration) -> Server:
    """Make connections of a configuration of the package."""
    manager = RESTClientObject(configuration).pool_manager
    pool = manager.connection_from_url(configuration.host)
    by_proxy_alone = pool.proxy is not None and pool.scheme == "http"
    host = configuration.host.rstrip("/")
    before_paths = host if by_proxy_alone else urlsplit(host).path
    return Server(pool, before_paths, lambda: configuration.get_api_key_with_prefix("BearerToken"))
