"""What an account's status tells over hours, in a world whose clock runs as fast as it may."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from tests.crash.people import NAMESPACE
from tests.crash.scenarios import Scenario
from tests.crash.state import entries
from tests.crash.world import World

from thegrid_emulator.errors import OAuthError

HOUR = 3600
DAY = 24 * HOUR


def never(_world):
    """Nobody does anything."""


def played(story, **market):
    """Play a story, and return the world at its end; it need not have come to rest."""
    world = World(Scenario("account", story, market=market, reacts=never))
    world.replicas = [world._started(0)]
    for seconds in story(world, world.people):
        world.run(seconds)
    return world


def status(world):
    return world.api.find("gridaccounts", NAMESPACE, "team")["status"]


def reason(world):
    return world.people.reads("gridaccounts", "team")


def asked(world, path):
    return [entry for entry in world.market.venue.journal.entries if entry.path.endswith(path)]


def set_mode(world, mode):
    account = world.market.venue.accounts.get(world.market.account.user_id)
    account.settings = replace(account.settings, account_mode=mode)


def test_a_mode_that_a_person_changes_is_told_within_the_hour_and_read_no_oftener():
    seen = []

    def story(world, people):
        people.log_in(accessToken=world.market.account.access_token)
        people.declare_account()
        yield HOUR / 2
        seen.append(status(world)["mode"])
        set_mode(world, "easy" if seen[0] == "advanced" else "advanced")
        yield HOUR
        seen.append(status(world)["mode"])
        yield 6 * HOUR

    world = played(story, access_token_seconds=DAY)

    assert sorted(seen) == ["advanced", "easy"]
    assert len(asked(world, "/self/system-settings")) <= 10


def test_a_token_of_ours_that_was_edited_into_no_token_is_renewed_at_the_next_look():
    def story(_world, people):
        people.log_in()
        people.declare_account()
        yield HOUR / 10
        people.edit_secret("team-thegrid-tokens", accessToken="edited by hand")
        yield 310  # the next look

    world = played(story)

    held = entries(world.api.find("secrets", NAMESPACE, "team-thegrid-tokens"))
    assert world.market.standing_of(held["accessToken"])[0] == "accepted"
    assert reason(world) == "LoggedIn"
    assert len(asked(world, "/oauth/token")) == 2


def test_an_access_token_with_a_slip_in_it_is_told_and_asked_for_anew():
    def story(world, people):
        people.log_in(accessToken="two words")
        people.declare_account()
        yield HOUR / 10

    world = played(story)

    assert reason(world) == "LoginRejected"
    assert "white space" in status(world)["conditions"][0]["message"]


def test_a_day_in_which_nothing_happens_writes_nothing_but_renewed_logins():
    def story(world, people):
        people.log_in()
        people.declare_account()
        yield HOUR / 2
        before.append(world.writes)
        yield DAY

    before = []
    world = played(story)

    renewals = len(asked(world, "/oauth/token")) - 1
    assert renewals in range(24, 36)
    assert world.writes - before[0] == 3 * renewals, "each is spent, stored and told"


def test_the_expiry_that_is_told_is_that_of_the_login_in_use():
    def story(_world, people):
        people.log_in()
        people.declare_account()
        yield 5 * HOUR

    world = played(story)

    secret = world.api.find("secrets", NAMESPACE, "team-thegrid-tokens")
    kept = secret["metadata"]["annotations"]["thegrid.ai/expires-at"]
    assert status(world)["tokenExpiresAt"] == kept[:19] + "Z"


def test_a_forgotten_cluster_asks_for_a_handful_of_codes_and_tells_each_once():
    def story(_world, people):
        people.log_in(refreshToken="grid_rt_spent")
        people.declare_account()
        yield DAY / 2

    world = played(story)

    codes = len(asked(world, "/oauth/device/code"))
    assert codes in range(6, 9)
    assert reason(world) == "LoginLost"
    told = [it["message"] for it in world.api.items("events") if "user_code=" in it["message"]]
    assert len(told) == len(set(told)) == codes


def test_whoever_comes_after_hours_has_a_code_made_and_all_goes_on():
    def story(world, people):
        people.log_in(refreshToken="grid_rt_spent")
        people.declare_account()
        yield 4 * HOUR
        people.annotate("team", "thegrid.ai/log-in", "I am here", plural="gridaccounts")
        yield 10
        world.market.approve(people.read_code("team"))
        yield 120

    assert reason(played(story)) == "LoggedIn"


def test_a_clock_that_is_set_back_lets_no_login_run_out():
    def story(world, people):
        people.log_in()
        people.declare_account()
        yield HOUR / 10
        world.clock.off_by -= 5 * HOUR
        yield 6 * HOUR

    world = played(story, access_token_seconds=HOUR)

    held = entries(world.api.find("secrets", NAMESPACE, "team-thegrid-tokens"))
    assert world.market.standing_of(held["accessToken"])[0] == "accepted"
    refreshed = [entry.time for entry in asked(world, "/oauth/token")]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(refreshed)]
    assert len(gaps) > 5
    assert max(gaps) < HOUR


def test_a_clock_that_is_set_back_keeps_nobody_waiting_who_has_approved():
    def story(world, people):
        people.log_in(refreshToken="grid_rt_spent")
        people.declare_account()
        yield 100
        world.clock.off_by -= HOUR
        world.market.approve(people.read_code("team"))
        yield 130

    world = played(story)

    assert reason(world) == "LoggedIn"


def test_a_market_that_wants_fewer_polls_gets_fewer():
    def story(world, people):
        people.log_in(refreshToken="grid_rt_spent")
        people.declare_account()
        yield 1
        (login,) = world.market.venue.device_logins.pending(world.clock.now())
        login.interval *= 4
        yield 600

    world = played(story, device_poll_seconds=5)

    polls = asked(world, "/oauth/token")[1:]
    gaps = [(later.time - earlier.time).total_seconds() for earlier, later in pairwise(polls)]
    assert gaps[-1] >= 20


def test_a_market_without_device_logins_leaves_the_login_secret():
    def story(world, people):
        world.market.venue.device_logins.begin = refused
        people.log_in(refreshToken="grid_rt_spent")
        people.declare_account()
        yield HOUR
        people.log_in(refreshToken=world.market.new_login().refresh_token)
        yield HOUR

    def refused(*_):
        raise OAuthError("unauthorized_client", "no device logins")

    assert reason(played(story)) == "LoggedIn"
