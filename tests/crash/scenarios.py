"""What people do while things go wrong: each scenario says how long the operator works between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.crash.disturbances import ABOUT_NAMES, OTHERS, PAUSED
from tests.crash.faults import CRASH, LOST, Kind
from tests.crash.names import LISTED
from tests.crash.reactions import approve_codes, ask_again, log_in_again, restart_late
from tests.crash.stories_of_names import NOT_ABOUT_NAMES, moving_names, nobody, whole_cluster

THE_KEY_IS_GONE = (
    "target-edited",
    "target-deleted",
    "key-revoked",
    "key-forgotten",
    "key-replaced",
    "key-deleted",
    # Once a key of a person has left the target, nothing but the companion tells that it is ours.
    "companion-deleted",
    "record-forged",
)
ALL_OTHERS = tuple(kind.name for kind in OTHERS)
LOOK_SECONDS = 10
TWO_MORE_PROBES = 1300
"""A probe that failed is made again after ten minutes."""

A_LONG_WHILE = 700
"""Longer than the operator takes to look again, whatever happens."""

A_MOMENT = 5
A_WHILE = 60
"""Long enough for a pod's start to be told from a key that comes later, by whatever clock."""

MOST_LOOKS = 1000
CALM = {"rotateAfter": "1d", "overlap": "2m"}
ROTATE = "thegrid.ai/rotate"
EMERGENCY = "thegrid.ai/emergency-rotate"


@dataclass(frozen=True)
class Scenario:
    """A story.

    Attributes:
        name: In reports and for replay.
        play: Given the world and its people, does something and yields seconds to work in.
        market: How the market is.
        replicas: How many processes there are.
        reacts: What people do whenever they look, given the world.
        without: Faults that make another story of it.
        also: Faults that make sense in few stories, and in this one.
    """

    name: str
    play: Callable
    market: dict = field(default_factory=dict)
    replicas: int = 1
    reacts: Callable = log_in_again
    without: tuple[str, ...] = ()
    also: tuple[Kind, ...] = ()

    @property
    def kinds(self):
        """The kinds of faults that make sense here."""
        others = [kind for kind in (*OTHERS, *self.also) if kind.name not in self.without]
        return (CRASH, LOST, *others, *((PAUSED,) if self.replicas > 1 else ()))

    @property
    def paired(self):
        """Those that are tried two at a time; where one leads at a time, what ends a lead."""
        return (CRASH,) if self.replicas > 1 else (CRASH, LOST)


def _declare(people, *names, **spec):
    people.log_in()
    people.declare_account()
    for name in names or ("app",):
        people.declare_key(name, **(CALM | spec))


def _ready(people, *names):
    """Wait until resources are in order, with what was asked for last; at most some hours."""
    for _ in range(MOST_LOOKS):
        yield LOOK_SECONDS
        if all(people.see_it_done(name) for name in names or ("app",)):
            return


def _first_mint(_world, people):
    _declare(people)
    yield from _ready(people)


def _rotation(_world, people):
    _declare(people, rotateAfter="40m")
    yield from _ready(people)
    yield 2400


def _on_demand(_world, people):
    _declare(people)
    yield from _ready(people)
    people.annotate("app", ROTATE, "now")
    yield from _ready(people)


def _deletion(_world, people):
    _declare(people)
    yield from _ready(people)
    people.annotate("app", ROTATE, "now")
    yield from _ready(people)
    people.delete("app")
    people.delete("team", "gridaccounts")
    yield LOOK_SECONDS


def _soon_gone(_world, people):
    """Two go a moment after a key was made for them, at a market whose listing is behind."""
    _declare(people, "app", "web")
    yield A_MOMENT
    people.delete("web")
    yield 2 * A_WHILE
    people.annotate("app", ROTATE, "now")
    yield A_MOMENT
    people.delete("app")
    yield LOOK_SECONDS


def _orphans(_world, people):
    """What is left alone is what there was: nobody mends it or sweeps up after it."""
    _declare(people, deletionPolicy="Orphan")
    yield from _ready(people)
    yield A_LONG_WHILE
    people.delete("app")
    yield LOOK_SECONDS


def _taken_over(world, people):
    """A person's own Secret, with a key and more in it, is adopted, and is left in the end."""
    key_id, secret = world.market.make_key("made by hand")
    people.keep_secret("app-grid", OPENAI_API_KEY=secret, theirs="stays")
    _declare(
        people,
        target={"name": "app-grid", "creationPolicy": "Adopt"},
        adoptKeyId=key_id,
    )
    yield from _ready(people)
    people.annotate("app", ROTATE, "now")
    yield from _ready(people)
    yield 130
    people.delete("app")
    yield LOOK_SECONDS


def _refresh(_world, people):
    """The login is refreshed in time; where its time was told wrong, once it is not accepted."""
    _declare(people)
    yield from _ready(people)
    yield 3200


def _lost_login(world, people):
    _declare(people)
    yield from _ready(people)
    world.market.end_all_logins()
    people.annotate("app", ROTATE, "now")
    yield from _ready(people)


def _two_resources(_world, people):
    _declare(people, "app", "web")
    yield from _ready(people, "app", "web")
    people.annotate("app", ROTATE, "now")
    people.annotate("web", ROTATE, "now")
    yield from _ready(people, "app", "web")
    people.delete("web")
    yield LOOK_SECONDS


def _emergency(_world, people):
    """A key has leaked: no overlap, no waiting for anybody."""
    _declare(people)
    yield from _ready(people)
    people.annotate("app", EMERGENCY, "leaked")
    yield from _ready(people)


def _probed(world, people):
    """A redirect leads to a new host; whoever reads that it is held lists it."""
    api, supplier, new = *LISTED, "new.example.net"
    world.names.zone = {api: ["8.8.8.1"], supplier: ["8.8.4.1"]}
    world.market.lead_calls_to(new)
    _declare(people)
    yield from _ready(people)
    probe = {"consumptionKeyRef": {"name": "app"}, "model": "text-prime", "interval": "1h"}
    people.declare_egress(discovery={"redirectProbe": probe})
    for _ in range(MOST_LOOKS):
        yield LOOK_SECONDS
        if people.sees_held(new):
            break
    world.names.zone[new] = ["8.8.4.4"]
    people.edit_spec("supplieregresses", "suppliers", domains=[supplier, new])
    yield TWO_MORE_PROBES


def _held(world, people):
    """A person kills the key and wants it dead until they say so."""
    _declare(people, onRevoked="Hold")
    yield from _ready(people)
    for _ in range(MOST_LOOKS):
        if people.sees_a_key_in("app-grid"):
            people.revoke_what_is_in("app-grid")
            break
        yield LOOK_SECONDS
    yield A_LONG_WHILE
    people.ask_again("app")
    yield from _ready(people)


def _workloads(world, people):
    """Two workloads are restarted after a rotation, and a third by whoever is told of it."""
    _declare(people, restart=[{"kind": "Deployment", "name": name} for name in ("one", "two")])
    yield from _ready(people)
    for name in ("one", "two", "late"):
        world.rollouts.deploy(name, "app-grid")
    yield A_WHILE
    people.annotate("app", ROTATE, "now")
    yield 300
    yield from _ready(people)
    yield 100


SCENARIOS = [
    Scenario("first-mint", _first_mint),
    Scenario("rotation", _rotation),
    Scenario("on-demand", _on_demand),
    Scenario("deletion", _deletion),
    Scenario("soon-gone", _soon_gone, market={"lag_seconds": 50}, without=ALL_OTHERS),
    Scenario("orphans", _orphans, without=THE_KEY_IS_GONE[:4]),
    Scenario("emergency", _emergency),
    Scenario("held", _held, reacts=ask_again),
    Scenario("workloads", _workloads, reacts=restart_late),
    # Its secret is what proves that a person's key may be revoked: who overwrites it keeps the key.
    Scenario("taken-over", _taken_over, without=(*THE_KEY_IS_GONE, "companion-edited")),
    Scenario("refresh", _refresh, market={"access_token_seconds": 3000}),
    Scenario("names", moving_names, reacts=nobody, without=NOT_ABOUT_NAMES, also=ABOUT_NAMES),
    Scenario("probed", _probed, without=NOT_ABOUT_NAMES),
    Scenario("whole-cluster", whole_cluster, reacts=nobody, without=NOT_ABOUT_NAMES),
    Scenario("names-and-leaders", moving_names, replicas=2, reacts=nobody, without=NOT_ABOUT_NAMES),
    # A login that no key needs is missed at a start, and no sooner.
    Scenario("lost-login", _lost_login, without=("key-deleted",)),
    Scenario(
        "device-login",
        _lost_login,
        reacts=approve_codes,
        # Nobody mends the login Secret here, and a login that no key needs is missed at a start.
        without=("login-edited", "key-deleted"),
    ),
    Scenario("two-resources", _two_resources),
    Scenario("change-of-leader", _on_demand, replicas=2),
]
