"""Whatever is changed in whatever order, what is left is what declaring the end at once gives."""

from __future__ import annotations

import functools
import json

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from tests.crash.changes import KEYS, SEQUENCES, Declared
from tests.crash.scenarios import Scenario
from tests.crash.state import last_form
from tests.crash.world import Violation, World

A_WHILE_SECONDS = 10.0
MOST_TOLD = 60
LONG_LOGINS = {"access_token_seconds": 1_000_000}
"""No refresh may fall into the time after the restart, when nothing is to be written."""

HISTORY = ("slots", "trigger")
"""What a record tells of the way on which it came about."""


def lived(play):
    world = World(Scenario("random-changes", play, market=LONG_LOGINS))
    try:
        world.play()
    except Violation as violation:
        told = "\n".join([str(violation), *world.trace[-MOST_TOLD:]])
        raise AssertionError(told) from None
    form = last_form(world)
    objects = {
        name: {part: it for part, it in inner.items() if part not in HISTORY}
        for name, inner in form["objects"].items()
    }
    return objects, form["live keys"]


def changed(sequence):
    """Make changes one after the other; return what is left and what is declared then."""
    declared = Declared()

    def play(_world, people):
        people.log_in()
        people.declare_account()
        for name in KEYS:
            declared.declare(people, name)
        yield A_WHILE_SECONDS
        for change in sequence:
            declared.make(people, change)
            yield change.seconds
        declared.resume(people)
        yield A_WHILE_SECONDS

    return lived(play), declared


@functools.cache
def declared_at_once(keys, asked):
    keys, asked = json.loads(keys), json.loads(asked)

    def play(_world, people):
        people.log_in()
        people.declare_account()
        for name, spec in keys.items():
            Declared().declare(people, name, spec, asked[name])
        yield A_WHILE_SECONDS

    return lived(play)


def agree(sequence):
    reached, declared = changed(sequence)

    texts = (json.dumps(it, sort_keys=True) for it in (declared.keys, declared.asked))
    at_once = declared_at_once(*texts)
    assert reached == at_once, "\n".join([*map(str, sequence), *differences(reached, at_once)])
    assert reached[1] == len(declared.keys), "each key that is declared lives, and no other"


def differences(reached, at_once):
    """Name what is not the same."""
    names = {*reached[0], *at_once[0]}
    pairs = {name: (reached[0].get(name, {}), at_once[0].get(name, {})) for name in sorted(names)}
    return [
        f"{name} {part}: {one.get(part)} in place of {other.get(part)}"
        for name, (one, other) in pairs.items()
        for part in {*one, *other}
        if one.get(part) != other.get(part)
    ]


calmly = functools.partial(
    settings,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # making a failure shorter takes minutes: look at the sequence
    suppress_health_check=[HealthCheck.too_slow],
)


@calmly(max_examples=20)
@given(SEQUENCES)
def test_some_sequences_of_valid_changes_end_in_the_right_state(sequence):
    agree(sequence)


@pytest.mark.slow
@calmly(max_examples=500)
@given(SEQUENCES)
def test_five_hundred_sequences_of_valid_changes_end_in_the_right_state(sequence):
    agree(sequence)
