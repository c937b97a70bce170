"""The due-queue: one holder a key, nothing lost, and what was never in order goes first."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    precondition,
    rule,
)

from thegrid_operator.queue import FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS, DueQueue

NOTHING_ELSE = "nothing else is due"
LAST = 99
RANKS = {"new": 0, "known": 1, NOTHING_ELSE: LAST}
"""A key of the last rank: whoever takes it knows that no other key was due, without waiting."""


class Clock:
    """Monotonic seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def take_if_due(queue: DueQueue[str]) -> str | None:
    """Take what is due now, or return None; `take` itself would wait."""
    queue.look_now(NOTHING_ELSE)
    key = queue.take()
    queue.forget(NOTHING_ELSE)
    return None if key == NOTHING_ELSE else key


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def queue(clock):
    return DueQueue(clock, rank=lambda key: RANKS.get(key, 1))


seconds = st.floats(0, 900).map(lambda length: round(length, 2))


class QueueMachine(RuleBasedStateMachine):
    """Any calls by any number of workers, against a plain model of what must be due."""

    keys = Bundle("keys")
    held = Bundle("held")

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.rank: dict[str, int] = {}
        self.queue: DueQueue[str] = DueQueue(self.clock, rank=self.rank_of)
        self.due: dict[str, float] = {}
        self.failures: dict[str, int] = {}
        self.taken: set[str] = set()
        self.touched: set[str] = set()

    @rule(target=keys, name=st.sampled_from("abcdefgh"))
    def name_a_key(self, name):
        return name

    def rank_of(self, key):
        return LAST if key == NOTHING_ELSE else self.rank[key]

    @rule(key=keys, rank=st.integers(0, 2))
    def look_now(self, key, rank):
        self.rank.setdefault(key, rank)
        self.queue.look_now(key)
        if key in self.taken:
            self.touched.add(key)
        else:
            self.due[key] = self.clock.now

    @rule(length=seconds)
    def time_passes(self, length):
        self.clock.now += length

    def ranked(self) -> list[tuple[int, str]]:
        return [(self.rank[key], key) for key, due in self.due.items() if due <= self.clock.now]

    @rule(target=held)
    def a_worker_takes(self):
        key = take_if_due(self.queue)
        ready = self.ranked()
        if key is None:
            assert not ready, f"{ready} were due, but nothing could be taken"
            return "nobody"
        assert key not in self.taken, "two workers hold one key"
        assert (self.rank[key], key) in ready, f"{key} was taken before it was due"
        assert self.rank[key] == min(ready)[0], "a higher rank went first"
        self.taken.add(key)
        del self.due[key]
        return key

    def give_back(self, key, *, wait):
        self.taken.remove(key)
        self.touched.discard(key)
        self.due[key] = self.clock.now + wait

    @rule(key=consumes(held), wait=seconds)
    def it_went_well(self, key, wait):
        if key not in self.taken:
            return
        self.queue.done(key, look_again_in=wait)
        self.failures[key] = 0
        self.give_back(key, wait=0 if key in self.touched else wait)

    @rule(key=consumes(held), at_least=seconds)
    def it_failed(self, key, at_least):
        if key not in self.taken:
            return
        count = 1 if key in self.touched else self.failures.get(key, 0) + 1
        backoff = min(FIRST_BACKOFF_SECONDS * 2 ** (count - 1), LONGEST_BACKOFF_SECONDS)
        wait = self.queue.failed(key, at_least=at_least)
        assert wait == max(backoff, at_least)
        self.failures[key] = count
        self.give_back(key, wait=wait)

    @rule(key=consumes(held))
    def it_was_not_looked_at(self, key):
        if key not in self.taken:
            return
        self.queue.put_back(key)
        self.taken.remove(key)
        self.touched.discard(key)
        self.due[key] = self.clock.now

    @rule(key=consumes(held))
    def it_is_gone(self, key):
        if key not in self.taken:
            return
        self.queue.forget(key)
        if key in self.touched:
            self.failures[key] = 0
            self.give_back(key, wait=0)
            return
        self.taken.remove(key)
        self.failures.pop(key, None)

    @invariant()
    def nothing_is_lost(self):
        assert len(self.queue) == len(self.due) + len(self.taken)

    @precondition(lambda self: self.due)
    @rule()
    def everything_comes_in_the_end(self):
        """Whatever is not held can be taken once its time has come."""
        self.clock.now = max(self.clock.now, *self.due.values())
        found = set()
        while (key := take_if_due(self.queue)) is not None:
            found.add(key)
        assert found == set(self.due)
        for key in found:
            self.queue.put_back(key)
            self.due[key] = self.clock.now


QueueMachine.TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestQueueMachine = QueueMachine.TestCase


def test_failures_in_a_row_double_the_wait_up_to_five_minutes(clock, queue):
    queue.look_now("key")
    waits = []
    for _ in range(14):
        assert take_if_due(queue) == "key"
        waits.append(queue.failed("key"))
        clock.now += waits[-1] - 0.01
        assert take_if_due(queue) is None, "it came back too soon"
        clock.now += 0.02

    assert waits[:10] == [0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256]
    assert waits[10:] == [300] * 4


def test_a_success_ends_the_row_of_failures(clock, queue):
    queue.look_now("key")
    for _ in range(5):
        take_if_due(queue)
        clock.now += queue.failed("key")
    take_if_due(queue)
    queue.done("key", look_again_in=0)
    take_if_due(queue)

    assert queue.failed("key") == FIRST_BACKOFF_SECONDS


def test_a_server_that_said_when_to_come_back_is_obeyed_beyond_the_cap(queue):
    queue.look_now("key")
    take_if_due(queue)

    assert queue.failed("key", at_least=900) == 900


def test_what_is_gone_but_came_back_while_it_was_held_is_looked_at_again(queue):
    queue.look_now("key")
    take_if_due(queue)
    queue.look_now("key")  # made anew under the same name

    queue.forget("key")

    assert take_if_due(queue) == "key"


def test_a_change_during_a_failing_look_does_not_wait_out_the_long_backoff(clock, queue):
    queue.look_now("key")
    for _ in range(10):
        take_if_due(queue)
        clock.now += queue.failed("key")
    take_if_due(queue)
    queue.look_now("key")  # somebody mends it

    assert queue.failed("key") == FIRST_BACKOFF_SECONDS


def test_what_was_never_in_order_still_goes_first_after_waiting_for_the_lease(queue):
    queue.look_now("known")
    queue.look_now("new")
    for _ in range(3):  # as a replica does that does not lead
        queue.put_back(take_if_due(queue))

    assert take_if_due(queue) == "new"


def test_many_threads_share_the_keys_without_ever_sharing_one():
    queue: DueQueue[int] = DueQueue(time.monotonic)
    holders = dict.fromkeys(range(50), 0)
    looks = dict.fromkeys(range(50), 0)
    shared = []
    enough = threading.Event()
    lock = threading.Lock()

    def work():
        while (key := queue.take()) is not None:
            with lock:
                holders[key] += 1
                looks[key] += 1
                if holders[key] > 1:
                    shared.append(key)
            queue.look_now((key + 1) % 50)
            with lock:
                holders[key] -= 1
                if min(looks.values()) >= 20:
                    enough.set()
            queue.done(key, look_again_in=0.001 * (key % 3))

    for key in range(50):
        queue.look_now(key)
    threads = [threading.Thread(target=work, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert enough.wait(20), looks
    queue.close()
    for thread in threads:
        thread.join(5)

    assert shared == []
    assert not any(thread.is_alive() for thread in threads)


def test_a_waiting_worker_wakes_for_a_key_that_becomes_due_sooner():
    queue: DueQueue[str] = DueQueue(time.monotonic)
    queue.look_now("later")
    queue.take()
    queue.done("later", look_again_in=3600)
    taken = []
    worker = threading.Thread(target=lambda: taken.append(queue.take()), daemon=True)
    worker.start()

    queue.look_now("now")

    worker.join(10)
    assert taken == ["now"]
