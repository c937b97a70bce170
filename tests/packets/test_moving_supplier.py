"""Inference from a locked-down pod while suppliers move, with real packets and the real operator.

See the README beside this file for what is promised and what is not.
"""

from contextlib import ExitStack

import pytest
from tests.operator.conftest import Cluster
from tests.packets.moved_operator import MovedOperator
from tests.packets.network import network
from tests.packets.streams import Stream
from tests.packets.town import API, API_ADDRESSES, OUTSIDE, PODS, TTL_SECONDS, Town

pytestmark = pytest.mark.engines

STEPS = 500  # two suppliers move at each: 1,000 changes of an address
KILLED_EVERY = 200
GRACE_SECONDS = 600
FOUR, SIX, REBOUND = "four.example.net", "six.example.net", "rebound.example.net"
KINDS = {FOUR: "A", SIX: "AAAA"}
EVIL = {
    "A": ["127.0.0.1", "169.254.169.254", "10.0.0.1", PODS["batch"][0]],
    "AAAA": ["::1", "fd00::10", "fe80::1", "::ffff:10.0.0.1", "64:ff9b::a00:1"],
}
GOOD = "8.255.0.1"


def address(host, step):
    """Where a supplier has moved to."""
    return f"8.{step // 250}.{step % 250}.1" if host == FOUR else f"2606:4700::{step + 1:x}"


def networks(addresses):
    return {f"{it}/{128 if ':' in it else 32}" for it in addresses}


@pytest.fixture
def stack():
    with ExitStack() as made:
        yield made


@pytest.fixture
def town(may_have_networks, cluster: Cluster, stack):
    net = stack.enter_context(network())
    made = Town(net, cluster.plane, cluster.namespace, cluster.market, KINDS, stack)
    made.names.turning |= set(KINDS)
    cluster.market.use_suppliers(*KINDS)
    for host in KINDS:
        publish(made, host, 0)
    return made


@pytest.fixture
def operator(town, cluster, chart, stack):
    chart(egress={"core": True})
    started = MovedOperator(cluster.plane, cluster.folder)
    stack.callback(started.stop)
    return started


def publish(town, host, step):
    """Move a supplier: its new address stands beside the one before, which it keeps for a while."""
    steps = [it for it in (step, step - 1) if it >= 0]
    town.move(host, **{KINDS[host]: [address(host, it) for it in steps]})
    town.edge.behind[address(host, step)] = town.market.gateway
    drained = step - 1 - GRACE_SECONDS // TTL_SECONDS
    if drained >= 0:
        del town.edge.behind[address(host, drained)]


def declare(cluster, town, *domains):
    cluster.apply(
        "SupplierEgress",
        "chat",
        {
            "podSelector": {"matchLabels": {"app": "chat"}},
            "essentialHosts": [API],
            "domains": list(domains),
            "resolvers": [{"address": "127.0.0.1", "port": town.names.port}],
            "grace": f"{GRACE_SECONDS}s",
        },
    )


def test_no_call_fails_while_suppliers_move_a_thousand_times(cluster, town, operator, eventually):
    town.move(REBOUND, A=[*EVIL["A"], GOOD], AAAA=EVIL["AAAA"])
    declare(cluster, town, *KINDS, REBOUND)
    eventually(town.enforce, "the first policy", operator.log)
    for outside in OUTSIDE:
        town.knock("chat", outside)
    caller = town.caller(cluster.folder)
    for step in range(1, STEPS + 1):
        for host in KINDS:
            publish(town, host, step)
        operator.advance(TTL_SECONDS)
        town.enforce()
        for host in KINDS:
            town.wait_until_called(address(host, step))
        if step % KILLED_EVERY == 0:
            operator.die_and_come_back()
    calls = ended(caller)
    assert [it for it in calls if it] == []
    assert len(calls) > 2 * STEPS
    given = [address(host, step) for host in KINDS for step in range(STEPS + 1)]
    assert town.seen == networks([*given, *API_ADDRESSES.values(), GOOD])
    assert town.edge.sent_away == []
    assert town.outsiders.visits() == []
    town.knock("batch", OUTSIDE[0])
    eventually(town.outsiders.visits, "a call of a pod that no policy is about")
    assert town.outsiders.visits() == [("outside", OUTSIDE[0], PODS["batch"][0])]
    assert '"Bug"' not in operator.log()


@pytest.mark.parametrize("host", KINDS)
def test_an_open_stream_outlives_its_address_by_the_grace_and_not_longer(
    host, cluster, town, operator, eventually
):
    declare(cluster, town, *KINDS)
    eventually(town.enforce, "the first policy", operator.log)
    old = address(host, 0)
    with Stream(town, "chat", host, old) as stream:
        publish(town, host, 1)
        operator.advance(TTL_SECONDS)
        town.enforce()
        town.move(host, **{KINDS[host]: [address(host, 1)]})
        for _ in range(GRACE_SECONDS // TTL_SECONDS):
            operator.advance(TTL_SECONDS)
            town.enforce()
            assert stream.is_answered()
        operator.advance(TTL_SECONDS / 2)
        town.enforce()
        assert stream.is_answered()
        operator.advance(TTL_SECONDS / 2)
        town.enforce()
        assert not stream.is_answered()
        assert town.edge.behind[old]  # it would answer: the policy alone is in the way
    with Stream(town, "chat", host, address(host, 1)) as another:
        assert another.is_answered()


def ended(caller):
    """Let a caller end, and return what it says of each call."""
    caller.stop(patience_seconds=30)
    assert caller.exit_code == 0, caller.log.read_text()[-500:]
    return caller.log.read_text().splitlines()
