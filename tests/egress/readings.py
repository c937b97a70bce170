"""What rendered objects mean, read back as each vendor documents its kind.

Nothing here looks at a renderer: a reading takes objects as a cluster would and says whether a host
can be reached on a port. Names and patterns only; what a name resolves to is left out.
"""

import re

_LABEL = "[-a-z0-9_]"


def _spec(objects, kind):
    found = [it["spec"] for it in objects if it["kind"] == kind]
    assert len(found) == 1, kind
    return found[0]


def _range_holds(entry, port, protocol, first="port", last="endPort"):
    number = int(entry[first])
    return entry["protocol"] == protocol and number <= port <= int(entry.get(last, number))


def one_or_more_labels(name, host):
    """`*.` at the front is one label or more: the upstream API, and Amazon's."""
    if name.startswith("*."):
        return re.fullmatch(rf"(?:{_LABEL}+\.)+{re.escape(name[2:])}", host) is not None
    return name == host


def one_label(name, host):
    """`*` is any run of signs within one label: Google's, and OVN's."""
    return re.fullmatch(re.escape(name).replace(r"\*", f"{_LABEL}+"), host) is not None


def cilium_pattern(pattern, host):
    """`*` stays between dots; a leading `**.` spans them; `*` alone is every name."""
    if pattern == "*":
        return True
    head = ""
    if pattern.startswith("**."):
        head, pattern = rf"(?:{_LABEL}+\.)+", pattern[3:]
    body = re.escape(pattern).replace(r"\*", f"{_LABEL}*")
    return re.fullmatch(head + body, host) is not None


def cilium(objects, host, port, protocol):
    for rule in _spec(objects, "CiliumNetworkPolicy")["egress"]:
        assert len({"toFQDNs", "toCIDR", "toEndpoints"} & rule.keys()) == 1, "one kind of peer"
        named = any(
            cilium_pattern(it["matchPattern"], host)
            if "matchPattern" in it
            else it["matchName"] == host
            for it in rule.get("toFQDNs", ())
        )
        entries = [entry for ports in rule["toPorts"] for entry in ports["ports"]]
        if named and any(_range_holds(it, port, protocol) for it in entries):
            return True
    return False


def upstream(objects, host, port, protocol):
    for rule in _spec(objects, "ClusterNetworkPolicy")["egress"]:
        named = any(
            one_or_more_labels(name, host) for peer in rule["to"] for name in peer["domainNames"]
        )
        if named and any(_protocol_holds(it, port, protocol) for it in rule["protocols"]):
            return rule["action"] == "Accept"
    return _core_names(objects)


def _protocol_holds(entry, port, protocol):
    ((name, found),) = entry.items()
    destination = found["destinationPort"]
    limits = destination.get("range") or {
        "start": destination["number"],
        "end": destination["number"],
    }
    return name.upper() == protocol and limits["start"] <= port <= limits["end"]


def gke(objects, host, port, protocol):
    for rule in _spec(objects, "FQDNNetworkPolicy")["egress"]:
        named = any(
            one_label(it["pattern"], host) if "pattern" in it else it["name"] == host
            for it in rule["matches"]
        )
        if named and any(_range_holds(it, port, protocol) for it in rule["ports"]):
            return True
    return _core_names(objects)


def eks(objects, host, port, protocol):
    for rule in _spec(objects, "ApplicationNetworkPolicy")["egress"]:
        assert rule["to"], "ports without peers open everything"
        named = any(
            one_or_more_labels(name, host)
            for peer in rule["to"]
            for name in peer.get("domainNames", ())
        )
        if named and any(_range_holds(it, port, protocol) for it in rule["ports"]):
            return True
    return False


def ovn(objects, host, port, protocol):
    for rule in _spec(objects, "EgressFirewall")["egress"]:
        to = rule["to"]
        meant = (
            one_label(to["dnsName"], host) if "dnsName" in to else to["cidrSelector"] == "0.0.0.0/0"
        )
        ports = rule.get("ports")
        if meant and (ports is None or any(_range_holds(it, port, protocol) for it in ports)):
            return rule["type"] == "Allow"
    return True


def _core_names(objects):
    """Beside a kind with names stands a NetworkPolicy that opens DNS and nothing else."""
    spec = _spec(objects, "NetworkPolicy")
    assert spec["policyTypes"] == ["Egress"]
    for rule in spec["egress"]:
        assert rule["to"], "ports without peers open everything"
        assert {entry["port"] for entry in rule["ports"]} == {53}
    return False


def core(objects, address, port, protocol):
    """As the others, for an address in place of a host."""
    for rule in _spec(objects, "NetworkPolicy")["egress"]:
        assert rule["to"], "ports without peers open everything"
        blocks = [it["ipBlock"]["cidr"] for it in rule["to"] if "ipBlock" in it]
        if f"{address}/{address.max_prefixlen}" in blocks and any(
            _range_holds(it, port, protocol) for it in rule["ports"]
        ):
            return True
    return False


BY_NAME = {"Cilium": cilium, "Upstream": upstream, "GKE": gke, "EKS": eks, "OVN": ovn}
