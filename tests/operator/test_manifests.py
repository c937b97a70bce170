"""What our two Secrets say, and what is left of it when one is lost, late or edited."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.operator.holdings import (
    ENTRY,
    NOW,
    OWNER,
    SETTLED,
    as_asked,
    holdings,
    key,
    our_target,
    times,
)

from thegrid.core.rotation import Record
from thegrid.core.secret import Secret
from thegrid_operator.manifests import Holding, companion, decode, encode, is_ours, read_holding
from thegrid_operator.record import RECORD, Requests
from thegrid_operator.resources import Target


@given(holdings())
def test_what_was_written_is_read_again(holding):
    shown = our_target(holding) if holding.record.current else None

    assert read_holding(companion(OWNER, holding), shown) == holding


@given(holdings())
def test_a_manifest_is_ours_and_only_ours(holding):
    written = companion(OWNER, holding)

    assert is_ours(written, OWNER)
    assert not is_ours(written, replace(OWNER, uid="uid-2"))


@given(holdings(current=True))
def test_the_target_never_shows_another_key_than_the_current_one(holding):
    shown = json.dumps(our_target(holding))
    current = holding.record.current

    for held in holding.record.held():
        secret = holding.secrets[held.id].reveal()
        if held != current and secret != holding.secrets[current.id].reveal():
            assert f'"{encode(secret)}"' not in shown


@given(holdings(), times)
def test_a_swap_whose_second_write_was_lost_is_seen_with_its_trigger(holding, swapped_at):
    pending = key(10**7)
    holding = Holding(
        replace(holding.record, pending=pending),
        {**holding.secrets, pending.id: Secret("fresh")},
        Requests("asked for", "leak"),
    )
    after = holding.swapped(replace(pending, since=swapped_at))

    found = read_holding(companion(OWNER, holding), our_target(after))

    assert found.record == after.record
    assert found.secrets[pending.id] == Secret("fresh")
    assert found.record.trigger == "asked for"
    assert found.record.emergency == "leak"
    assert found.record.urgent == (holding.record.current is not None)
    assert found.record.previous == holding.record.current
    assert found.record.pending is None


def test_a_lost_companion_leaves_what_the_target_shows():
    found = read_holding(None, our_target(SETTLED))

    assert found.record == Record(current=key(2), trigger="t1")
    assert found.secrets["key-2"] == Secret("new")


def test_a_lost_companion_does_not_have_an_emergency_handled_again():
    handled = replace(SETTLED, record=replace(SETTLED.record, emergency="leak"))

    assert read_holding(None, our_target(handled)).record.emergency == "leak"


def test_a_companion_that_is_put_back_as_it_was_has_no_request_handled_again():
    before = Record(current=key(1), trigger="first", emergency="first leak")
    handled = Record(current=key(2), previous=key(1), trigger="second", emergency="second leak")
    secrets = {"key-1": Secret("old"), "key-2": Secret("new")}

    found = read_holding(
        companion(OWNER, Holding(before, secrets)), our_target(Holding(handled, secrets))
    )

    assert found.record == handled


@pytest.mark.parametrize("trigger", ["", "now"])
def test_the_swap_after_an_emergency_is_an_ordinary_one(trigger):
    urgent = replace(SETTLED.record, emergency="leak", urgent=True, pending=key(3))
    after = replace(SETTLED, record=urgent, pending=Requests(trigger)).swapped(key(3))

    assert after.record == Record(
        current=key(3), previous=key(2), trigger=trigger, emergency="leak"
    )


def test_the_first_key_handles_an_emergency_and_is_not_urgent():
    first = Holding(Record(pending=key(1)), {}, Requests(emergency="leak")).swapped(key(1))

    assert first.record == Record(current=key(1), emergency="leak")


def test_a_lost_target_changes_nothing():
    assert read_holding(companion(OWNER, SETTLED), None) == SETTLED


def test_with_both_lost_nothing_is_held():
    assert read_holding(None, None) == Holding(Record(), {})


def test_a_target_restored_from_an_old_backup_does_not_outrank_the_companion():
    old = Holding(Record(current=key(1)), {"key-1": Secret("old")})

    assert read_holding(companion(OWNER, SETTLED), our_target(old)) == SETTLED


def test_an_edited_key_in_the_target_does_not_become_the_key():
    edited = our_target(SETTLED)
    edited["data"][ENTRY] = encode("somebody's idea")

    found = read_holding(companion(OWNER, SETTLED), edited)

    assert found.secrets["key-2"] == Secret("new")


@pytest.mark.parametrize("content", [{}, {ENTRY: ""}])
def test_a_key_whose_secret_is_nowhere_any_more_is_not_held(content):
    emptied = {**our_target(SETTLED), "data": content}

    assert read_holding(None, emptied).record.current is None


def test_a_key_that_is_not_ours_is_dropped_from_every_slot():
    record = Record(pending=key(3), current=key(2), previous=key(1))
    holding = Holding(record, {})

    assert holding.without({"key-1"}).record == replace(record, previous=None)
    assert holding.without({"key-2", "key-3"}).record == Record(previous=key(1))
    assert holding.without(frozenset()) == holding


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
odd_times = st.sampled_from(
    ["2026-03-01", "2026-03-01T00:00:00", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00"]
)
odd_numbers = st.sampled_from([0, -1, 1.5, "7", True, 10**8, 10**30]) | json_values
odd_fields = (
    st.tuples(st.just("id"), json_values)
    | st.tuples(st.just("number"), odd_numbers)
    | st.tuples(st.sampled_from(["since", "expiresAt"]), odd_times | json_values)
)


@st.composite
def almost_keys(draw):
    """A key with one field edited, or left out."""
    fields = {"id": "key-7", "number": 7, "since": NOW.isoformat(), "expiresAt": None}
    name, value = draw(odd_fields)
    fields[name] = value
    if draw(st.integers(0, 9)) == 0:
        del fields[name]
    return fields


almost_records = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("pending", "current", "previous", "trigger", "pendingTrigger"), json_values | almost_keys()
    ),
)
edits = st.text(max_size=30) | (json_values | almost_keys() | almost_records).map(json.dumps)


@settings(max_examples=200)
@given(edits, edits)
def test_annotations_edited_into_anything_yield_keys_that_can_be_reckoned_with(first, second):
    ours = companion(OWNER, SETTLED)
    shown = our_target(SETTLED)
    ours["metadata"]["annotations"][RECORD] = first
    shown["metadata"]["annotations"][RECORD] = second

    found = read_holding(ours, shown)

    for held in found.record.held():
        assert isinstance(held.id, str)
        assert type(held.number) is int
        assert 0 < held.number < 10**9 - 1, "a tag has room for nine digits"
        for time in filter(None, (held.since, held.expires_at)):
            assert (time - timedelta(days=3650) < NOW) in (True, False)
            assert (time + timedelta(days=3650) < NOW) in (True, False)
    for held in filter(None, (found.record.current, found.record.pending)):
        assert found.secrets[held.id].reveal()


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ({"A": "$(KEY)", "B": "$(KEY)"}, True),
        ({"OPENAI_API_KEY": "no", "token": "$(KEY)"}, True),
        ({"OPENAI_API_KEY": "$(KEY)", "A": "$(KEY)"}, True),
        ({"header": "x-api-key: $(KEY)"}, False),
    ],
)
def test_the_key_is_found_in_the_target_alone_whatever_its_entry_is_called(entries, found):
    held = read_holding(None, as_asked(Target("app-grid", entries=entries)))

    assert held.record.current == (key(2) if found else None)
    assert not found or held.secrets == {"key-2": Secret("new")}


def test_entries_that_are_not_text_do_not_break_reading():
    assert decode("//79") == "\ufffd\ufffd\ufffd"
