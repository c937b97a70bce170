"""What a look reads again of what it has written, and what it never takes for granted.

The numbers of requests are the subject here: they are what the API server has to bear.
"""

from __future__ import annotations

import httpx
from tests.crash.api_rules import Refusal
from tests.crash.scenarios import Scenario
from tests.crash.world import World

COMPANION, TARGET = "app-thegrid-rotation", "app-grid"


class Overheard(World):
    """A world that notes what the operator asks of the API server and the market, in its order."""

    def __init__(self, story):
        self.heard, self.told, self.deaf = [], [], False
        self.refuses_after = ""
        super().__init__(Scenario("overheard", story))

    def ask_api_server(self, method, path, **request):
        place = path.partition("?")[0].split("/")
        if {"events", "leases", "pods"}.isdisjoint(place):
            self.heard.append(f"{method} {place[-1]}")
        self.told += [request["body"]["reason"]] if place[-1] == "events" else self.heard[-1:]
        if self.refuses_after in self.heard[-2:-1] and self.heard[-1] == f"PATCH {COMPANION}":
            self.refuses_after = ""
            raise Refusal((500, "InternalError"))
        return super().ask_api_server(method, path, **request)

    def ask_market(self, request):
        if self.deaf and request.url.path.endswith("/models"):
            return httpx.Response(503)
        if "/api-keys" in request.url.path:
            self.heard.append(f"{request.method} api-keys")
        return super().ask_market(request)


def overheard(goes_on):
    """Have a key made, let the story go on, and return what was asked after its last wait began."""

    def story(world, people):
        people.log_in()
        people.declare_account()
        people.declare_key(overlap="1m")
        yield 30.0
        for seconds in goes_on(people):
            world.heard.clear()
            yield seconds

    world = Overheard(story)
    world.play()
    return world.heard


def test_workloads_wait_for_no_event_and_one_tells_of_a_rotation():
    def story(world, people):
        people.log_in()
        people.declare_account()
        people.declare_key()
        yield 30.0
        world.told.clear()
        people.annotate("app", "thegrid.ai/rotate", "now")
        yield 30.0
        assert world.told.index(f"PATCH {TARGET}") < world.told.index("KeySwapped")
        assert "KeyMinted" not in world.told

    Overheard(story).play()


def test_a_key_that_was_made_is_told_although_its_test_is_not_answered():
    def story(world, people):
        people.log_in()
        people.declare_account()
        people.declare_key()
        world.deaf = True
        yield 10.0
        assert "KeyMinted" in world.told
        assert "KeySwapped" not in world.told
        world.deaf = False
        yield 60.0
        assert world.told.count("KeyMinted") == 1

    Overheard(story).play()


def test_a_rotation_is_two_looks_and_the_second_writes_no_secret():
    def rotates(people):
        people.annotate("app", "thegrid.ai/rotate", "now")
        yield 100.0

    heard = overheard(rotates)

    reads, swap = [f"GET {COMPANION}", f"GET {TARGET}"], heard.index(f"PATCH {TARGET}")
    assert [it for it in heard if "api-keys" not in it][:10] == [
        *reads,  # what asks for the look has brought the resource
        f"PATCH {COMPANION}",
        f"PATCH {TARGET}",
        f"PATCH {COMPANION}",
        "PATCH status",
        "GET app",
        *reads,
        "PATCH status",
    ]
    assert heard.index("POST api-keys") < swap < heard.index("DELETE api-keys")


def test_a_key_is_made_only_from_secrets_that_were_read_since_the_last_write():
    def mends_and_rotates(people):
        people.edit_secret(TARGET, OPENAI_API_KEY="edited")
        people.annotate("app", "thegrid.ai/rotate", "now")
        yield 30.0

    heard = overheard(mends_and_rotates)

    made = heard.index("POST api-keys")
    mended = heard.index(f"PATCH {TARGET}")
    assert mended < made, "the target is put right before anything else"
    assert heard[made - 3 : made] == ["GET api-keys", f"GET {COMPANION}", f"GET {TARGET}"]


def test_a_key_is_revoked_only_from_secrets_that_were_read_since_the_last_write():
    def mends_late(people):
        people.annotate("app", "thegrid.ai/rotate", "now")
        yield 30.0
        people.edit_secret(TARGET, OPENAI_API_KEY="edited")
        yield 100.0

    heard = overheard(mends_late)

    revoked = heard.index("DELETE api-keys")
    assert f"PATCH {TARGET}" in heard[:revoked], "the target is put right before anything else"
    assert heard[revoked - 3 : revoked] == ["GET api-keys", f"GET {COMPANION}", f"GET {TARGET}"]


def test_a_key_that_is_over_is_not_asked_for_although_a_companion_still_has_it():
    def story(world, people):
        people.log_in()
        people.declare_account()
        people.declare_key(overlap="1m")
        yield 30.0
        people.annotate("app", "thegrid.ai/rotate", "now")
        yield 100.0
        (over,) = (row.key_id for row in world.market.rows() if not row.is_active)
        world.market.forget(over)
        world.heard.clear()
        people.annotate("app", "example.com/touched", "yes")
        yield 5.0
        assert world.heard == ["GET api-keys", f"GET {COMPANION}", f"GET {TARGET}"]

    Overheard(story).play()


def test_a_new_key_is_told_although_the_companion_could_not_follow_at_once():
    def story(world, people):
        people.log_in()
        people.declare_account()
        people.declare_key()
        yield 30.0
        world.told.clear()
        people.annotate("app", "thegrid.ai/rotate", "now")
        world.refuses_after = f"PATCH {TARGET}"
        yield 30.0
        assert world.told.count("KeySwapped") == 1

    Overheard(story).play()
