"""Resources share a listing of the account's keys when it is as good as one of their own."""

from __future__ import annotations

import dataclasses
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.crash.scenarios import Scenario
from tests.crash.world import World

from thegrid.client import Unreachable
from thegrid.core.model import KeyListing
from thegrid_operator.cache import Name
from thegrid_operator.listing import (
    WINDOW_SECONDS,
    Declarations,
    SeenKeys,
    SharedListing,
    moment,
    serves,
)
from thegrid_operator.sights import Sight

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NOTHING = KeyListing((), as_of=NOW)
SEEN = SeenKeys(NOTHING, began=10, asked_at=100.0, answered_at=101.0)
RULE = {
    "all was known before it began": (9, 101.0, True),
    "all was known before it began, and it is as old as it may be": (9, 105.0, True),
    "the resource was read when it had begun": (11, 101.0, False),
    "the resource was read at its very moment": (10, 101.0, False),
    "it is too old": (9, 105.1, False),
}


@pytest.mark.parametrize("sentence", RULE)
def test_a_listing_serves_where(sentence):
    known, now, expected = RULE[sentence]
    assert serves(SEEN, known=known, now=now) is expected


def resource(name, generation, uid="uid"):
    return {
        "metadata": {
            "namespace": "shop",
            "name": name,
            "uid": f"{uid}-{name}",
            "generation": generation,
        },
        "spec": {},
    }


def named(name):
    return Name("ConsumptionKey", "shop", name)


def test_a_declaration_is_known_since_the_watch_told_it():
    declarations = Declarations()
    before = moment()
    declarations.note(named("app"), Sight.of(resource("app", 1)))
    after = moment()

    assert before < declarations.known_since(named("app"), resource("app", 1)) < after
    assert declarations.known_since(named("app"), resource("app", 2)) > after
    assert declarations.known_since(named("web"), resource("web", 1)) > after


def test_what_was_made_anew_under_a_name_was_not_known_before():
    declarations = Declarations()
    declarations.note(named("app"), Sight.of(resource("app", 1)))
    after = moment()

    assert declarations.known_since(named("app"), resource("app", 1, uid="other")) > after
    declarations.note(named("app"), None)
    assert declarations.known_since(named("app"), resource("app", 1)) > after


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """What was true when a listing began: every declaration, and what each look had done."""

    declared: dict
    done: dict
    began_at: float


class Market:
    """Resources, a watch that lags, and an account whose listing is as old as it can be."""

    NAMES = ("app", "web", "api")

    def __init__(self, data):
        self.data = data
        self.now = 0.0
        self.declared = dict.fromkeys(self.NAMES, 1)
        self.done = dict.fromkeys(self.NAMES, 0)
        self.looked = dict.fromkeys(self.NAMES, 0)
        self.declarations = Declarations()
        self.shared = SharedListing(self.fetch, lambda: self.now)
        for name in self.NAMES:
            self.tell(name)

    def fetch(self):
        snapshot = Snapshot(dict(self.declared), dict(self.done), self.now)
        for _ in range(self.data.draw(st.integers(0, 2))):
            self.happen()
        return snapshot

    def happen(self):
        """Something that the operator does not do."""
        name = self.data.draw(st.sampled_from(self.NAMES))
        what = self.data.draw(st.sampled_from((self.edit, self.tell, self.pass_time)))
        what(name)

    def edit(self, name):
        self.declared[name] += 1

    def tell(self, name):
        self.declarations.note(named(name), Sight.of(resource(name, self.declared[name])))

    def pass_time(self, _name):
        self.now += self.data.draw(st.sampled_from((0.0, 1.0, WINDOW_SECONDS)))

    def look(self, name):
        item = resource(name, self.declared[name])
        since = self.declarations.known_since(named(name), item)
        asked = self.now
        seen = self.shared.begun_after(max(since, self.looked[name])).listing
        assert seen.declared[name] == item["metadata"]["generation"], "it began before the edit"
        assert seen.done[name] == self.done[name], "it lacks what the last look did"
        assert seen.began_at >= asked - WINDOW_SECONDS, "it is old"
        if self.data.draw(st.booleans()):
            self.done[name] += 1
        self.looked[name] = moment()


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_shared_listing_tells_all_that_one_of_its_own_would(data):
    market = Market(data)
    for _ in range(data.draw(st.integers(1, 25))):
        if data.draw(st.booleans()):
            market.look(data.draw(st.sampled_from(market.NAMES)))
        else:
            market.happen()


class Waiting(threading.Condition):
    """Tells that somebody waits."""

    def __init__(self):
        super().__init__()
        self.somebody = threading.Event()

    def wait(self, timeout=None):
        self.somebody.set()
        return super().wait(timeout)


class SlowMarket:
    """Answers when it is told to."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.asked = 0
        self.began, self.go_on = threading.Event(), threading.Event()

    def list(self):
        self.asked += 1
        self.began.set()
        assert self.go_on.wait(10)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


FIRST, SECOND = NOTHING, KeyListing((), as_of=NOW.replace(hour=1))


def joined(market, known_late):
    """Ask for a listing while another one is under way; return what both got."""
    waiting = Waiting()
    shared = SharedListing(market.list, lambda: 0.0, waiting)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(shared.begun_after, moment())
        assert market.began.wait(10)
        second = pool.submit(shared.begun_after, moment() if known_late else 0)
        assert waiting.somebody.wait(10)
        market.go_on.set()
        return first, second


def test_who_knew_all_before_it_began_waits_for_the_one_under_way():
    market = SlowMarket(FIRST, SECOND)
    first, second = joined(market, known_late=False)

    assert first.result() is second.result()
    assert market.asked == 1


def test_who_read_the_resource_later_waits_for_the_next_one():
    market = SlowMarket(FIRST, SECOND)
    first, second = joined(market, known_late=True)

    assert (first.result().listing, second.result().listing) == (FIRST, SECOND)


def test_a_failure_is_shared_by_those_who_waited_for_it():
    market = SlowMarket(Unreachable("GET /api-keys: gone"), SECOND)
    first, second = joined(market, known_late=False)

    assert str(first.exception()) == str(second.exception()) == "GET /api-keys: gone"
    assert first.exception() is not second.exception()
    assert market.asked == 1


def test_a_failure_does_not_stop_who_came_too_late_for_it():
    market = SlowMarket(Unreachable("GET /api-keys: gone"), SECOND)
    first, second = joined(market, known_late=True)

    assert isinstance(first.exception(), Unreachable)
    assert second.result().listing == SECOND


def test_an_error_of_ours_leaves_nobody_waiting():
    market = SlowMarket(ZeroDivisionError(), SECOND)
    first, second = joined(market, known_late=False)

    assert isinstance(first.exception(), ZeroDivisionError)
    assert second.result().listing == SECOND


class Listings(World):
    """A world that counts how often the account's keys are listed."""

    def __init__(self):
        super().__init__(Scenario("many", lambda _world, _people: ()))
        self.listings = 0

    def ask_market(self, request):
        self.listings += request.method == "GET" and request.url.path.endswith("/api-keys")
        return super().ask_market(request)

    def start_anew(self):
        self.replicas = [self._started(0)]

    def declare(self, count):
        self.people.log_in()
        self.people.declare_account()
        for number in range(count):
            self.people.declare_key(f"app-{number}", rotateAfter="1d", overlap="2m")


def test_fifty_resources_that_are_looked_at_after_a_start_cost_one_listing():
    world = Listings()
    world.declare(50)
    world.start_anew()
    world.run(30)
    writes, listings = world.writes, world.listings

    world.start_anew()
    world.run(30)

    looked = {line.split()[-1] for line in world.trace if "looks at ConsumptionKey" in line}
    assert len(looked) == len(world.market.live()) == 50
    assert world.writes == writes
    assert world.listings - listings == 1


def test_a_look_that_makes_a_key_lists_once():
    world = Listings()
    world.declare(1)
    world.start_anew()
    world.run(5)

    assert (len(world.market.live()), world.listings) == (1, 1)


def test_a_look_that_makes_a_key_after_something_else_lists_once_more():
    world = Listings()
    world.declare(1)
    world.start_anew()
    world.run(30)

    world.people.edit_secret("app-0-grid", OPENAI_API_KEY="edited")
    world.people.annotate("app-0", "thegrid.ai/rotate", "now")
    world.run(5)

    assert (len(world.market.live()), world.listings) == (2, 3)


def test_a_listing_that_serves_no_more_is_not_held_while_another_is_fetched():
    time, held = [0.0], []

    class Keys:
        """What can be watched for its end, as a tuple cannot."""

    def fetch():
        held.append([it() is not None for it in seen])
        keys = Keys()
        seen.append(weakref.ref(keys))
        return KeyListing(keys, as_of=NOW)

    seen = []
    listings = SharedListing(fetch, lambda: time[0])
    for time[0] in (0.0, 1.0, 2.0 + WINDOW_SECONDS):
        listings.begun_after(moment())

    assert held == [[], [True], [False, False]]
