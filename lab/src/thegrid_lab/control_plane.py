"""A real Kubernetes control plane on loopback: started in seconds, gone without a trace.

It authorises by RBAC, so that the operator runs with its own rights and never as administrator.
There is no kubelet: with `nodes`, kwok answers in its place and pods are ready without running
anything.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import ssl
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import yaml

from thegrid_lab import components
from thegrid_lab.certificates import write_private_key, write_server_certificate
from thegrid_lab.engines import find_or_build
from thegrid_lab.processes import (
    ChildProcess,
    clean_exit_on_sigterm,
    free_ports,
    run,
)

_FIELD_MANAGER = "thegrid-lab"
_TOKEN_DURATION = "24h"  # noqa: S105 - a duration, no token


class ControlPlane:
    """A running control plane; `control_plane` starts it.

    Attributes:
        server: The API server's address, ``https://127.0.0.1:PORT``.
        etcd: The address of its etcd, ``http://127.0.0.1:PORT``.
        ca_file: The certificate that clients check the server by, PEM.
        kubeconfig: A kubeconfig of the administrator.
        folder: The temporary folder with its data, its logs and the kubeconfigs.
        processes: What runs, by name.
    """

    def __init__(self, folder: Path, engines: Mapping[str, Path]) -> None:
        self.folder = folder
        self.processes: dict[str, ChildProcess] = {}
        self.ca_file = folder / components.SERVER_CERTIFICATE
        self._engines = engines
        self._stops = contextlib.ExitStack()
        self._tokens = {user: secrets.token_urlsafe(24) for user in components.GROUPS}
        self._ports = free_ports(5)
        self.server = f"https://127.0.0.1:{self._ports[0]}"
        self.etcd = f"http://127.0.0.1:{self._ports[1]}"
        self._write_identities()
        self.kubeconfig = self._user_kubeconfig(components.ADMINISTRATOR)

    def _write_identities(self) -> None:
        write_server_certificate(self.ca_file, self.folder / components.SERVER_KEY)
        write_private_key(self.folder / components.SERVICE_ACCOUNT_KEY)
        _write_secret(self.folder / components.TOKENS, components.token_file(self._tokens))

    def _user_kubeconfig(self, user: str) -> Path:
        return self.write_kubeconfig(user, self._tokens[user])

    def write_kubeconfig(self, user: str, token: str, *, namespace: str = "default") -> Path:
        """Write a kubeconfig for a bearer token.

        Args:
            user: Whose token it is; it also names the file.
            token: The token.
            namespace: The namespace to work in by default.

        Returns:
            The file, readable by us only.
        """
        content = components.kubeconfig(
            self.server, self.ca_file, user=user, token=token, namespace=namespace
        )
        path = self.folder / f"{user.replace(':', '-')}.kubeconfig"
        _write_secret(path, yaml.safe_dump(content))
        return path

    def _start(self, name: str, arguments: Sequence[str]) -> ChildProcess:
        process = ChildProcess(
            name, [self._engines[name], *arguments], log=self.folder / f"{name}.log"
        )
        self.processes[name] = process
        self._stops.callback(process.stop)
        return process

    def start(self, *, nodes: int, emulated_version: str = "") -> None:
        """Start everything and wait until it is ready.

        Args:
            nodes: How many nodes kwok plays.
            emulated_version: An older minor version that the API server stands in for, or nothing.

        Raises:
            ProcessFailed: Something ended or was not ready in time.
        """
        port, etcd_port, peer_port, controllers_port, scheduler_port = self._ports
        self._start(
            "etcd", components.etcd(self.folder, client_port=etcd_port, peer_port=peer_port)
        )
        arguments = components.api_server(self.folder, port=port, etcd_port=etcd_port)
        if emulated_version:
            arguments.append(f"--emulated-version={emulated_version}")
        server = self._start("kube-apiserver", arguments)
        server.wait_until_ready(lambda: self._answers("/readyz"))
        user = self._user_kubeconfig("system:kube-controller-manager")
        controllers = self._start(
            "kube-controller-manager",
            components.controller_manager(self.folder, kubeconfig=user, port=controllers_port),
        )
        if nodes:
            self._start_nodes(nodes, scheduler_port)
        # Namespaces get their default ServiceAccount from the controllers: the sign that they work.
        controllers.wait_until_ready(
            lambda: self._answers("/api/v1/namespaces/default/serviceaccounts/default")
        )

    def _start_nodes(self, nodes: int, port: int) -> None:
        user = self._user_kubeconfig("system:kube-scheduler")
        self._start("kube-scheduler", components.scheduler(self.folder, kubeconfig=user, port=port))
        self._start("kwok", components.kwok(kubeconfig=self.kubeconfig))
        self.apply([components.node(f"node-{number}") for number in range(nodes)])

    def _answers(self, path: str) -> bool:
        trust = ssl.create_default_context(cafile=str(self.ca_file))
        try:
            answer = httpx.get(
                f"{self.server}{path}",
                headers={"Authorization": f"Bearer {self._tokens[components.ADMINISTRATOR]}"},
                verify=trust,
                timeout=5,
                trust_env=False,  # no proxy between us and loopback
            )
        except httpx.TransportError:
            return False
        return answer.status_code == httpx.codes.OK

    def kubectl(self, *arguments: str, stdin: str = "", kubeconfig: Path | None = None) -> str:
        """Run kubectl.

        Args:
            arguments: The command and its options.
            stdin: What it reads from its standard input.
            kubeconfig: Whose rights it uses; the administrator's by default.

        Returns:
            Its standard output.

        Raises:
            CommandFailed: It failed.
        """
        return run(
            [
                self._engines["kubectl"],
                f"--kubeconfig={kubeconfig or self.kubeconfig}",
                f"--cache-dir={self.folder / 'kubectl-cache'}",
                *arguments,
            ],
            title=f"kubectl {arguments[0]}",
            stdin=stdin,
        ).stdout

    def apply(self, manifest: str | Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
        """Apply objects on the server's side, as administrator.

        Args:
            manifest: One object, several, or their YAML.

        Raises:
            CommandFailed: The API server refused.
        """
        if isinstance(manifest, Mapping):
            manifest = [manifest]
        if not manifest:
            return
        text = manifest if isinstance(manifest, str) else yaml.safe_dump_all(manifest)
        self.kubectl(
            "apply",
            "--server-side",
            f"--field-manager={_FIELD_MANAGER}",
            "--filename=-",
            stdin=text,
        )

    def get(self, kind: str, name: str, namespace: str = "default") -> dict[str, Any]:
        """Read one object, as administrator.

        Args:
            kind: The kind or resource, such as ``secret`` or ``networkpolicies.networking.k8s.io``.
            name: The object's name.
            namespace: Its namespace; of no account for what has none.

        Returns:
            The object.

        Raises:
            CommandFailed: There is no such object.
        """
        answer: dict[str, Any] = json.loads(
            self.kubectl("get", kind, name, f"--namespace={namespace}", "--output=json")
        )
        return answer

    def service_account_kubeconfig(self, namespace: str, name: str) -> Path:
        """Get a token of a ServiceAccount, as its pods have, in a kubeconfig.

        Args:
            namespace: The ServiceAccount's namespace.
            name: Its name.

        Returns:
            The kubeconfig; its rights are the ServiceAccount's, and it is good for 24 hours.

        Raises:
            CommandFailed: There is no such ServiceAccount.
        """
        token = self.kubectl(
            "create", "token", name, f"--namespace={namespace}", f"--duration={_TOKEN_DURATION}"
        )
        user = f"system:serviceaccount:{namespace}:{name}"
        return self.write_kubeconfig(user, token.strip(), namespace=namespace)

    def resident_memory_mb(self) -> dict[str, float]:
        """Measure the memory of every process.

        Returns:
            Resident memory in MiB by the process's name.
        """
        return {name: each.resident_memory_mb() for name, each in self.processes.items()}

    def stop(self) -> None:
        """End every process, the last started first: no API server ends without its etcd."""
        self._stops.close()


def _write_secret(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


@contextlib.contextmanager
def control_plane(*, nodes: int = 0, emulated_version: str = "") -> Iterator[ControlPlane]:
    """Start a control plane, and take it away with every process and file of it.

    That also holds on an error, Ctrl-C and SIGTERM. After `kill -9` of this process no process is
    left, but the folder is.

    Args:
        nodes: How many nodes to play. With 0, nothing schedules pods and none becomes ready.
        emulated_version: An older minor version, such as ``1.33``, that the API server stands in
            for: its interfaces and features are those of that version. Nothing for its own.

    Yields:
        The control plane, ready.

    Raises:
        ValueError: `nodes` is negative.
        EngineUnavailable: An engine is missing and cannot be built.
        ProcessFailed: Something ended or was not ready in time.
    """
    if nodes < 0:
        raise ValueError(f"nodes is {nodes}; it must be 0 or more")
    names = ["etcd", "kube-apiserver", "kube-controller-manager", "kubectl"]
    if nodes:
        names += ["kube-scheduler", "kwok"]
    engines = {name: engine.path for name, engine in find_or_build(*names).items()}
    with (
        clean_exit_on_sigterm(),
        tempfile.TemporaryDirectory(
            prefix="thegrid-control-plane-", ignore_cleanup_errors=True
        ) as folder,
    ):
        plane = ControlPlane(Path(folder), engines)
        try:
            plane.start(nodes=nodes, emulated_version=emulated_version)
            yield plane
        finally:
            plane.stop()
