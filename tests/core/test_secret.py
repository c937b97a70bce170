"""A secret is not given away by accident."""

import copy
import dataclasses
import json
import pickle

import pytest

from thegrid.core.model import ConsumptionKey, DeviceLogin, MintedKey, TokenPair
from thegrid.core.secret import Secret

PLANTED = "planted-4f9c2a"
SECRET = Secret(PLANTED)

WAYS_OF_SHOWING = {
    "repr": repr,
    "str": str,
    "format": "{}".format,
    "f-string": lambda value: f"{value} {value!r} {value!s}",
    "percent": lambda value: f"{value}",
    "in a list": lambda value: str([value]),
    "in an exception": lambda value: repr(ValueError(value)),
}


@pytest.mark.parametrize("way", WAYS_OF_SHOWING)
def test_is_not_shown_by(way):
    assert PLANTED not in WAYS_OF_SHOWING[way](SECRET)
    assert "***" in WAYS_OF_SHOWING[way](SECRET)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_is_never_pickled(protocol):
    with pytest.raises(TypeError, match="never pickled") as caught:
        pickle.dumps({"deep": [SECRET]}, protocol)
    assert PLANTED not in str(caught.value)


def test_is_not_serialised_as_json():
    with pytest.raises(TypeError):
        json.dumps({"key": SECRET})


def test_a_copy_is_itself():
    assert copy.copy(SECRET) is SECRET
    assert copy.deepcopy({"key": SECRET})["key"] is SECRET


def test_has_no_dictionary_that_could_be_dumped():
    with pytest.raises(TypeError):
        vars(SECRET)


def test_is_compared_by_value_and_only_with_its_kind():
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert Secret("\ud800") == Secret("\ud800")
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2


def test_is_revealed_on_request():
    assert SECRET.reveal() == PLANTED


def test_values_that_hold_a_secret_do_not_show_it(now):
    holders = [
        MintedKey(ConsumptionKey("id", "name", is_active=True), SECRET),
        TokenPair(SECRET, SECRET, now, ("keys:manage",)),
        DeviceLogin(SECRET, "ABCD-EFGH", "https://a", "https://b", now, 5),
    ]
    for holder in holders:
        assert PLANTED not in repr(holder)
        assert PLANTED not in str(dataclasses.asdict(holder))
        with pytest.raises(TypeError, match="never pickled"):
            pickle.dumps(holder)
