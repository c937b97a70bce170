"""What NetworkPolicies allow, read a second time: one question after the other, nothing compiled.

It shares no code with the enforcer that it is compared with, nor with what the operator explains.
Policies, pods and namespaces are as the API server gives them.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network


class Oracle:
    """Tells what may pass, from the whole state of a cluster."""

    def __init__(self, policies, pods, namespaces):
        self.policies, self.pods, self.namespaces = policies, pods, namespaces

    def may_pass(self, pod, address, port, protocol="TCP"):
        """Whether a pod may begin to talk to a port of an address."""
        isolated = False
        for policy in self.policies:
            if not self._applies(policy, pod):
                continue
            isolated = True
            for rule in policy["spec"].get("egress", []):
                if self._to(rule, policy, address) and self._on(rule, port, protocol):
                    return True
        return not isolated

    def _applies(self, policy, pod):
        spec = policy["spec"]
        if policy["metadata"]["namespace"] != pod["metadata"]["namespace"]:
            return False
        if "policyTypes" in spec and "Egress" not in spec["policyTypes"]:
            return False
        if "policyTypes" not in spec and "egress" not in spec:
            return False
        return self._selected(spec["podSelector"], pod["metadata"].get("labels", {}))

    def _to(self, rule, policy, address):
        peers = rule.get("to", [])
        return peers == [] or any(self._is_peer(it, policy, address) for it in peers)

    def _is_peer(self, peer, policy, address):
        if "ipBlock" in peer:
            inside = ip_address(address) in ip_network(peer["ipBlock"]["cidr"])
            holes = [ip_network(it) for it in peer["ipBlock"].get("except", [])]
            return inside and not any(ip_address(address) in hole for hole in holes)
        for pod in self.pods:
            told = [ip_address(it["ip"]) for it in pod.get("status", {}).get("podIPs", [])]
            if ip_address(address) not in told:
                continue
            home = pod["metadata"]["namespace"]
            if "namespaceSelector" in peer:
                labels = [
                    it["metadata"].get("labels", {})
                    for it in self.namespaces
                    if it["metadata"]["name"] == home
                ]
                right_home = any(self._selected(peer["namespaceSelector"], it) for it in labels)
            else:
                right_home = home == policy["metadata"]["namespace"]
            wanted = peer.get("podSelector", {})
            if right_home and self._selected(wanted, pod["metadata"].get("labels", {})):
                return True
        return False

    @staticmethod
    def _on(rule, port, protocol):
        entries = rule.get("ports", [])
        if entries == []:
            return True
        for entry in entries:
            if entry.get("protocol", "TCP") == protocol:
                low = entry.get("port", 1)
                high = entry.get("endPort", entry.get("port", 65535))
                if low <= port <= high:
                    return True
        return False

    @staticmethod
    def _selected(selector, labels):
        for key, value in selector.get("matchLabels", {}).items():
            if labels.get(key) != value:
                return False
        for it in selector.get("matchExpressions", []):
            key, operator = it["key"], it["operator"]
            if operator == "Exists" and key not in labels:
                return False
            if operator == "DoesNotExist" and key in labels:
                return False
            if operator == "In" and labels.get(key) not in it["values"]:
                return False
            if operator == "NotIn" and labels.get(key) in it["values"]:
                return False
        return True
