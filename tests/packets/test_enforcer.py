"""The enforcer lets through exactly what an independent reading of the policies says."""

import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.packets.enforcer import Enforcer, ruleset
from tests.packets.listeners import Listeners
from tests.packets.oracle import Oracle
from tests.packets.questions import Question, all_questions, reached

PORTS = (53, 443, 8443)
NAMESPACES = [
    {"metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}}}
    for name in ("apps", "kube-system")
]


def pod(name, namespace, labels, *addresses):
    return {
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "status": {"podIPs": [{"ip": it} for it in addresses]},
    }


PODS = [
    pod("chat", "apps", {"app": "chat", "tier": "front"}, "10.244.0.11", "fd00::11"),
    pod("batch", "apps", {"app": "batch"}, "10.244.0.12", "fd00::12"),
    pod("dns", "kube-system", {"k8s-app": "kube-dns"}, "10.244.0.10", "fd00::10"),
    {"metadata": {"name": "unborn", "namespace": "apps", "labels": {"app": "chat"}}},
]
CALLERS = ("chat", "batch")
WORLD = ("8.8.8.8", "8.8.8.9", "8.9.0.1", "2606:4700::1", "2606:4700::2:1")
INSIDE = ("10.244.0.10", "fd00::10")


@pytest.fixture(scope="module")
def hosts(net):
    listeners = Listeners()
    for it in PODS[:3]:
        addresses = [each["ip"] for each in it["status"]["podIPs"]]
        net.add(it["metadata"]["name"], *addresses)
    net.add("world", also=["8.0.0.0/8", "2606:4700::/32"])
    for host in ("world", "dns", "batch"):
        listeners.answer(net, host, PORTS)
    yield net
    listeners.close()


@pytest.fixture(scope="module")
def enforcer(hosts):
    return Enforcer(hosts)


def policy(name, selector, *rules, namespace="apps", types=("Egress",)):
    spec = {"podSelector": selector, "egress": list(rules)}
    if types is not None:
        spec["policyTypes"] = list(types)
    return {"metadata": {"name": name, "namespace": namespace}, "spec": spec}


def blocks(*networks, **more):
    return [{"ipBlock": {"cidr": it, **more}} for it in networks]


def expected(policies, questions):
    oracle = Oracle(policies, PODS, NAMESPACES)
    named = {it["metadata"]["name"]: it for it in PODS}
    return {
        it for it in questions if oracle.may_pass(named[it.pod], it.address, it.port, it.protocol)
    }


CHAT = {"matchLabels": {"app": "chat"}}
HTTPS = [{"protocol": "TCP", "port": 443}]
DNS = {
    "to": [
        {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
            "podSelector": {
                "matchExpressions": [
                    {"key": "k8s-app", "operator": "In", "values": ["coredns", "kube-dns"]}
                ]
            },
        }
    ],
    "ports": [{"protocol": it, "port": 53} for it in ("TCP", "UDP")],
}
TABLE = {
    "no policy at all": [],
    "a policy without rules": [policy("a", CHAT)],
    "one address and port": [policy("a", CHAT, {"to": blocks("8.8.8.8/32"), "ports": HTTPS})],
    "an address of IPv6": [policy("a", CHAT, {"to": blocks("2606:4700::1/128"), "ports": HTTPS})],
    "networks that overlap": [policy("a", {}, {"to": blocks("8.8.0.0/16", "8.8.8.0/24")})],
    "a network with a hole": [
        policy("a", {}, {"to": blocks("8.0.0.0/8", **{"except": ["8.8.8.8/31"]})})
    ],
    "a range of ports": [policy("a", CHAT, {"ports": [{"port": 400, "endPort": 9000}]})],
    "a protocol without a port": [policy("a", CHAT, {"ports": [{"protocol": "UDP"}]})],
    "a rule without anything": [policy("a", CHAT, {})],
    "name servers alone": [policy("a", CHAT, DNS)],
    "two policies add up": [
        policy("a", CHAT, {"to": blocks("8.8.8.8/32"), "ports": HTTPS}),
        policy("b", {}, {"to": blocks("8.8.8.9/32"), "ports": HTTPS}, DNS),
    ],
    "another namespace's policy": [policy("a", {}, namespace="kube-system")],
    "a policy about what comes in": [policy("a", {}, types=("Ingress",))],
    "pods of the same namespace": [policy("a", CHAT, {"to": [{"podSelector": {}}]})],
}


@pytest.mark.parametrize("case", TABLE)
def test_what_passes_is_what_the_policies_say(case, hosts, enforcer):
    policies = TABLE[case]
    questions = all_questions(CALLERS, (*WORLD, *INSIDE), PORTS)
    enforcer.program(policies, PODS, NAMESPACES)
    assert reached(hosts, enforcer, questions) == expected(policies, questions)


NETWORKS = ["0.0.0.0/0", "8.8.0.0/16", "8.8.8.8/32", "8.8.8.8/31", "8.8.8.9/32", "10.244.0.0/24"]
NETWORKS += ["::/0", "2606:4700::/112", "2606:4700::1/128", "fd00::10/128"]
SELECTORS = st.sampled_from(
    [
        {},
        CHAT,
        {"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]},
        {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["chat"]}]},
        {"matchExpressions": [{"key": "k8s-app", "operator": "Exists"}]},
    ]
)
HOLED = blocks("0.0.0.0/0", **{"except": ["8.8.0.0/16"]})
BLOCKS = st.sampled_from(blocks(*NETWORKS) + HOLED)
PEERS = BLOCKS | st.builds(dict, podSelector=SELECTORS)
PEERS |= st.builds(dict, namespaceSelector=st.just({}), podSelector=SELECTORS)
ENTRIES = st.sampled_from(
    [
        {"port": 443},
        {"protocol": "UDP", "port": 53},
        {"protocol": "TCP"},
        {"protocol": "UDP", "port": 443, "endPort": 8443},
    ]
)
RULES = st.fixed_dictionaries(
    {}, optional={"to": st.lists(PEERS, max_size=3), "ports": st.lists(ENTRIES, max_size=2)}
)
POLICIES = st.lists(
    st.builds(
        lambda selector, rules: policy("a", selector, *rules),
        SELECTORS,
        st.lists(RULES, max_size=3),
    ),
    max_size=2,
)
SOME = all_questions(CALLERS, (WORLD[0], WORLD[1], WORLD[3], *INSIDE), (53, 443))


@settings(max_examples=40, deadline=None)
@given(policies=POLICIES)
def test_any_policies_are_enforced_as_they_read(policies, hosts, enforcer):
    enforcer.program(policies, PODS, NAMESPACES)
    assert reached(hosts, enforcer, SOME) == expected(policies, SOME)


def test_what_was_open_closes_for_a_connection_that_has_begun(hosts, enforcer):
    open_one = [policy("a", CHAT, {"to": blocks("8.8.8.8/32")})]
    question = Question("chat", "8.8.8.8", 443, "UDP")
    enforcer.program(open_one, PODS, NAMESPACES)
    with hosts.at("chat", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as made:
        made.settimeout(10.0)
        made.connect((question.address, question.port))
        made.send(b"one")
        assert made.recv(10) == b"one"
        enforcer.program([policy("a", CHAT)], PODS, NAMESPACES)
        before = enforcer.refused()
        made.send(b"two")
        assert enforcer.refused() == before + 1


def test_whoever_is_called_may_answer(hosts, enforcer):
    """The pod `batch` may begin nothing, but it answers."""
    enforcer.program([policy("a", {"matchLabels": {"app": "batch"}})], PODS, NAMESPACES)
    inward = Question("chat", "10.244.0.12", 443, "TCP")
    outward = Question("batch", "8.8.8.8", 443, "TCP")
    assert reached(hosts, enforcer, [inward, outward]) == {inward}


@pytest.mark.parametrize(
    "rule",
    [{"to": [{"fqdn": "a.example.com"}]}, {"to": [{}]}, {"ports": [{"port": "https"}]}],
)
def test_what_is_not_understood_is_refused(rule):
    with pytest.raises(ValueError, match="not understood"):
        ruleset([policy("a", CHAT, rule)], PODS, NAMESPACES)
