"""A lease that is too short for a slow API server is told, with what to do."""

from __future__ import annotations

import json
import threading

import pytest
from tests.operator.test_lease import NAME, NAMESPACE, Store, Time

from thegrid_operator.lease import Lease
from thegrid_operator.lease_length import too_short


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def clock():
    return Time()


class Rounds(threading.Event):
    """Lets time pass in place of waiting, and stops after some rounds."""

    def __init__(self, clock, count):
        super().__init__()
        self.clock, self.left = clock, count

    def wait(self, timeout=None):
        self.clock.now += timeout
        self.left -= 1
        if self.left == 0:
            self.set()


class SlowLine:
    """An API server that takes its time for each answer."""

    def __init__(self, store, clock, seconds):
        self.store, self.clock, self.seconds = store, clock, seconds

    def __getattr__(self, request):
        def send(*arguments):
            answer = getattr(self.store, request)(*arguments)
            self.clock.now += self.seconds
            return answer

        return send


def told_by(capfd, reason):
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    return [line["message"] for line in lines if line["reason"] == reason]


def lead(store, clock, *, answer_seconds, rounds):
    line = SlowLine(store, clock, answer_seconds)
    lease = Lease(line, NAMESPACE, NAME, holder="first", seconds=15.0, clock=clock)
    lease.run(Rounds(clock, rounds))
    return lease


def test_an_api_server_too_slow_for_the_lease_is_told_with_what_to_do(store, clock, capfd):
    lease = lead(store, clock, answer_seconds=10.0, rounds=1)

    assert not lease.held()
    (message,) = told_by(capfd, "LeaseTooShort")
    assert "the lease of 15 s took 20.0 s" in message
    assert "raise --lease-seconds above 80" in message


def test_that_is_told_at_most_once_a_minute(store, clock, capfd):
    lead(store, clock, answer_seconds=10.0, rounds=8)

    assert clock.now == 8 * 23.75
    assert len(told_by(capfd, "LeaseTooShort")) == 3


def test_who_waits_for_another_that_leads_tells_it_too(store, clock, capfd):
    Lease(store, NAMESPACE, NAME, holder="another", seconds=15.0, clock=clock).try_once()
    lead(store, clock, answer_seconds=5.0, rounds=1)

    assert len(told_by(capfd, "LeaseTooShort")) == 1


def test_a_lead_without_gaps_tells_nothing_of_its_length(store, clock, capfd):
    lease = lead(store, clock, answer_seconds=1.8, rounds=20)

    assert lease.term == 1
    assert told_by(capfd, "LeaseTooShort") == []


@pytest.mark.parametrize(("took", "told"), [(0.1, False), (3.75, False), (3.76, True)])
def test_a_quarter_of_the_lease_is_what_an_answer_may_take(took, told):
    assert bool(too_short(15.0, took)) is told
