"""Whether a pod may reach an address, by which NetworkPolicy and rule, or what is missing. Pure.

The rules are those of Kubernetes ("Network Policies"): policies add up; a pod that an egress policy
selects may reach only what some rule of such a policy opens; a pod that none selects may reach
everything. Only destinations outside the cluster are explained, so peers that select pods or
namespaces never match.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network

from thegrid.core.egress import Address
from thegrid_operator.egress.request import Port
from thegrid_operator.kube import Json

_EGRESS = "Egress"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether an address can be reached, and why.

    Attributes:
        allowed: Whether policies let the pod reach it.
        policy: The policy that opens it; empty if none does, or none is needed.
        rule: The index of the rule in that policy's `egress`.
        message: One sentence for people.
    """

    allowed: bool
    policy: str
    rule: int | None
    message: str


def explain(
    policies: Iterable[Json], labels: Mapping[str, str], address: Address, port: Port
) -> Explanation:
    """Explain what NetworkPolicies say about one connection out of the cluster.

    Args:
        policies: The policies of the pod's namespace, as read from the API server.
        labels: The pod's labels.
        address: Where to.
        port: To which single port, and what is spoken there.

    Returns:
        The explanation. Of several rules that open the address, the first by the policy's name.
    """
    closing = _closing(policies, labels)
    to = f"{address} on {port.protocol} {port.first}"
    if not closing:
        return Explanation(
            allowed=True,
            policy="",
            rule=None,
            message=f"no egress policy selects the pod, so nothing keeps it from {to}",
        )
    for policy in closing:
        name = policy["metadata"]["name"]
        for index, rule in enumerate(policy["spec"].get("egress") or ()):
            if _opens(rule, address, port):
                message = f"NetworkPolicy {name} opens {to} with its rule {index}"
                return Explanation(allowed=True, policy=name, rule=index, message=message)
    names = ", ".join(it["metadata"]["name"] for it in closing)
    missing = f"ipBlock {address}/{address.max_prefixlen}, {port.protocol} {port.first}"
    message = f"none of {names} opens {to}; what is missing is a rule with {missing}"
    return Explanation(allowed=False, policy="", rule=None, message=message)


def selects_peers_inside(policies: Iterable[Json], labels: Mapping[str, str]) -> bool:
    """Tell whether a rule for the pod opens what other pods or namespaces it selects.

    Args:
        policies: The policies of the pod's namespace, as read from the API server.
        labels: The pod's labels.
    """
    rules = [rule for it in _closing(policies, labels) for rule in it["spec"].get("egress") or ()]
    return any("ipBlock" not in peer for rule in rules for peer in rule.get("to") or ())


def matches(selector: Json | None, labels: Mapping[str, str]) -> bool:
    """Tell whether a label selector chooses what has these labels; the empty one chooses all."""
    selector = selector or {}
    wanted: Mapping[str, str] = selector.get("matchLabels") or {}
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _holds(it, labels) for it in selector.get("matchExpressions") or ()
    )


def _holds(requirement: Json, labels: Mapping[str, str]) -> bool:
    value = labels.get(requirement["key"])
    values: Sequence[str] = requirement.get("values") or ()
    operator: str = requirement["operator"]
    if operator == "In":
        return value in values
    if operator == "NotIn":
        return value not in values
    return (value is not None) == (operator == "Exists")


def _closing(policies: Iterable[Json], labels: Mapping[str, str]) -> list[Json]:
    """Return what lets the pod reach only what it opens, by name."""
    chosen = (it for it in policies if _is_about_egress(it) and _selects(it, labels))
    return sorted(chosen, key=lambda it: str(it["metadata"]["name"]))


def _is_about_egress(policy: Json) -> bool:
    """Without `policyTypes`, a policy is about egress if it has rules for it."""
    types = policy["spec"].get("policyTypes")
    return bool(_EGRESS in types if types else policy["spec"].get("egress"))


def _selects(policy: Json, labels: Mapping[str, str]) -> bool:
    return matches(policy["spec"].get("podSelector"), labels)


def _opens(rule: Json, address: Address, port: Port) -> bool:
    """A rule without peers is about every destination, one without ports about every port."""
    peers, entries = rule.get("to") or (), rule.get("ports") or ()
    return (not peers or any(_is_within(peer, address) for peer in peers)) and (
        not entries or any(_holds_port(entry, port) for entry in entries)
    )


def _is_within(peer: Json, address: Address) -> bool:
    block = peer.get("ipBlock")
    if not block or address not in ip_network(block["cidr"], strict=False):
        return False
    return not any(address in ip_network(it, strict=False) for it in block.get("except") or ())


def _holds_port(entry: Json, port: Port) -> bool:
    """A port by name is a name of a pod's container, which nothing outside the cluster has."""
    if entry.get("protocol", "TCP") != port.protocol:
        return False
    first = entry.get("port")
    if first is None:
        return True
    return isinstance(first, int) and first <= port.first <= (entry.get("endPort") or first)
