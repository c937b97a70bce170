"""What happens to names and to those who declare allow lists while things go wrong."""

from __future__ import annotations

from tests.crash.disturbances import OTHERS
from tests.crash.names import LISTED, serve_policies_of_the_cluster

ABOUT_THE_CLUSTER = (
    "all-touched",
    "writes-forbidden",
    "writes-fail",
    "api-server-away",
    "watch-410",
    "watch-silent",
    "watch-late",
    "watch-repeats",
)
# A grace goes by the clock, so one that jumps is another story: what had moved away is let go
# sooner or later.
NOT_ABOUT_NAMES = tuple(kind.name for kind in OTHERS if kind.name not in ABOUT_THE_CLUSTER)


def nobody(_world):
    """Nobody has anything to do."""


def moving_names(world, people):
    """A supplier moves, name servers fail while it moves on, and then all is as it was."""
    api, supplier = LISTED
    world.names.zone = {api: ["8.8.8.1"], supplier: ["8.8.4.1"]}
    people.declare_egress()
    yield 150
    world.names.zone[supplier] = ["8.8.4.2"]
    yield 100
    world.names.fail = True
    yield 250
    world.names.fail = False
    world.names.zone[supplier] = ["8.8.4.3"]
    yield 250


def whole_cluster(world, people):
    """A policy that no resource of a namespace can own is made, left, made again, and goes."""
    serve_policies_of_the_cluster(world)
    world.names.zone = {host: ["8.8.8.1"] for host in LISTED}
    people.declare_egress(backend="Upstream")
    yield 100
    people.edit_spec("supplieregresses", "suppliers", backend="Core")
    yield 100
    people.edit_spec("supplieregresses", "suppliers", backend="Upstream")
    yield 100
    people.delete("suppliers", "supplieregresses")
    yield 100
