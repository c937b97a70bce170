"""A cluster's pods, its name server, and hosts outside: everything but who declares what.

Pods and hosts are namespaces of this machine; what the API server says of them are real objects.
The emulator answers behind the API host and behind suppliers, whose addresses a test moves.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import yaml
from tests.egress.dns_server import DnsServer
from tests.packets.edge import Edge
from tests.packets.enforcer import Enforcer
from tests.packets.listeners import FAMILIES, Listeners
from tests.soak.cluster import Door

from thegrid_emulator.tls import authority
from thegrid_lab.processes import ChildProcess

API = "api.example.com"
API_ADDRESSES = {"A": "9.9.9.9", "AAAA": "2620:fe::9"}
TTL_SECONDS = 60
PODS = {
    "chat": ("10.244.0.11", "fd00::11"),
    "batch": ("10.244.0.12", "fd00::12"),
    "dns": ("10.244.0.10", "fd00::10"),
}
_LABELS = {"chat": {"app": "chat"}, "batch": {"app": "batch"}, "dns": {"k8s-app": "kube-dns"}}
OUTSIDE = ("8.254.0.1", "2606:4700:ffff::1")
_PATIENCE_SECONDS = 30.0
_POLL_SECONDS = 0.002
_WORLD = ("8.0.0.0/8", "9.0.0.0/8", "2606:4700::/32", "2620:fe::/32")
_MERGE = {"content-type": "application/merge-patch+json"}
_POLICIES = "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies"


class Town:
    """Pods, hosts and their names.

    Args:
        net: The network that they are put into.
        plane: The control plane.
        namespace: Where the pods are.
        market: The emulator.
        hosts: The names of all hosts outside.
        stack: Takes everything away at the end.

    Attributes:
        names: The name server.
        edge: What answers outside.
        enforcer: What judges packets.
        outsiders: The host that no policy opens, and who came there.
        seen: Every network that some policy opened on port 443.
    """

    def __init__(self, net, plane, namespace, market, hosts, stack: ExitStack):
        self.net, self.market, self._plane = net, market, plane
        self.namespace = namespace
        self._homes = {"chat": namespace, "batch": namespace, "dns": "kube-system"}
        self._stack = stack
        self._api = stack.enter_context(_opened(plane))
        self.names = DnsServer()
        stack.callback(self.names.close)
        trusted = stack.enter_context(authority(API, *hosts))
        self.authority_file = trusted.file
        self._add_hosts(trusted.server_context)
        self.enforcer = Enforcer(net)
        self.seen = set()
        self._add_pods()
        self.move(API, **{kind: [it] for kind, it in API_ADDRESSES.items()})
        self.edge.behind |= dict.fromkeys(API_ADDRESSES.values(), market.consumption)

    def _add_hosts(self, context):
        for name, addresses in PODS.items():
            self.net.add(name, *addresses, resolver=PODS["dns"][0])
        self.net.add("world", also=_WORLD)
        self.names.answer_at(*self.net.at("dns", _name_server_sockets))
        self.net.add("outside", *OUTSIDE)
        self.outsiders = Listeners()
        self._stack.callback(self.outsiders.close)
        self.outsiders.answer(self.net, "outside", [443])
        self.edge = Edge(self.net.at("world", _https_sockets), context)
        self._stack.callback(self.edge.close)

    def wait_until_called(self, address):
        """Wait until a call has been answered at an address."""
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while not self.edge.answered[address]:
            assert time.monotonic() < give_up_at, f"nobody calls {address}"
            time.sleep(_POLL_SECONDS)

    def _add_pods(self):
        for name, addresses in PODS.items():
            manifest = _pod(name, self._homes[name], _LABELS[name])
            self._plane.apply(manifest)
            path = f"/api/v1/namespaces/{self._homes[name]}/pods/{name}"
            told = [{"ip": it} for it in addresses]
            change = {"status": {"podIP": addresses[0], "podIPs": told}}
            self._api.patch(f"{path}/status", json=change, headers=_MERGE).raise_for_status()
        gone = ("delete", "pod", "dns", "--namespace=kube-system", "--wait=false")
        self._stack.callback(self._plane.kubectl, *gone)
        self._pods = [
            self._read(f"/api/v1/namespaces/{home}/pods/{name}")
            for name, home in self._homes.items()
        ]
        self._namespaces = self._read("/api/v1/namespaces")["items"]

    def move(self, host, **addresses):
        """Let a name have other addresses, by kind: `A=[...]`."""
        for kind, texts in addresses.items():
            self.names.zone[host, kind] = (TTL_SECONDS, texts)

    def enforce(self):
        """Read the policies from the API server, and program them."""
        policies = self._read(_POLICIES.format(self.namespace))["items"]
        self.enforcer.program(policies, self._pods, self._namespaces)
        self.seen |= open_addresses(policies)
        return policies

    def _read(self, path):
        return self._api.get(path).raise_for_status().json()

    def caller(self, folder: Path) -> ChildProcess:
        """Start a program in the pod `chat` that calls inference."""
        user = self.market.account.user_id
        self.market.give_units(user, "text-prime", 1_000_000, into_consumption=True)
        env = os.environ | {
            "OPENAI_BASE_URL": f"https://{API}/v1",
            "OPENAI_API_KEY": self.market.account.access_token,
            "SSL_CERT_FILE": str(self.authority_file),
        }
        command = [*self.net.prefix("chat"), sys.executable, Path(__file__).with_name("caller.py")]
        started = ChildProcess("caller", command, log=folder / "caller.log", env=env)
        self._stack.callback(started.stop)
        return started

    def knock(self, pod, address):
        """Begin a connection from a pod, and leave it to the kernel to try again and again."""
        made = self.net.at(pod, lambda: socket.socket(FAMILIES[6 if ":" in address else 4][0]))
        self._stack.callback(made.close)
        made.settimeout(0)
        made.connect_ex((address, 443))
        return made


def open_addresses(policies):
    """Return the networks that some policy opens on port 443."""
    return {
        peer["ipBlock"]["cidr"]
        for policy in policies
        for rule in policy["spec"].get("egress") or ()
        if any(it.get("port") == 443 for it in rule.get("ports") or ())
        for peer in rule["to"]
    }


def _opened(plane):
    user = yaml.safe_load(plane.kubeconfig.read_text())["users"][0]["user"]
    return Door(plane.server, str(plane.ca_file), user["token"]).open()


def _pod(name, namespace, labels):
    container = {"name": "main", "image": "example.com/none"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {"schedulerName": "nobody", "containers": [container]},
    }


def _name_server_sockets():
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((PODS["dns"][0], 53))
    return udp, socket.create_server((PODS["dns"][0], 53))


def _https_sockets():
    return [socket.create_server((it, 443), family=of, backlog=256) for of, it in FAMILIES.values()]
