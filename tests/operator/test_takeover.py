"""A key that a person made is taken over only by who names it and holds it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from thegrid.core.identity import KeyTag, Owner
from thegrid.core.model import ConsumptionKey, KeyListing
from thegrid.core.rotation import HeldKey, Record
from thegrid.core.secret import Secret
from thegrid_operator.manifests import Holding, encode
from thegrid_operator.status import Stalled
from thegrid_operator.takeover import proven, take_over

NOW = datetime(2026, 3, 1, tzinfo=UTC)
BORN = NOW - timedelta(days=40)
THEIRS = ConsumptionKey("key-1", "by hand", is_active=True, created_at=BORN, prefix="WoqALXMf")
OTHER = ConsumptionKey("key-2", "another", is_active=True, created_at=BORN, prefix="Zz9+abcd")
VALUE = "WoqALXMf-and-more"


def listing(*keys):
    return KeyListing(keys or (THEIRS, OTHER), NOW)


def secret(**entries):
    return {"data": {name: encode(value) for name, value in entries.items()}}


HELD = secret(password="x", token=VALUE)


def test_a_key_in_the_secret_is_current_from_then_on_with_the_age_that_it_has():
    found = take_over("key-1", listing(), "app-grid", HELD)

    assert found == Holding(
        Record(current=HeldKey("key-1", 1, BORN, None)), {"key-1": Secret(VALUE)}
    )


def test_a_line_end_after_the_key_is_no_part_of_it():
    found = take_over("key-1", listing(), "app-grid", secret(token=VALUE + "\n"))

    assert found.secrets == {"key-1": Secret(VALUE)}


def test_a_dead_key_is_not_taken_over_and_holds_nothing_up():
    dead = replace(THEIRS, is_active=False)

    assert take_over("key-1", listing(dead, OTHER), "app-grid", HELD) is None


TAGGED = replace(THEIRS, name=KeyTag(Owner("pulumi:x:y"), 3).name("web"))
ALIKE = replace(OTHER, prefix=THEIRS.prefix)
REFUSED = {
    "a key that the account does not have": (listing(OTHER), HELD, "no such key"),
    "a key that somebody declared": (listing(TAGGED, OTHER), HELD, "declared elsewhere"),
    "a Secret without it": (listing(), secret(token="other"), "no entry of Secret app-grid"),
    "nothing but its first characters": (listing(), secret(token="WoqALXMf"), "no entry"),
    "no Secret at all": (listing(), None, "there is no app-grid"),
    "two keys that begin alike": (listing(THEIRS, ALIKE), HELD, "no entry"),
    "a market that shows no characters": (
        listing(replace(THEIRS, prefix=""), OTHER),
        HELD,
        "no entry",
    ),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_no_key_is_taken_over_from(sentence):
    keys, found, why = REFUSED[sentence]

    refused = take_over("key-1", keys, "app-grid", found)

    assert isinstance(refused, Stalled)
    assert refused.reason == "KeyNotAdopted"
    assert "spec.adoptKeyId names key-1" in refused.message
    assert why in refused.message
    assert THEIRS.prefix not in refused.message, "those are characters of the secret"


def test_what_was_taken_over_stays_ours_as_long_as_we_hold_its_secret_and_it_is_named():
    holding = Holding(Record(), {"key-1": Secret(VALUE), "key-2": Secret("forged")})

    assert proven("key-1", listing(), holding) == {"key-1"}
    assert proven("key-2", listing(), holding) == set(), "a forged record names it"
    assert proven("", listing(), holding) == set()
    assert proven("key-1", listing(TAGGED, OTHER), holding) == set()
    assert proven("key-3", listing(), holding) == set()
