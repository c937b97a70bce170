"""A reference enforcer: programs nftables with exactly what NetworkPolicies say about egress.

What it lets through besides is what answers a connection that somebody else began, told by its
direction alone. A data plane that lets through whatever belongs to an established connection would
hide that an address has left a policy too early. What it does not understand it refuses.

The rules are those of Kubernetes ("Network Policies"): policies add up; a pod that one selects for
egress may reach only what some rule of such a policy opens; one that none selects may reach all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from ipaddress import ip_address, ip_network

_WORDS = {4: ("ip", "ipv4_addr"), 6: ("ip6", "ipv6_addr")}
_REFUSED = 0x1

_GATE = f"""
add table inet gate
delete table inet gate
table inet gate {{
  chain refused {{
    type filter hook forward priority 10
    meta mark {_REFUSED:#x} counter drop
  }}
}}
"""


class Enforcer:
    """Keeps a router up with policies.

    Args:
        network: Where the router is.
    """

    def __init__(self, network) -> None:
        self._network = network
        self._text = ""
        self._nft("-f", "-", stdin=_GATE)

    def program(self, policies, pods, namespaces) -> None:
        """Let what policies say count from the next packet on, all of it at once.

        Args:
            policies: NetworkPolicies as the API server gives them.
            pods: Pods; those without an address are left out.
            namespaces: Namespaces, for their labels.
        """
        text = ruleset(policies, pods, namespaces)
        if text != self._text:
            self._nft("-f", "-", stdin=text)
            self._text = text

    def refused(self) -> int:
        """Count the packets that were dropped so far."""
        told = json.loads(self._nft("--json", "list", "chain", "inet", "gate", "refused"))
        rules = [it["rule"] for it in told["nftables"] if "rule" in it]
        return next(e["counter"]["packets"] for e in rules[0]["expr"] if "counter" in e)

    def _nft(self, *arguments: str, stdin: str = "") -> str:
        return self._network.inside("router", "nft", *arguments, stdin=stdin)


def ruleset(policies, pods, namespaces) -> str:
    """Return what nft(8) has to do, as one transaction."""
    world = _World(pods, namespaces)
    entries, chains, sets = [], [], []
    for number, pod in enumerate(world.pods):
        closing = [it for it in policies if _closes(it, pod)]
        if not closing:
            continue
        entries += [f"{_WORDS[it.version][0]} saddr {it} goto pod{number}" for it in world.of(pod)]
        rules = [rule for it in closing for rule in it["spec"].get("egress") or ()]
        where = closing[0]["metadata"]["namespace"]
        lines = []
        for index, rule in enumerate(rules):
            name = f"pod{number}rule{index}"
            sets += _sets(name, world.peers(rule, where))
            lines += _accepting(name, rule)
        chains.append(_block(f"chain pod{number}", [*lines, f"meta mark set {_REFUSED:#x}"]))
    hook = "type filter hook forward priority 0"
    judge = _block("chain judge", [hook, "ct direction reply accept", *entries])
    table = "\n".join([*sets, *chains, judge])
    return f"add table inet grid\ndelete table inet grid\ntable inet grid {{\n{table}\n}}\n"


class _World:
    def __init__(self, pods, namespaces):
        self.pods = [it for it in pods if list(self.of(it))]
        self._labels = {
            it["metadata"]["name"]: it["metadata"].get("labels") or {} for it in namespaces
        }

    @staticmethod
    def of(pod):
        """The addresses of a pod."""
        return [ip_address(it["ip"]) for it in (pod.get("status") or {}).get("podIPs") or ()]

    def peers(self, rule, namespace):
        """The networks that a rule opens; None for all of them."""
        if not rule.get("to"):
            return None
        return [network for peer in rule["to"] for network in self._networks(peer, namespace)]

    def _networks(self, peer, namespace):
        known = {"ipBlock", "podSelector", "namespaceSelector"}
        if set(peer) - known or not peer:
            raise ValueError(f"a peer that is not understood: {peer}")
        if "ipBlock" in peer:
            block = peer["ipBlock"]
            return _without(ip_network(block["cidr"]), map(ip_network, block.get("except") or ()))
        return [
            ip_network(address)
            for pod in self.pods
            if self._is_meant(peer, pod, namespace)
            for address in self.of(pod)
        ]

    def _is_meant(self, peer, pod, namespace):
        where = pod["metadata"]["namespace"]
        if "namespaceSelector" in peer:
            near = _chooses(peer["namespaceSelector"], self._labels.get(where, {}))
        else:
            near = where == namespace
        return near and _chooses(peer.get("podSelector") or {}, _labels(pod))


def _closes(policy, pod) -> bool:
    spec, meta = policy["spec"], policy["metadata"]
    types = spec.get("policyTypes") or (["Egress"] if spec.get("egress") else [])
    return (
        "Egress" in types
        and meta["namespace"] == pod["metadata"]["namespace"]
        and _chooses(spec.get("podSelector") or {}, _labels(pod))
    )


def _labels(pod):
    return pod["metadata"].get("labels") or {}


def _chooses(selector, labels) -> bool:
    if set(selector) - {"matchLabels", "matchExpressions"}:
        raise ValueError(f"a selector that is not understood: {selector}")
    wanted = (selector.get("matchLabels") or {}).items()
    return wanted <= labels.items() and all(
        _meets(it, labels) for it in selector.get("matchExpressions") or ()
    )


def _meets(expression, labels) -> bool:
    has = expression["key"] in labels
    among = labels.get(expression["key"]) in (expression.get("values") or ())
    return {
        "In": has and among,
        "NotIn": not (has and among),
        "Exists": has,
        "DoesNotExist": not has,
    }[expression["operator"]]


def _without(network, taken):
    """Return a network in pieces without some of its parts."""
    pieces = [network]
    for hole in taken:
        pieces = [
            rest
            for piece in pieces
            for rest in (
                piece.address_exclude(hole)
                if hole.subnet_of(piece)
                else ()
                if piece.subnet_of(hole)
                else (piece,)
            )
        ]
    return pieces


def _sets(name, networks) -> Iterator[str]:
    for version, (_, kind) in _WORDS.items() if networks is not None else ():
        own = sorted({str(it) for it in networks if it.version == version})
        lines = [f"type {kind}", "flags interval", "auto-merge"]
        if own:
            lines.append(f"elements = {{ {', '.join(own)} }}")
        yield _block(f"set {name}v{version}", lines)


def _accepting(name, rule) -> Iterator[str]:
    ports = [_port(it) for it in rule.get("ports") or ()] or [""]
    heres = [""]
    if rule.get("to"):
        heres = [f"{word} daddr @{name}v{version} " for version, (word, _) in _WORDS.items()]
    for here in heres:
        for port in ports:
            yield f"{here}{port}accept"


def _port(entry) -> str:
    protocol = (entry.get("protocol") or "TCP").lower()
    first = entry.get("port")
    if first is None:
        return f"meta l4proto {protocol} "
    if not str(first).isdigit():
        raise ValueError(f"a port by name is not understood: {first}")
    return f"{protocol} dport {first}-{entry.get('endPort') or first} "


def _block(head: str, lines) -> str:
    return "\n".join([f"{head} {{", *(f"  {line}" for line in lines), "}"])
