"""How the outcome of a look becomes the next due time, and what of it is told."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from thegrid.client import InDoubt, Misuse, RateLimited, Refused, Unreachable
from thegrid_operator.cache import Name
from thegrid_operator.kube import Conflict, KubeRefused, KubeUnreachable
from thegrid_operator.lease import NotLeading
from thegrid_operator.loop import Loop
from thegrid_operator.queue import DueQueue

APP = Name("ConsumptionKey", "team-a", "app")
RANKS = {"new": 0, "last": 99}


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def queue(clock):
    return DueQueue(clock, rank=lambda name: RANKS.get(name.name, 1))


def look(queue, outcome, *, leading=True):
    """Let one worker look at the application's key, with an outcome to return or to raise."""
    looked = []

    def reconcile(name):
        looked.append(name)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    if len(queue) == 0:
        queue.look_now(APP)
    Loop(queue, {APP.kind: reconcile}, lambda: leading).look_at(queue.take())
    return looked


def is_due(queue):
    """Tell whether the key is due now; a key of the last rank is taken only if it is not."""
    queue.look_now(Name("", "", "last"))
    taken = queue.take()
    queue.forget(Name("", "", "last"))
    if taken != APP:
        return False
    queue.put_back(APP)
    return True


def waits(queue, clock):
    """Return in how many seconds the key is due, to a twentieth; it is not taken."""
    start = clock.now
    while not is_due(queue):
        clock.now += 0.05
        assert clock.now < start + 1000
    return round(clock.now - start, 2)


def refused(retry_after):
    return Refused("GET /api-keys", 503, retry_after=retry_after)


LIMITED = RateLimited("GET /api-keys", 429, retry_after=7.0)
FORBIDDEN = KubeRefused("GET /secrets/x", 403, "Forbidden", "no")

OUTCOMES = {
    "a look that went well comes back when it asked to": (timedelta(seconds=42), 42, None),
    "a conflict is looked at again soon": (Conflict("PATCH /x", 409, "Conflict", ""), 0.2, None),
    "a look that was fenced out is repeated soon": (NotLeading("x"), 0.2, "Fenced"),
    "the market refused and named no time": (refused(None), 0.5, "MarketProblem"),
    "the market refused and named a time": (refused(33.0), 33, "MarketProblem"),
    "the market limits the rate": (LIMITED, 7, "RateLimited"),
    "the market cannot be reached": (Unreachable("no answer"), 0.5, "MarketProblem"),
    "a mint is in doubt": (InDoubt("POST /x", "no answer", "a key"), 0.5, "MarketProblem"),
    "a request could not even be made": (Misuse("bad"), 0.5, "MarketProblem"),
    "the API server refused": (FORBIDDEN, 0.5, "KubernetesProblem"),
    "the API server cannot be reached": (KubeUnreachable("GET /x"), 0.5, "KubernetesProblem"),
    "a bug": (ZeroDivisionError("grid_sk_hidden"), 0.5, "Bug"),
}


@pytest.mark.parametrize("sentence", OUTCOMES)
def test_outcome(sentence, clock, queue, capfd):
    outcome, expected, reason = OUTCOMES[sentence]

    look(queue, outcome)

    told = [json.loads(line)["reason"] for line in capfd.readouterr().err.splitlines()]
    assert told == ([reason] if reason else [])
    assert waits(queue, clock) == pytest.approx(expected, abs=0.06)


def test_what_is_gone_is_not_looked_at_again(queue):
    look(queue, None)

    assert len(queue) == 0


def test_failures_in_a_row_wait_longer_and_longer(clock, queue):
    found = []
    for _ in range(4):
        look(queue, Unreachable("no answer"))
        found.append(waits(queue, clock))

    assert found == pytest.approx([0.5, 1, 2, 4], abs=0.06)


def test_the_text_of_an_unexpected_error_never_reaches_the_log(queue, capfd):
    look(queue, KeyError("grid_sk_hidden"))

    said = capfd.readouterr().err
    assert "hidden" not in said
    assert "KeyError in reconcile, line" in said, "its place is told"
    assert "ConsumptionKey team-a/app" in said


def test_a_replica_that_does_not_lead_looks_at_nothing_and_loses_nothing(queue):
    assert look(queue, timedelta(hours=1), leading=False) == []

    assert look(queue, timedelta(hours=1)) == [APP]


def test_what_was_never_in_order_still_goes_first_once_this_replica_leads(queue):
    new = Name("ConsumptionKey", "team-a", "new")
    queue.look_now(APP)
    queue.look_now(new)
    for _ in range(3):
        look(queue, None, leading=False)

    assert look(queue, None) == [new]


LIMITS = {"as told": (40.0, 40.0), "a quarter of an hour, though a day is told": (86400.0, 900.0)}


@pytest.mark.parametrize("sentence", LIMITS)
def test_a_spent_limit_is_waited_out(queue, clock, sentence):
    told, expected = LIMITS[sentence]
    look(queue, RateLimited("GET /api-keys", 429, retry_after=told))

    assert waits(queue, clock) == pytest.approx(expected, abs=0.1)


def test_a_limit_that_stays_spent_does_not_count_as_failures(queue, clock):
    for _ in range(12):
        look(queue, RateLimited("GET /api-keys", 429, retry_after=1.0))
        clock.now += 1.0

    look(queue, Unreachable("GET /api-keys: gone"))
    assert waits(queue, clock) == pytest.approx(0.5, abs=0.1)


def test_workers_end_when_the_queue_is_closed(queue):
    threads = Loop(queue, {}, lambda: True).run(3)

    queue.close()

    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
