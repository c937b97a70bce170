"""At most one replica works, whatever clocks, stalls and the network do."""

from __future__ import annotations

import copy
import json
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thegrid_operator.kube import Conflict, KubeUnreachable
from thegrid_operator.lease import Lease, NotLeading

NAMESPACE, NAME = "thegrid-system", "thegrid-operator"


class Store:
    """What an API server does for a Lease: versions, and refusals of writes that come too late."""

    def __init__(self):
        self.lease = None
        self.version = 0
        self.reachable = True

    def _answer(self):
        if not self.reachable:
            raise KubeUnreachable("no answer")
        return copy.deepcopy(self.lease)

    def _write(self, body):
        self.version += 1
        self.lease = copy.deepcopy(body)
        self.lease["metadata"] |= {"resourceVersion": str(self.version), "uid": "lease-1"}
        return self._answer()

    def get(self, kind, namespace, name):
        return self._answer()

    def create(self, kind, namespace, body):
        if self._answer() is not None:
            raise Conflict("POST", 409, "AlreadyExists", "")
        return self._write(body)

    def replace(self, kind, body):
        held = self._answer()
        if held is None or body["metadata"]["resourceVersion"] != str(self.version):
            raise Conflict("PUT", 409, "Conflict", "")
        return self._write(body)


class Clock:
    """A replica's monotonic clock: begun at its own time, a little fast or slow."""

    def __init__(self, world, *, begun=0.0, rate=1.0):
        self.world, self.begun, self.rate = world, begun, rate

    def __call__(self):
        return self.begun + self.world.now * self.rate


class World:
    """Replicas before one store. While one of them waits for an answer, the others go on."""

    def __init__(self, data):
        self.now = 0.0
        self.store = Store()
        self.draw = data.draw
        self.asleep = set()
        self.replicas = []

    def add(self, length):
        number = len(self.replicas)
        begun = self.draw(st.sampled_from([0.0, 5.0, 1e6]))
        rate = self.draw(st.sampled_from([0.95, 1.0, 1.05]))
        clock = Clock(self, begun=begun, rate=rate)
        line = Line(self, number)
        self.replicas.append(
            Lease(line, NAMESPACE, NAME, holder=f"replica-{number}", seconds=length, clock=clock)
        )

    def something_happens(self):
        """Time passes, or a replica that is not waiting for an answer acts."""
        awake = [n for n in range(len(self.replicas)) if n not in self.asleep]
        what = self.draw(st.sampled_from(["time", "time", *awake, *awake]))
        if what == "time":
            self.now += self.draw(st.sampled_from([0.01, 0.3, 0.5, 1.0, 3.0, 20.0]))
            return
        replica = self.replicas[what]
        release = replica.held() and self.draw(st.integers(0, 5)) == 0
        self.asleep.add(what)
        try:
            if release:
                replica.release()
            else:
                replica.try_once()
        except (Conflict, KubeUnreachable):
            pass
        finally:
            self.asleep.discard(what)
        leading = [n for n, each in enumerate(self.replicas) if each.held()]
        assert len(leading) <= 1, f"replicas {leading} lead at {self.now}"


class Line:
    """A replica's way to the store: slow, and sometimes cut before or after the request."""

    def __init__(self, world, number):
        self.world, self.number = world, number

    def __getattr__(self, request):
        def send(*arguments):
            cut = self.world.draw(st.sampled_from(["no", "no", "no", "no", "before", "after"]))
            if cut == "before":
                raise KubeUnreachable("cut before")
            self.wait()
            answer = getattr(self.world.store, request)(*arguments)
            self.wait()
            if cut == "after":
                raise KubeUnreachable("cut after")
            return answer

        return send

    def wait(self):
        for _ in range(self.world.draw(st.sampled_from([0, 0, 1, 2]))):
            self.world.something_happens()


@settings(max_examples=80, deadline=None)
@given(st.data(), st.lists(st.sampled_from([1.0, 1.4, 2.0]), min_size=2, max_size=3))
def test_never_do_two_replicas_lead_at_one_time(data, lengths):
    world = World(data)
    for length in lengths:
        world.add(length)

    for _ in range(12):
        world.something_happens()


class Time:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def clock():
    return Time()


@pytest.fixture
def replica(store, clock):
    def make(holder, seconds=10.0):
        return Lease(store, NAMESPACE, NAME, holder=holder, seconds=seconds, clock=clock)

    return make


def test_the_first_to_come_leads_and_the_other_waits(replica):
    first, second = replica("first"), replica("second")
    first.try_once()
    second.try_once()

    assert (first.held(), second.held()) == (True, False)
    first.fence()
    with pytest.raises(NotLeading):
        second.fence()


def test_renewals_keep_the_lease_and_change_no_more_than_their_time(replica, clock, store):
    first, second = replica("first"), replica("second")
    first.try_once()
    before = store.lease["spec"]
    for _ in range(10):
        clock.now += 5
        first.try_once()
        second.try_once()
        assert (first.held(), second.held()) == (True, False)

    after = store.lease["spec"]
    assert {name for name in after if after[name] != before[name]} == {"renewTime"}


def test_a_leader_stops_before_another_may_start(replica, clock):
    first, second = replica("first"), replica("second")
    first.try_once()
    second.try_once()

    clock.now = 8.0
    assert not first.held()
    second.try_once()
    assert not second.held()
    clock.now = 10.0
    second.try_once()
    assert second.held()


def test_the_time_that_an_answer_takes_is_lost_to_the_holder(replica, clock, store):
    write = store._write

    def slowly(body):
        clock.now += 9.0
        return write(body)

    store._write = slowly
    first = replica("first")
    first.try_once()

    assert not first.held(), "eight seconds counted from before the request"


def test_a_dead_holder_is_timed_from_when_it_was_first_seen(replica, clock):
    replica("dead").try_once()
    clock.now = 1000.0
    second = replica("second")
    second.try_once()
    assert not second.held(), "it may have been renewed a moment ago"

    clock.now = 1009.9
    second.try_once()
    assert not second.held()
    clock.now = 1010.0
    second.try_once()
    assert second.held()


def test_the_wall_clock_in_the_lease_counts_for_nothing(replica, clock, store):
    replica("dead").try_once()
    store.lease["spec"]["renewTime"] = "1970-01-01T00:00:00.000000Z"
    second = replica("second")
    second.try_once()

    assert not second.held()


def test_another_holders_own_length_is_what_is_waited_for(replica, clock):
    replica("patient", seconds=60.0).try_once()
    second = replica("second", seconds=10.0)
    second.try_once()
    clock.now = 59.0
    second.try_once()
    assert not second.held()

    clock.now = 60.0
    second.try_once()
    assert second.held()


def test_a_released_lease_is_taken_at_once(replica):
    first, second = replica("first"), replica("second")
    first.try_once()
    second.try_once()
    first.release()
    second.try_once()

    assert (first.held(), second.held()) == (False, True)


def test_who_follows_a_holder_that_did_not_release_it_knows_since_when(replica, clock):
    first, second = replica("first"), replica("second")
    first.try_once()
    first.release()
    second.try_once()
    assert second.took_over_at is None, "the first has ended in good order"

    first.try_once()
    clock.now = 10.0
    first.try_once()
    assert (first.held(), first.took_over_at) == (True, 10.0)
    clock.now = 14.0
    first.try_once()
    assert first.took_over_at == 10.0, "since the first renewal of its term"


def test_a_late_release_does_not_take_the_lease_from_a_successor(replica, clock, store):
    first, second = replica("first"), replica("second")
    first.try_once()
    second.try_once()
    clock.now = 11.0
    second.try_once()
    clock.now = 7.0  # as if the first one's clock had stood still
    assert first.held()
    first.release()

    assert store.lease["spec"]["holderIdentity"] == "second"


def test_a_leader_without_answers_stops_by_itself(replica, clock, store):
    first = replica("first")
    first.try_once()
    store.reachable = False
    clock.now = 7.9
    with pytest.raises(KubeUnreachable):
        first.try_once()
    assert first.held()
    clock.now = 8.0
    assert not first.held()

    store.reachable = True
    first.try_once()
    assert first.held(), "it goes on once there are answers"


def test_a_lease_that_somebody_emptied_is_simply_taken(replica, store):
    store.lease = {"metadata": {"name": NAME, "namespace": NAMESPACE, "resourceVersion": "0"}}
    first = replica("first")
    first.try_once()

    assert first.held()


def test_what_is_written_is_never_shorter_than_what_the_holder_counts_on(replica, store):
    replica("first", seconds=1.4).try_once()

    assert store.lease["spec"]["leaseDurationSeconds"] == 2, "the field holds whole seconds"


def test_gaining_and_losing_the_lease_are_told(store, capfd):
    lease = Lease(store, NAMESPACE, NAME, holder="first", seconds=0.2)
    stop = threading.Event()
    thread = threading.Thread(target=lease.run, args=(stop,), daemon=True)
    thread.start()
    told = []

    def wait_for(reason):
        deadline = time.monotonic() + 10
        while reason not in told and time.monotonic() < deadline:
            told.extend(json.loads(line)["reason"] for line in capfd.readouterr().err.splitlines())
            time.sleep(0.01)
        assert reason in told

    wait_for("Leading")
    store.reachable = False
    wait_for("Following")
    stop.set()
    thread.join(10)
    assert told.count("Leading") == told.count("Following") == 1
