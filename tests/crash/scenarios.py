"""What people do while things go wrong: each scenario says how long the operator works between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.crash.people import People

LOST = ("LoginLost", "LoginRejected")
CALM = {"rotateAfter": "1d", "overlap": "2m"}


def log_in_again(world):
    """Whoever reads that the login is lost logs in anew."""
    people = People(world)
    if people.reads("gridaccounts", "team") in LOST:
        people.log_in(refreshToken=world.market.new_login().refresh_token)


@dataclass(frozen=True)
class Scenario:
    """A story.

    Attributes:
        name: In reports and for replay.
        play: Given the world, does something and yields seconds for the operator to work.
        market: How the market is.
        replicas: How many processes there are.
        reacts: What people do whenever they look, given the world.
    """

    name: str
    play: Callable
    market: dict = field(default_factory=dict)
    replicas: int = 1
    reacts: Callable = log_in_again


def _first_mint(world):
    people = People(world)
    people.log_in()
    people.declare_account()
    people.declare_key(**CALM)
    yield 30


SCENARIOS = [Scenario("first-mint", _first_mint)]
