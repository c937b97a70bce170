"""How a Secret is turned into what is wanted, and what of it stays others'."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.operator.holdings import ENTRY, OWNER, as_asked, holdings, key, our_target

from thegrid_operator.manifests import (
    change,
    companion,
    encode,
    entries_of_others,
    is_ours,
    target,
    untied,
)
from thegrid_operator.record import RECORD
from thegrid_operator.resources import Target
from thegrid_operator.templates import DEFAULT_ENTRIES


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
