"""What people do whenever they look at a world: they read what it says, and act after a coffee."""

from __future__ import annotations

LOGIN_LOST = ("LoginLost", "LoginRejected", "LoginSecretMissing")
PODS_LAG_BEHIND = ("WaitingForPods", "PodsHoldDeadKey", "PodsHoldOtherKey")
COFFEE_SECONDS = 240
AN_HOUR = 3700


def log_in_again(world):
    """Whoever reads that the login is lost logs in anew, after a coffee."""
    people = world.people
    if people.reads("gridaccounts", "team") not in LOGIN_LOST:
        people.alarmed_at = None
    elif people.alarmed_at is None:
        people.alarmed_at = world.clock.seconds
    elif world.clock.seconds >= people.alarmed_at + COFFEE_SECONDS:
        people.alarmed_at = None
        world.logins += 1
        people.log_in(refreshToken=world.market.new_login().refresh_token)


def approve_codes(world):
    """Whoever reads a code approves it after a coffee; once it is somebody else.

    Not before an account is pinned: it would be that of the first who approves.
    """
    people, market = world.people, world.market
    code = people.read_code("team")
    if code is None:
        people.alarmed_at = None
    elif people.alarmed_at is None:
        people.alarmed_at = world.clock.seconds
    elif world.clock.seconds >= people.alarmed_at + COFFEE_SECONDS:
        people.alarmed_at = None
        stranger = not people.stranger_came and people.read_account("team") is not None
        # While the API server takes no writes, a code may stand there that was approved before.
        if market.approve(code, stranger=stranger):
            people.stranger_came |= stranger
            world.logins += 1


def ask_again(world):
    """Besides, whoever reads for an hour that a key stays revoked asks for another."""
    log_in_again(world)
    people = world.people
    if people.reads("consumptionkeys", "app") != "KeyRevoked":
        people.missed_at = None
    elif people.missed_at is None:
        people.missed_at = world.clock.seconds
    elif world.clock.seconds >= people.missed_at + AN_HOUR:
        people.missed_at = world.clock.seconds
        people.ask_again("app")


def restart_late(world):
    """Besides, whoever reads that pods run with another key restarts what no resource names."""
    log_in_again(world)
    people = world.people
    if people.reads("consumptionkeys", "app", "Adopted") not in PODS_LAG_BEHIND:
        people.restarted_at = None
    elif people.restarted_at is None:
        people.restarted_at = world.clock.seconds
        people.restart("late")
    elif world.clock.seconds >= people.restarted_at + AN_HOUR:
        # Where clocks are apart, what has started is taken for older than it is.
        people.restarted_at = world.clock.seconds
        for name in ("one", "two", "late"):
            people.restart(name)
