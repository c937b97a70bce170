"""Allow lists over hours, in a world whose clock runs as fast as it may."""

from __future__ import annotations

from tests.crash.names import LISTED, AllowLists
from tests.crash.people import NAMESPACE
from tests.crash.scenarios import Scenario
from tests.crash.world import World

from thegrid_operator.egress.choice import KIND_OF

API, SUPPLIER = LISTED
DAY = 86_400


def played(story):
    """Play a story, and return the world at its end."""
    world = World(Scenario("names", story, reacts=lambda _: None))
    world.names.zone = {API: ["8.8.8.1"], SUPPLIER: ["8.8.4.1"]}
    world.replicas = [world._started(0)]
    for seconds in story(world, world.people):
        world.run(seconds)
    assert not [it for it in world.log_lines() if it["reason"] == "Bug"]
    return world


def opened(world):
    """Return whom the policy of the resource opens."""
    lists = AllowLists(world)
    lists.after_a_write()
    return {address for policy in lists._open.values() for address in policy}


def serve_all(world, *, allowed):
    """Have the cluster serve every kind, of which the operator may write some."""
    for kind in KIND_OF.values():
        world.api.served[f"/apis/{kind.group}/{kind.version}/"] = kind.plural
        if kind.kind not in allowed:
            world.api.forbidden.add(kind.plural)


def test_a_day_in_which_nothing_happens_writes_nothing():
    def story(world, people):
        people.declare_egress()
        yield 60
        before.append(world.writes)
        yield DAY

    before = []
    world = played(story)

    assert world.writes == before[0]
    assert opened(world) == {"8.8.8.1", "8.8.4.1"}


def test_a_kind_that_may_not_be_written_is_passed_over():
    def story(world, people):
        serve_all(world, allowed=())
        people.declare_egress(backend="Auto")
        yield 60

    world = played(story)

    assert world.people.reads("supplieregresses", "suppliers") == "Enforced"
    assert opened(world) == {"8.8.8.1", "8.8.4.1"}


def test_what_takes_its_place_does_not_cut_pods_off_from_a_host_without_an_address():
    def story(world, people):
        serve_all(world, allowed=())
        world.names.zone[API] = ["10.0.0.1"]
        people.declare_egress(backend="Auto")
        yield 60

    world = played(story)

    assert world.people.reads("supplieregresses", "suppliers") == "NoAddress"
    assert opened(world) == set()


def test_a_kind_that_knows_names_does_not_wait_for_addresses():
    def story(world, people):
        serve_all(world, allowed=("CiliumNetworkPolicy",))
        world.names.zone[API] = ["10.0.0.1"]
        people.declare_egress(backend="Auto")
        yield 60

    world = played(story)

    (policy,) = world.api.items("ciliumnetworkpolicies")
    assert {"matchName": API} in policy["spec"]["egress"][0]["toFQDNs"]
    assert world.people.reads("supplieregresses", "suppliers") == "Enforced"


def test_a_kind_that_comes_later_is_taken_within_minutes_and_what_was_there_goes():
    def story(world, people):
        people.declare_egress(backend="Auto")
        yield 60
        assert world.api.items("networkpolicies")
        serve_all(world, allowed=("CiliumNetworkPolicy",))
        yield 900

    world = played(story)

    assert world.api.items("ciliumnetworkpolicies")
    assert not world.api.items("networkpolicies")
    status = world.api.find("supplieregresses", NAMESPACE, "suppliers")["status"]
    assert [it["kind"] for it in status["objects"]] == ["CiliumNetworkPolicy"]
