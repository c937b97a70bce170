"""What holds after each fault, and how a run that is in doubt says what to do."""

from datetime import timedelta

MOST_RUNS = 6
LATER = timedelta(minutes=2)


def let_time_pass(scene):
    scene.market.advance(LATER.total_seconds())


WAYS_ON = {
    "`pulumi cancel`": lambda scene: scene.command("cancel", "--yes"),
    "set on_ambiguous to adopt": lambda scene: scene.declare_also('on_ambiguous="adopt"'),
    "may not show yet what was placed": let_time_pass,
}
"""What a command says that is in doubt, and what to do then."""


SAYS_WHAT_TO_DO = ("run `pulumi up` again", "run the command again", *WAYS_ON)


def tells_what_to_do(scene, done):
    """What failed is one line, which names the resource and says how to go on."""
    lines = {line.strip() for line in done.stdout.partition("Diagnostics:")[2].splitlines()}
    (line,) = [it for it in lines if "error: " in it and not it.endswith(" failed")]
    assert f"{scene.kind} 'it': " in line or f"{scene.kind}: " in line
    assert any(words in line for words in SAYS_WHAT_TO_DO), line


def comes_to_rest(scene):
    """Run the command again, doing what it says, until it ends well; all is as declared then.

    Returns what was told on the way: what was in doubt, and keys that nobody held.
    """
    told = []
    for _ in range(MOST_RUNS):
        done = scene.act()
        doubts = [words for words in WAYS_ON if words in done.stdout]
        assert doubts or done.exit_code == 0, done.stdout
        if not doubts:
            break
        told.append(doubts[0])
        WAYS_ON[doubts[0]](scene)
    else:
        raise AssertionError(done.stdout)
    if scene.call.by == "up":
        told += names_what_is_unheld(scene)
        is_as_declared(scene)
    scene.destroy()
    leaves_nothing(scene)
    return told


def names_what_is_unheld(scene):
    """At most one live key is held by nobody; the state names it, and the next `up` ends it."""
    unheld = scene.world().keys - scene.held()
    assert unheld == set(scene.recorded().get("strays", ()))
    assert len(unheld) <= 1
    if unheld:
        scene.up()
    return [*unheld]


def is_as_declared(scene):
    """What the state holds is what there is, no order and no transfer twice, and `up` agrees."""
    scene.up("--expect-no-changes")
    world, recorded = scene.world(), scene.recorded()
    assert world.keys == scene.held()
    assert recorded.get("strays", []) == []
    has_nothing_twice(scene, world)
    if world.orders:
        (order,) = world.open_orders
        assert order.id == recorded["order_id"]
        assert order.price == scene.declared_price
    if world.transfers:
        assert world.transfers == (recorded["transfer_id"],)
    for name, value in scene.call.settings:
        assert getattr(world.settings, name) == value


def leaves_nothing(scene):
    """At the end nothing lives that could act or cost."""
    world = scene.world()
    assert (world.keys, world.open_orders) == (frozenset(), [])
    has_nothing_twice(scene, world)
    assert scene.recorded() == {}


def has_nothing_twice(scene, world):
    assert len(world.orders) == scene.call.orders
    assert len(world.transfers) == scene.call.transfers
