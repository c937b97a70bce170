"""What our two Secrets say, and what is left of it when one is lost, late or edited."""

from __future__ import annotations

import copy
import json
import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thegrid.core.rotation import HeldKey, Record
from thegrid.core.secret import Secret
from thegrid_operator.manifests import (
    Holding,
    change,
    companion,
    decode,
    encode,
    entries_of_others,
    is_ours,
    read_holding,
    target,
    untied,
)
from thegrid_operator.record import RECORD, Requests
from thegrid_operator.resources import Meta, Target
from thegrid_operator.templates import DEFAULT_ENTRIES

OWNER = Meta("team-a", "app", "uid-1", 1, deleted=False, finalizers=())
ENTRY = "OPENAI_API_KEY"
NOW = datetime(2026, 3, 1, tzinfo=UTC)

times = st.timedeltas(timedelta(days=-9000), timedelta(days=40000)).map(NOW.__add__)
secrets = st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=40).map(Secret)


@st.composite
def held_keys(draw, number, key_id):
    return HeldKey(key_id, number, draw(times), draw(st.none() | times))


@st.composite
def holdings(draw, *, current=None):
    """Whatever the rotation can leave behind: any slots, numbers growing from slot to slot."""
    numbers = sorted(draw(st.sets(st.integers(1, 10**6), min_size=3, max_size=3)))
    slots = {}
    for slot, number in zip(("previous", "current", "pending"), numbers, strict=True):
        wanted = current if slot == "current" and current is not None else draw(st.booleans())
        slots[slot] = draw(held_keys(number, f"key-{number}")) if wanted else None
    texts = st.text(max_size=20)
    record = Record(**slots, trigger=draw(texts), emergency=draw(texts), urgent=draw(st.booleans()))
    pending = Requests(draw(texts), draw(texts)) if record.pending else Requests()
    return Holding(record, {key.id: draw(secrets) for key in record.held()}, pending)


def our_target(holding: Holding, **more: str):
    current = holding.record.current
    content = {ENTRY: holding.secrets[current.id].reveal(), **more}
    return target(OWNER, Target("app-grid"), current, content, holding.record.emergency)


def key(number: int) -> HeldKey:
    return HeldKey(f"key-{number}", number, NOW, NOW + timedelta(days=7))


SETTLED = Holding(
    Record(current=key(2), previous=key(1), trigger="t1"),
    {"key-1": Secret("old"), "key-2": Secret("new")},
)


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

    assert found.record == Record(current=key(2))
    assert found.secrets["key-2"] == Secret("new")


def test_a_lost_companion_does_not_have_an_emergency_handled_again():
    handled = replace(SETTLED, record=replace(SETTLED.record, emergency="leak"))

    assert read_holding(None, our_target(handled)).record.emergency == "leak"


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


@given(holdings(current=True))
def test_nothing_is_to_be_changed_in_what_was_just_written(holding):
    for written, whole in ((our_target(holding), False), (companion(OWNER, holding), True)):
        assert change(copy.deepcopy(written), written, whole=whole) is None


extra_entries = st.dictionaries(
    st.sampled_from(["DEBUG", "REGION", "note", "password"]), st.just(encode("theirs")), min_size=1
)


@given(holdings(current=True), holdings(current=True), extra_entries)
def test_a_user_keeps_the_extra_entries_and_labels_of_the_target(before, after, extra):
    seen = our_target(before)
    seen["data"] |= extra
    seen["metadata"]["labels"]["team"] = "a"
    seen["metadata"]["annotations"]["example.com/note"] = "keep"

    patch = change(seen, our_target(after), whole=False) or {}

    assert not extra.keys() & patch.get("data", {}).keys()
    merged = merge(seen, patch)
    assert merged["data"] == {**extra, ENTRY: our_target(after)["data"][ENTRY]}
    assert merged["metadata"]["labels"]["team"] == "a"
    assert merged["metadata"]["annotations"]["example.com/note"] == "keep"


@given(holdings(), holdings())
def test_the_companion_becomes_exactly_what_is_wanted(before, after):
    seen, wanted = companion(OWNER, before), companion(OWNER, after)

    patch = change(seen, wanted, whole=True) or {}

    assert merge(seen, patch) == wanted


def merge(item, patch):
    """JSON Merge Patch, RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(item) if isinstance(item, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


ASKED = Target(
    "app-grid",
    entries={"key": "$(KEY)", "url": "u"},
    labels={"team": "a"},
    annotations={"example.com/note": "n"},
)


def as_asked(asked=ASKED):
    content = {entry: text.replace("$(KEY)", "new") for entry, text in asked.entries.items()}
    return target(OWNER, asked, key(2), content)


def test_labels_and_annotations_come_beside_ours():
    meta = as_asked()["metadata"]

    assert meta["labels"] == {"team": "a", "app.kubernetes.io/managed-by": "thegrid-operator"}
    assert meta["annotations"]["example.com/note"] == "n"
    assert is_ours(as_asked(), OWNER)


def test_what_is_no_longer_asked_for_goes_and_what_others_added_stays():
    seen = as_asked()
    seen["data"]["theirs"] = encode("theirs")
    seen["metadata"]["labels"]["theirs"] = "x"
    seen["metadata"]["annotations"]["theirs"] = "x"
    less = as_asked(Target("app-grid", entries={"token": "$(KEY)"}))

    merged = merge(seen, change(seen, less, whole=False))

    assert merged["data"] == {"token": encode("new"), "theirs": encode("theirs")}
    assert merged["metadata"]["labels"] == less["metadata"]["labels"] | {"theirs": "x"}
    assert merged["metadata"]["annotations"] == less["metadata"]["annotations"] | {"theirs": "x"}
    assert change(merged, less, whole=False) is None


def test_the_entries_of_the_first_version_go_too_although_it_did_not_list_them():
    first = target(OWNER, Target("app-grid"), key(2), dict.fromkeys(DEFAULT_ENTRIES, "x"))
    assert json.loads(first["metadata"]["annotations"][RECORD]).keys() == {
        "id",
        "number",
        "since",
        "expiresAt",
    }

    merged = merge(first, change(first, as_asked(), whole=False))

    assert merged["data"].keys() == {"key", "url"}


@pytest.mark.parametrize("record", ["", "nonsense", "{}", '{"entries": ["theirs"]}'])
def test_of_a_secret_whose_record_was_lost_nothing_is_taken_away(record):
    seen = as_asked()
    seen["metadata"]["annotations"][RECORD] = record
    seen["data"]["theirs"] = encode("theirs")

    merged = merge(seen, change(seen, as_asked(Target("app-grid")), whole=False))

    assert merged["data"].keys() >= {"theirs", "key", "url"}


def test_a_secret_that_is_let_go_is_nobodys_and_keeps_what_it_held():
    before = as_asked()

    after = merge(before, untied(before))

    assert after["data"] == before["data"]
    assert after["metadata"]["labels"] == {"team": "a"}
    assert after["metadata"]["annotations"] == {"example.com/note": "n"}
    assert untied(merge(before, {"metadata": {"labels": None}})).keys() == {"metadata"}


def test_a_secret_that_is_let_go_with_its_keys_keeps_what_others_put_there():
    seen = as_asked()
    seen["data"]["theirs"] = encode("theirs")
    theirs = entries_of_others(seen, {"key"})

    assert theirs == {"theirs"}
    assert merge(seen, untied(seen, seen["data"].keys() - theirs))["data"].keys() == {"theirs"}


def test_what_the_resource_asks_for_is_ours_even_if_the_record_was_lost():
    seen = as_asked()
    seen["metadata"]["annotations"][RECORD] = "nonsense"

    assert entries_of_others(seen, {"key"}) == {"url"}


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
