"""How deep a wildcard reaches, backend by backend; and that nothing is ever widened."""

from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.egress.readings import BY_NAME, core
from tests.egress.requests import CHAT, EVERYTHING, request

from thegrid.core.egress import Depth, Domain
from thegrid_operator.egress import BACKENDS, Cluster, Port, Refusal, Rendered

ONE, DEEP = "*.example.com", "**.example.com"
HOSTS = ["a.example.com", "a.b.example.com", "example.com", "aexample.com", "a.example.com.net"]
MEANT = {
    ONE: {"a.example.com"},
    DEEP: {"a.example.com", "a.b.example.com"},
    "a.example.com": {"a.example.com"},
}

# Which of the two each backend can say where the cluster offers all that its release may have.
DEPTHS = {
    "Core": set(),
    "Cilium": {ONE, DEEP},
    "Upstream": {DEEP},
    "GKE": {ONE},
    "EKS": {DEEP},
    "OVN": {ONE},
}

# And where it offers the least with which the backend can be used.
LEAST = Cluster(upstream_domain_names=True, upstream_priority=0)
DEPTHS_AT_LEAST = {**DEPTHS, "Cilium": {ONE}, "OVN": set()}


def test_every_backend_has_a_row():
    assert DEPTHS.keys() == BACKENDS.keys() == {"Core", *BY_NAME}


@pytest.mark.parametrize("pattern", MEANT)
@pytest.mark.parametrize("backend", BY_NAME)
def test_a_domain_reaches_what_it_stands_for_or_is_refused(backend, pattern):
    for cluster, depths in ((EVERYTHING, DEPTHS), (LEAST, DEPTHS_AT_LEAST)):
        rendering = BACKENDS[backend](request(pattern), cluster)
        if "*" in pattern and pattern not in depths[backend]:
            assert isinstance(rendering, Refusal)
            assert rendering.reason == "WildcardNotSayable"
            assert f"`{pattern}`" in rendering.message
        else:
            reads = BY_NAME[backend]
            reached = {it for it in HOSTS if reads(rendering.objects, it, 443, "TCP")}
            assert reached == MEANT[pattern]


@pytest.mark.parametrize("pattern", [ONE, DEEP])
def test_a_backend_of_addresses_refuses_every_wildcard(pattern):
    assert (
        BACKENDS["Core"](request("a.example.com", pattern), EVERYTHING).reason
        == "WildcardNotSayable"
    )


LABELS = st.sampled_from(["a", "b", "www", "x-y"])
BASES = st.sampled_from(["example.com", "a.example.com", "example.net", "xample.com"])
DOMAINS = st.builds(Domain, BASES, st.sampled_from(Depth)).map(str)
HOST_NAMES = st.builds(
    lambda labels, base: ".".join([*labels, base]), st.lists(LABELS, max_size=3), BASES
)
PROTOCOLS = st.sampled_from(["TCP", "UDP", "SCTP"])
PORTS = st.one_of(
    st.builds(Port, st.integers(1, 10), st.none(), PROTOCOLS),
    st.builds(Port, st.integers(1, 5), st.integers(6, 10), PROTOCOLS),
)
CLUSTERS = st.builds(
    Cluster, st.booleans(), st.booleans(), st.sampled_from([None, 0, 1000]), st.booleans()
)


@settings(max_examples=150, deadline=None)
@given(
    backend=st.sampled_from(sorted(BY_NAME)),
    domains=st.lists(DOMAINS, min_size=1, max_size=4, unique=True),
    ports=st.lists(PORTS, min_size=1, max_size=3),
    pods=st.sampled_from([{}, CHAT]),
    cluster=CLUSTERS,
    host=HOST_NAMES,
    port=st.integers(1, 11),
    protocol=PROTOCOLS,
)
def test_what_is_rendered_opens_what_was_asked_and_nothing_else(
    backend, domains, ports, pods, cluster, host, port, protocol
):
    rendering = BACKENDS[backend](request(*domains, ports=tuple(ports), pods=pods), cluster)
    if isinstance(rendering, Rendered):
        asked = any(Domain.parse(it).covers(host) for it in domains) and any(
            it.protocol == protocol and it.first <= port <= (it.last or it.first) for it in ports
        )
        assert BY_NAME[backend](rendering.objects, host, port, protocol) is asked


ADDRESSES = [f"8.8.8.{number}" for number in range(6)] + ["2606:4700::1", "2606:4700::2"]


@settings(max_examples=80, deadline=None)
@given(
    addresses=st.sets(st.sampled_from(ADDRESSES), min_size=1),
    ports=st.lists(PORTS, min_size=1, max_size=3),
    address=st.sampled_from(ADDRESSES),
    port=st.integers(1, 11),
    protocol=PROTOCOLS,
)
def test_what_is_rendered_as_addresses_opens_those_and_nothing_else(
    addresses, ports, address, port, protocol
):
    asked = request(addresses=addresses, ports=tuple(ports))
    rendering = BACKENDS["Core"](asked, Cluster())
    meant = address in addresses and any(
        it.protocol == protocol and it.first <= port <= (it.last or it.first) for it in ports
    )
    assert core(rendering.objects, ip_address(address), port, protocol) is meant


@pytest.mark.parametrize("backend", ["Cilium", "EKS", "Upstream"])
def test_a_range_of_ports_ends_where_it_ends(backend):
    asked = request("a.example.com", ports=(Port(8000, 8100),))
    objects = BACKENDS[backend](asked, EVERYTHING).objects
    numbers = [7999, 8000, 8050, 8100, 8101]
    opened = [it for it in numbers if BY_NAME[backend](objects, "a.example.com", it, "TCP")]
    assert opened == [8000, 8050, 8100]
