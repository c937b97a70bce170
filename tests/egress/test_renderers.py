"""What each renderer makes of a request, and what it refuses."""

import json
from ipaddress import ip_network

import pytest
from tests.egress.requests import CHAT, EVERYTHING, OWNER, request

from thegrid_operator.egress import (
    BACKENDS,
    Cluster,
    DnsAccess,
    DnsElsewhere,
    Limit,
    Port,
    Refusal,
    Request,
)

CACHE = ip_network("169.254.20.10/32")
ALL = sorted(BACKENDS)
NAMED = sorted(BACKENDS.keys() - {"Core"})


def rendered(backend, asked, cluster=EVERYTHING):
    rendering = BACKENDS[backend](asked, cluster)
    assert not isinstance(rendering, Refusal), rendering
    return rendering


def spec_of(backend, asked, kind):
    return next(it["spec"] for it in rendered(backend, asked).objects if it["kind"] == kind)


REFUSED = {
    "a range of ports at GKE": ("GKE", request(ports=(Port(80, 90),)), "PortRangeNotSayable"),
    "a range of ports at OVN": ("OVN", request(ports=(Port(80, 90),)), "PortRangeNotSayable"),
    "SCTP at GKE": ("GKE", request(ports=(Port(80, protocol="SCTP"),)), "ProtocolNotSayable"),
    "chosen pods at OVN": ("OVN", request(pods=CHAT), "PodsNotSelectable"),
    "26 ports upstream": (
        "Upstream",
        request(ports=tuple(map(Port, range(1, 27)))),
        "TooManyPorts",
    ),
    "41 ports at Cilium": ("Cilium", request(ports=tuple(map(Port, range(1, 42)))), "TooManyPorts"),
    "more names than a policy holds upstream": (
        "Upstream",
        request(*(f"h{number}.example.com" for number in range(25**3 + 1))),
        "TooManyDomains",
    ),
    "DNS that Cilium does not see": ("Cilium", request(dns=DnsElsewhere()), "DnsNotSeen"),
    "names without any address": ("Core", request(addresses=()), "NothingResolved"),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_it_refuses(sentence):
    backend, asked, reason = REFUSED[sentence]
    refusal = BACKENDS[backend](asked, EVERYTHING)
    assert isinstance(refusal, Refusal)
    assert refusal.reason == reason
    assert refusal.message
    assert "\n" not in refusal.message


@pytest.mark.parametrize("backend", ALL)
@pytest.mark.parametrize("dns", [None, DnsAccess(values=())])
def test_a_policy_that_would_cut_pods_off_from_dns_is_refused(backend, dns):
    assert BACKENDS[backend](request(dns=dns), EVERYTHING).reason == "DnsCutOff"


@pytest.mark.parametrize("backend", ALL)
def test_an_empty_list_is_refused(backend):
    nothing = Request(OWNER, {}, request().allowed.__class__((), ()))
    assert BACKENDS[backend](nothing, EVERYTHING).reason == "NothingAllowed"


def test_the_whole_cluster_is_served_only_with_the_administrators_leave():
    assert (
        BACKENDS["Upstream"](request(), Cluster(upstream_domain_names=True)).reason == "NotAllotted"
    )
    assert BACKENDS["Upstream"](request(), Cluster(upstream_priority=1)).reason == "NoDomainNames"


@pytest.mark.parametrize("backend", sorted(BACKENDS.keys() - {"OVN"}))
def test_a_name_that_is_too_long_is_refused(backend):
    owner = OWNER.__class__("team", "n" * 253, "uid-1", 1, deleted=False, finalizers=())
    assert BACKENDS[backend](request(owner=owner), EVERYTHING).reason == "NameTooLong"


@pytest.mark.parametrize("ports", [{}, {"ports": ()}])
def test_no_ports_would_mean_every_port(ports):
    if ports:
        with pytest.raises(ValueError, match=r"^ports: "):
            request(**ports)
    else:
        assert request(**ports).ports == (Port(443),)


@pytest.mark.parametrize("limits", [(0, None), (65536, None), (5, 5), (5, 4), (5, 65536)])
def test_a_port_that_is_none_is_refused(limits):
    with pytest.raises(ValueError, match=r"^ports: "):
        Port(*limits)


@pytest.mark.parametrize("backend", ALL)
def test_the_same_request_has_the_same_text_in_whatever_order_it_came(backend):
    ports = (Port(8443), Port(443), Port(443, protocol="UDP"), Port(443))
    domains = ("b.example.com", "a.example.com", "c.example.net")
    first = rendered(backend, request(*domains, ports=ports))
    second = rendered(backend, request(*domains[::-1], ports=ports[::-1]))
    assert json.dumps(first.objects) == json.dumps(second.objects)


@pytest.mark.parametrize("backend", ALL)
def test_every_object_tells_whose_it_is(backend):
    for it in rendered(backend, request()).objects:
        assert it["metadata"]["annotations"]["thegrid.ai/owner-uid"] == OWNER.uid
        assert it["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "thegrid-operator"}


def test_objects_of_the_whole_cluster_have_names_that_never_meet():
    owners = [("a-b", "c"), ("a", "b-c"), ("a", "b.c"), ("b", "c")]
    names = set()
    for namespace, name in owners:
        owner = OWNER.__class__(namespace, name, "", 1, deleted=False, finalizers=())
        names.add(rendered("Upstream", request(owner=owner)).objects[0]["metadata"]["name"])
    assert len(names) == len(owners)


@pytest.mark.parametrize("backend", NAMED)
def test_what_the_data_plane_resolves_is_said_not_to_be_judged(backend):
    assert Limit.ADDRESSES_UNJUDGED in rendered(backend, request()).limits


def test_the_core_policy_judges_addresses_and_has_no_limit():
    assert rendered("Core", request()).limits == ()
    assert rendered("Core", request(dns=DnsElsewhere())).limits == (Limit.DNS_ELSEWHERE,)


def test_pods_may_ask_the_clusters_dns_over_udp_and_tcp():
    egress = spec_of("Core", request(dns=DnsAccess(networks=(CACHE,))), "NetworkPolicy")["egress"]
    assert egress[1] == {
        "to": [
            {"ipBlock": {"cidr": "169.254.20.10/32"}},
            {
                "namespaceSelector": {
                    "matchLabels": {"kubernetes.io/metadata.name": "kube-system"}
                },
                "podSelector": {
                    "matchExpressions": [
                        {"key": "k8s-app", "operator": "In", "values": ["coredns", "kube-dns"]}
                    ]
                },
            },
        ],
        "ports": [{"protocol": "TCP", "port": 53}, {"protocol": "UDP", "port": 53}],
    }


def test_cilium_sees_what_pods_ask_and_keeps_addresses_apart():
    asked = request(pods=CHAT, dns=DnsAccess(networks=(CACHE,)))
    spec = spec_of("Cilium", asked, "CiliumNetworkPolicy")
    assert spec["endpointSelector"] == {"matchLabels": {"k8s:app": "chat"}}
    names, pods, cache = spec["egress"]
    assert names["toFQDNs"] == [{"matchName": "a.example.com"}]
    assert names["toPorts"] == [{"ports": [{"port": "443", "protocol": "TCP"}]}]
    for rule in (pods, cache):
        (through,) = rule["toPorts"]
        assert {it["protocol"] for it in through["ports"]} == {"TCP", "UDP"}
        assert through["rules"] == {"dns": [{"matchPattern": "*"}]}
    assert cache["toCIDR"] == ["169.254.20.10/32"]


@pytest.mark.parametrize("backend", ["Upstream", "GKE"])
def test_beside_a_kind_that_denies_nothing_a_network_policy_closes_the_rest(backend):
    objects = rendered(backend, request(pods=CHAT, dns=DnsElsewhere())).objects
    assert [it["kind"] for it in objects][-1] == "NetworkPolicy"
    spec = objects[-1]["spec"]
    assert spec == {"podSelector": CHAT, "policyTypes": ["Egress"], "egress": []}


def test_upstream_names_are_accepted_by_the_administrators_tier_in_parts():
    names = [f"h{number:03}.example.com" for number in range(700)]
    spec = spec_of("Upstream", request(*names, pods=CHAT), "ClusterNetworkPolicy")
    assert (spec["tier"], spec["priority"]) == ("Admin", 500)
    assert spec["subject"]["pods"] == {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "team"}},
        "podSelector": CHAT,
    }
    assert [len(rule["to"]) for rule in spec["egress"]] == [25, 3]
    found = [it for rule in spec["egress"] for peer in rule["to"] for it in peer["domainNames"]]
    assert found == names


def test_the_last_rules_of_a_firewall_deny_both_families():
    egress = spec_of("OVN", request(dns=DnsAccess(networks=(CACHE,))), "EgressFirewall")["egress"]
    assert [it["type"] for it in egress] == ["Allow", "Allow", "Deny", "Deny"]
    assert [it["to"] for it in egress[1:]] == [
        {"cidrSelector": "169.254.20.10/32"},
        {"cidrSelector": "0.0.0.0/0"},
        {"cidrSelector": "::/0"},
    ]
