"""What else goes wrong in the world: people, the market, the API server, clocks, a paused leader.

The process lives on, and what it must reach in the end is the same, unless a kind says otherwise.
"""

from __future__ import annotations

from contextlib import suppress

from tests.crash.faults import A_KEY, A_LOGIN, ANSWERED, APPLIED, BEFORE, ITS_LIFE, Kind
from tests.crash.people import NAMESPACE, decoded

STORM_SECONDS = 90.0
HIDING_SECONDS = 40.0
PAUSE_SECONDS = 60.0
SILENCE_SECONDS = 100.0
EDITED_SECONDS = 60.0
JUMP_SECONDS = 3600.0
KEY, TEAM = ("consumptionkeys", "app"), ("gridaccounts", "team")
TOUCHED = "example.com/touched"


# People


def by_hand(act):
    """Make a fault of what people do; where it cannot be done, nothing happens."""

    def strike(world, _replica):
        with suppress(LookupError, TypeError):
            act(world, world.people)

    return strike


@by_hand
def _edit_target(_world, people):
    people.edit_secret("app-grid", OPENAI_API_KEY="edited by hand")


@by_hand
def _delete_target(_world, people):
    people.delete_secret("app-grid")


@by_hand
def _delete_companion(_world, people):
    people.delete_secret("app-thegrid-rotation")


@by_hand
def _edit_companion(world, people):
    """Overwrite every secret that is kept for later."""
    name = "app-thegrid-rotation"
    entries = world.api.find("secrets", NAMESPACE, name)["data"]
    people.edit_secret(name, **dict.fromkeys(entries, "edited by hand"))


@by_hand
def _edit_login(world, people):
    """Edit it, and put it back after a while, as a tool does that applies what was declared."""
    held = world.api.find("secrets", NAMESPACE, "login")["data"]
    before = {name: decoded(value) for name, value in held.items()}
    people.edit_secret("login", refreshToken="edited by hand")
    until = world.clock.seconds + EDITED_SECONDS

    def put_back():
        if world.clock.seconds < until:
            return False
        people.log_in(**before)
        return True

    world.later.append(put_back)


@by_hand
def _edit_tokens(_world, people):
    people.edit_secret("team-thegrid-tokens", accessToken="edited by hand")


def _for_a_while(plural, name, change, taken_back):
    """Change what a resource asks for, and take it back after a while."""

    @by_hand
    def edit(world, people):
        if not people.exists(plural, name):
            return
        people.edit_spec(plural, name, **change)
        until = world.clock.seconds + EDITED_SECONDS

        def take_back():
            if world.clock.seconds < until:
                return False
            people.edit_spec(plural, name, **taken_back)
            return True

        world.later.append(take_back)

    return edit


@by_hand
def _delete_login_for_good(_world, people):
    people.drop_finalizers("team-thegrid-tokens")
    people.delete_secret("team-thegrid-tokens")


@by_hand
def _touch_all(world, people):
    """Change the version of everything, so that the next write meets a conflict."""
    for where in list(world.api.everything()):
        if where.namespace == NAMESPACE and where.plural != "events":
            people.touch(where.plural, where.name, TOUCHED, str(len(world.moments)))


@by_hand
def _delete_key(_world, people):
    people.delete("app")


@by_hand
def _replace_key(world, people):
    """Delete the resource, and declare it again once it is gone."""
    item = world.api.find("consumptionkeys", NAMESPACE, "app")
    spec, annotations = item["spec"], item["metadata"].get("annotations")
    people.delete("app", for_good=False)

    def declare_again():
        if people.exists("consumptionkeys", "app"):
            return False
        if "app" not in people.unwanted:
            people.declare_key("app", annotations, **spec)
        return True

    world.later.append(declare_again)


@by_hand
def _revoke_current(_world, people):
    people.revoke_what_is_in("app-grid")


@by_hand
def _forge_record(world, people):
    """Somebody who may edit Secrets claims that a stranger's key was the resource's last one."""
    key_id, _ = world.market.make_key("of somebody else")
    people.forge_record("app-thegrid-rotation", key_id)


@by_hand
def _delete_policies(_world, people):
    for name in people.policies():
        people.delete_policy(name)


@by_hand
def _edit_policies(_world, people):
    """Cut the pods off from everything."""
    for name in people.policies():
        people.edit_policy(name, egress=[])


def _name_servers_fail(world, _replica):
    world.names.fail_until = world.clock.seconds + STORM_SECONDS


# The market


@by_hand
def _hide_current(world, people):
    """A listing may still lack a key for a while after it was made."""
    world.weather.hide(people.key_in("app-grid"), HIDING_SECONDS)


def _spoil_next(world, _replica):
    world.market.spoils_next = True


@by_hand
def _forget_current(world, people):
    world.market.forget(people.kill_what_is_in("app-grid"))


def _storm(status):
    def strike(world, _replica):
        world.weather.storm(status, STORM_SECONDS)

    return strike


def _slow_market(world, _replica):
    world.weather.slow_down(STORM_SECONDS)


# The API server


def _refusing(status, reason, *, reading):
    def strike(world, _replica):
        world.weather.refuse(status, reason, STORM_SECONDS, reading=reading)

    return strike


def _watch_expires(world, _replica):
    world.api.forgotten_before = world.api.version + 1


def _watch_is_silent(world, _replica):
    world.weather.hush(SILENCE_SECONDS, then_break=True)


def _watch_is_late(world, _replica):
    world.weather.hush(SILENCE_SECONDS, then_break=False)


def _watch_repeats(world, _replica):
    world.weather.repeat()


# Time


def _jump(seconds):
    def strike(world, _replica):
        world.clock.off_by += seconds

    return strike


def _pause(world, replica):
    """Stop a process where it is, and wake it up when others have gone on."""
    world.pause(replica, PAUSE_SECONDS)


def _of_the_world(name, strike, *may_cost):
    return Kind(name, (BEFORE, APPLIED, ANSWERED), strike, is_of_the_world=True, may_cost=may_cost)


OTHERS = (
    _of_the_world("target-edited", _edit_target),
    _of_the_world("target-deleted", _delete_target),
    _of_the_world("companion-deleted", _delete_companion, A_KEY),
    _of_the_world("companion-edited", _edit_companion, A_KEY),
    # What was forged is passed over, and stays where it is until the next rotation.
    _of_the_world("record-forged", _forge_record, A_KEY, ITS_LIFE),
    _of_the_world("login-deleted", _delete_login_for_good, A_LOGIN),
    _of_the_world("login-edited", _edit_login, A_LOGIN),
    _of_the_world("tokens-edited", _edit_tokens, A_LOGIN),
    _of_the_world("key-suspended", _for_a_while(*KEY, {"suspend": True}, {"suspend": None})),
    _of_the_world("account-suspended", _for_a_while(*TEAM, {"suspend": True}, {"suspend": None})),
    _of_the_world("key-edited", _for_a_while(*KEY, {"overlap": "1m"}, {"overlap": "2m"})),
    _of_the_world("all-touched", _touch_all),
    _of_the_world("key-deleted", _delete_key, A_KEY, ITS_LIFE),
    _of_the_world("key-replaced", _replace_key, A_KEY),
    _of_the_world("key-revoked", _revoke_current, A_KEY),
    _of_the_world("key-forgotten", _forget_current, A_KEY),
    _of_the_world("key-unlisted", _hide_current),
    _of_the_world("next-key-bad", _spoil_next, A_KEY),
    _of_the_world("market-429", _storm(429)),
    _of_the_world("market-500", _storm(500)),
    _of_the_world("market-503", _storm(503)),
    _of_the_world("market-slow", _slow_market),
    _of_the_world("writes-forbidden", _refusing(403, "Forbidden", reading=False), A_LOGIN),
    _of_the_world("writes-fail", _refusing(500, "InternalError", reading=False), A_LOGIN),
    _of_the_world("api-server-away", _refusing(503, "Unavailable", reading=True), A_LOGIN),
    _of_the_world("watch-410", _watch_expires),
    _of_the_world("watch-silent", _watch_is_silent),
    _of_the_world("watch-late", _watch_is_late),
    _of_the_world("watch-repeats", _watch_repeats),
    # A code that is dead by the operator's clock is not waited for, and a person approves another.
    _of_the_world("clock-forward", _jump(JUMP_SECONDS), A_LOGIN),
    _of_the_world("clock-back", _jump(-JUMP_SECONDS)),
)
ABOUT_NAMES = (
    _of_the_world("policies-deleted", _delete_policies),
    _of_the_world("policies-edited", _edit_policies),
    _of_the_world("name-servers-fail", _name_servers_fail),
)
PAUSED = Kind("paused", (BEFORE, APPLIED, ANSWERED), _pause, may_cost=(A_KEY,))
