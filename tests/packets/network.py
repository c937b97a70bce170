"""A network of namespaces of this machine: hosts, and a router that joins them. No way leads out.

Each host has one wire to the router and its default route there, as a pod has to its node. So
whatever one host says to another passes the router's hook `forward`, where an enforcer judges it.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack, contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

TOOLS = ("ip", "nft")
_NEW_NETWORK = 0x40000000  # CLONE_NEWNET, setns(2)
_NAMESPACES = Path("/run/netns")
_CONFIGURATION = Path("/etc/netns")  # what ip-netns(8) shows a process in place of files in /etc
_NEAR = {4: "169.254.1.2", 6: "fe80::2"}
_FAR = {4: "169.254.1.1", 6: "fe80::1"}
_ROUTER = "router"
_SETTINGS = {
    "net.ipv4.ip_forward": 1,
    "net.ipv6.conf.all.forwarding": 1,
    # A connection that the router has not seen begin is none: its packets have no direction.
    "net.netfilter.nf_conntrack_tcp_loose": 0,
}


class CannotBe(Exception):
    """A command failed; the text is what it said."""


def why_not_here() -> str:
    """Say why this machine cannot have such a network; empty if it can."""
    if os.geteuid() != 0:
        return "only root may make network namespaces"
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        return f"{' and '.join(missing)} cannot be found (Debian: iproute2, nftables)"
    try:
        with network() as made:
            made.inside(_ROUTER, "nft", "add", "table", "inet", "trial")
    except (CannotBe, OSError) as problem:
        return f"namespaces and nftables do not work: {problem}"
    return ""


class Network:
    """Hosts around a router.

    Args:
        name: What the names of all namespaces begin with.
        stack: Takes everything away at the end.
    """

    def __init__(self, name: str, stack: ExitStack) -> None:
        self._name = name
        self._stack = stack
        self._wires = 0
        self._make(_ROUTER)
        self.inside(
            _ROUTER, "sysctl", "-q", "-w", *(f"{key}={it}" for key, it in _SETTINGS.items())
        )

    def add(self, name: str, *addresses: str, also: Iterable[str] = (), resolver: str = "") -> None:
        """Add a host.

        Args:
            name: What it is called here.
            addresses: Its own.
            also: Networks all of whose addresses it answers at.
            resolver: The name server that its programs ask.
        """
        where = self._make(name)
        wire = f"wire{self._wires}"
        self._wires += 1
        _run(
            *self._ip(_ROUTER), "link", "add", wire, "type", "veth", "peer", "eth0", "netns", where
        )
        near, far = ["link set lo up", "link set eth0 up"], [f"link set {wire} up"]
        for version in (4, 6):
            bits = {4: 32, 6: 64}[version]
            near.append(_own(f"{_NEAR[version]}/{bits}", "eth0"))
            far.append(_own(f"{_FAR[version]}/{bits}", wire))
        far += [
            f"route add {it} via {_NEAR[it.version]} dev {wire} onlink"
            for it in map(ip_network, (*addresses, *also))
        ]
        near += [_own(it, "eth0") for it in addresses]
        near += [f"route add local {it} dev lo" for it in also]
        for version in (4, 6):
            own = [it for it in addresses if ip_network(it).version == version]
            source = f" src {own[0]}" if own else ""
            near.append(f"route add default via {_FAR[version]} dev eth0 onlink{source}")
        _run(*self._ip(name), "-batch", "-", stdin=_lines(near))
        _run(*self._ip(_ROUTER), "-batch", "-", stdin=_lines(far))
        if resolver:
            self._use(where, resolver)

    def prefix(self, host: str) -> list[str]:
        """Return what to put before a command so that it runs at a host."""
        return ["ip", "netns", "exec", f"{self._name}-{host}"]

    def inside(self, host: str, *command: str, stdin: str = "") -> str:
        """Run a command at a host to its end, and return what it says.

        Raises:
            CannotBe: It failed.
        """
        return _run(*self.prefix(host), *command, stdin=stdin)

    def at(self, host: str, make: Callable[[], T]) -> T:
        """Make sockets at a host: they belong to it, whoever uses them."""
        made: list[T] = []
        problems: list[BaseException] = []
        namespace = _NAMESPACES / f"{self._name}-{host}"

        def run() -> None:
            try:
                _enter(namespace)
                made.append(make())
            except BaseException as problem:  # noqa: BLE001 - it is raised again in the caller
                problems.append(problem)

        thread = threading.Thread(target=run)  # its namespace ends with it
        thread.start()
        thread.join()
        for problem in problems:
            raise problem
        return made[0]

    def _ip(self, host: str) -> list[str]:
        return ["ip", "-n", f"{self._name}-{host}"]

    def _make(self, host: str) -> str:
        where = f"{self._name}-{host}"
        _run("ip", "netns", "add", where)
        self._stack.callback(_run, "ip", "netns", "delete", where)
        return where

    def _use(self, where: str, resolver: str) -> None:
        folder = _CONFIGURATION / where
        folder.mkdir(parents=True)
        self._stack.callback(shutil.rmtree, folder)
        (folder / "resolv.conf").write_text(f"nameserver {resolver}\noptions timeout:2\n")
        (folder / "nsswitch.conf").write_text("hosts: dns\n")


@contextmanager
def network():
    """Make a network for the length of a block: a router, to which hosts are added."""
    with ExitStack() as stack:
        yield Network(f"grid-{secrets.token_hex(3)}", stack)


def _enter(namespace: Path) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    with namespace.open() as file:
        if library.setns(file.fileno(), _NEW_NETWORK) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(namespace))


def _own(address: str, device: str) -> str:
    """Return the command that gives a device an address, in use at once."""
    return f"addr add {address} dev {device}{' nodad' if ':' in address else ''}"


def _run(*command: str, stdin: str = "") -> str:
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotBe(f"{' '.join(command)}: {' '.join(done.stderr.split())[:300]}")
    return done.stdout


def _lines(commands: list[str]) -> str:
    return "".join(f"{command}\n" for command in commands)
