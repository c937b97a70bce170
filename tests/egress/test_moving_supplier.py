"""A supplier that moves a thousand times: core, renderer and the rules of Kubernetes together.

A careful supplier publishes a new address beside the old one for one TTL. Clients try the addresses
of an answer in its order, so what matters is that one of them is open at every moment.
"""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from tests.egress.requests import CHAT, OWNER

from thegrid.core.egress import (
    Answer,
    Domain,
    Found,
    Memory,
    Outcome,
    Timing,
    WantedEgress,
    discover,
    plan_egress,
    record_of,
    restored,
)
from thegrid_operator.egress import BACKENDS, Cluster, Port, Request
from thegrid_operator.egress.explain import explain

SECOND = timedelta(seconds=1)
TTL, GRACE, MOVES_EVERY = 60 * SECOND, 610 * SECOND, 150 * SECOND
API, SUPPLIER = "api.example.com", "supplier.example.net"
WANTED = WantedEgress(
    domains=(Domain(SUPPLIER),), essential=(API,), timing=Timing(grace=GRACE, longest_ttl=2 * TTL)
)
HTTPS = Port(443)


def address(move, family):
    return ip_address(f"8.{move // 250}.{move % 250}.1" if family == 4 else f"2606:4700::{move:x}")


class World:
    """Time, what is published, and a policy that is kept up with it."""

    def __init__(self, family):
        self.family = family
        self.now = datetime(2026, 3, 1, tzinfo=UTC)
        self.move = 0
        self.moved_at = self.now
        self.memory, self.record, self.policies, self.due = Memory(), None, (), self.now
        self.writes = 0

    def published(self):
        """The newest address first, the one before beside it until its TTL has passed."""
        moves = [self.move]
        if self.move and self.now < self.moved_at + TTL:
            moves.append(self.move - 1)
        return [address(move, self.family) for move in moves]

    def answers(self):
        ttls = (int(TTL.total_seconds()),)
        yield Answer(API, "one", 4, Outcome.GAVE, (ip_address("9.9.9.9"),), ttls)
        told = tuple(self.published())
        yield Answer(SUPPLIER, "one", self.family, Outcome.GAVE, told, ttls)

    def look(self):
        memory = discover(WANTED, self.memory, Found(), self.now)
        plan = plan_egress(WANTED, memory, self.answers(), self.now)
        self.memory, self.due = plan.memory, plan.look_again_at
        self.record = record_of(plan.memory, WANTED.timing, self.now)
        rendered = BACKENDS["Core"](Request(OWNER, CHAT, plan.allowed), Cluster()).objects
        self.writes += rendered != self.policies
        self.policies = rendered

    def pass_time(self, until):
        while self.due <= until:
            self.now = self.due
            self.look()
        self.now = until

    def move_on(self):
        self.move += 1
        self.moved_at = self.now

    def is_open(self, where):
        return explain(self.policies, CHAT["matchLabels"], where, HTTPS).allowed

    def call(self):
        return any(self.is_open(where) for where in self.published())


@pytest.mark.parametrize(("family", "moves"), [(4, 1000), (6, 100)])
def test_calls_go_through_many_moves(family, moves):
    world = World(family)
    world.look()
    failed = 0
    for move in range(moves):
        world.move_on()
        failed += not world.call()
        for _ in range(3):
            world.pass_time(world.now + MOVES_EVERY / 3)
            failed += not world.call()
        if move % 50 == 25:  # the operator is killed, and knows only what its record says
            world.memory = restored(world.record, WANTED.timing, world.now)
    assert failed == 0
    assert not world.is_open(ip_address("8.8.8.8"))
    assert not world.is_open(address(moves - 10, family))


def test_an_open_stream_outlives_its_address_by_ttl_and_grace_and_not_longer():
    world = World(4)
    world.look()
    old = address(0, 4)
    world.pass_time(world.now + MOVES_EVERY)
    world.move_on()
    given_until = world.now + TTL - SECOND  # it is published beside the new one for one TTL
    world.pass_time(given_until)
    end = world.memory.fresh_until[SUPPLIER, old] + GRACE
    while world.now < end - SECOND:
        world.pass_time(world.now + SECOND)
        assert world.is_open(old), world.now
    world.pass_time(end)
    assert not world.is_open(old)


def test_a_supplier_that_stays_causes_one_write_in_a_day():
    world = World(4)
    world.look()
    world.pass_time(world.now + timedelta(days=1))
    assert world.writes == 1
