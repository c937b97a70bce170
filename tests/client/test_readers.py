"""Whatever a market answers: a value, or an answer that cannot be used, and nothing else."""

import inspect
import json
from copy import deepcopy
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thegrid.client import _wire

ANSWERS = json.loads((Path(__file__).parent / "answers.json").read_text(encoding="utf-8"))
"""One whole answer for each reader, by its name, in the vendor's current spelling."""

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GIVEN = {"now": NOW, "market_id": "market-1", "client_order_id": "mine-1"}


def reader_of(name):
    """A reader, with what it is told besides the answer."""
    reader = getattr(_wire, name)
    told = {it: GIVEN[it] for it in inspect.signature(reader).parameters if it in GIVEN}
    return partial(reader, **told)


def places_in(value, path=()):
    """Every place within a value, as the keys that lead there."""
    yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places_in(value[key], (*path, key))


def with_change(whole, path, junk):
    """A copy of a value that holds something else at one place."""
    if not path:
        return junk
    changed = deepcopy(whole)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = junk
    return changed


PLACES = [(name, path) for name, whole in ANSWERS.items() for path in places_in(whole)]
ODD = ["", "NaN", "1e999999999", "-0", "0001-01-01T00:00:00+23:59", "2026-13-01", "open", "\ud800"]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
SCALARS |= st.sampled_from([*ODD, 10**400, -(10**30)])
JUNK = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


def raised_by(body, reader):
    """Read a body; return what was raised where it is unusable."""
    try:
        _wire.parse(body, reader)
    except _wire.UnusableAnswer as raised:
        return raised
    return None


def assert_says_nothing_of_the_body(raised):
    assert str(raised).startswith("the answer ")
    assert raised.__cause__ is raised.__context__ is None


def test_every_reader_is_put_to_the_test():
    reads = {"body", "data"}
    readers = {
        name
        for name in _wire.__all__
        if inspect.isfunction(getattr(_wire, name))
        and reads & inspect.signature(getattr(_wire, name)).parameters.keys()
    }
    assert readers - ANSWERS.keys() == {"error_code", "error_texts", "page", "parse"}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_whole_answer_is_read_whole(name):
    """Whatever the answer tells arrives: no field of the value is left empty by a wrong name."""
    value = _wire.parse(json.dumps(ANSWERS[name]).encode(), reader_of(name))
    empty = {
        field.name
        for row in (value if isinstance(value, tuple) else (value,))
        if is_dataclass(row)
        for field in fields(row)
        if getattr(row, field.name) in (None, "", (), {}, frozenset())
    }
    assert empty <= {"currency"}  # which only a row of money has


def amounts_and_times_in(value):
    if is_dataclass(value):
        value = tuple(getattr(value, field.name) for field in fields(value))
    if isinstance(value, tuple):
        for inner in value:
            yield from amounts_and_times_in(inner)
    yield value


@pytest.mark.parametrize("name", ANSWERS)
def test_amounts_are_decimal_and_times_are_in_utc(name):
    value = _wire.parse(json.dumps(ANSWERS[name]).encode(), reader_of(name))
    for inner in amounts_and_times_in(value):
        assert not isinstance(inner, float)
        assert not isinstance(inner, Decimal) or inner.is_finite()
        assert not isinstance(inner, datetime) or inner.tzinfo is UTC


@settings(max_examples=200)
@given(place=st.sampled_from(PLACES), junk=JUNK)
def test_an_answer_with_junk_somewhere_is_read_or_unusable(place, junk):
    name, path = place
    body = with_change(ANSWERS[name], path, junk)
    for answer, reader in (
        (body, reader_of(name)),
        ({"data": [body], "paging": junk}, partial(_wire.page, reader=reader_of(name))),
    ):
        raised = raised_by(json.dumps(answer).encode(), reader)
        if raised:
            assert_says_nothing_of_the_body(raised)


@pytest.mark.parametrize("name", ANSWERS)
@given(body=st.binary(max_size=20) | JUNK.map(json.dumps).map(str.encode))
@settings(max_examples=8)
def test_an_answer_of_junk_alone_is_unusable_or_empty(name, body):
    raised = raised_by(body, reader_of(name))
    if raised:
        assert_says_nothing_of_the_body(raised)


@settings(max_examples=50)
@given(error=JUNK, errors=JUNK, other=JUNK)
def test_any_refusal_has_two_texts(error, errors, other):
    for told in (errors, {"detail": errors}, {"detail": {"field": errors}}, {"code": errors}):
        refusal = {"error": error, "errors": told, "message": other, "code": other}
        code, message = _wire.error_texts(json.dumps(refusal).encode())
        assert (type(code), type(message)) == (str, str)


@pytest.mark.parametrize("nested", [b"[" * 100_000, b'{"data":' * 100_000])
def test_an_answer_that_is_nested_without_end_is_unusable(nested):
    with pytest.raises(_wire.UnusableAnswer, match="is not a JSON object"):
        _wire.parse(nested, lambda body: body)


AMOUNTS = ['"NaN"', '"Infinity"', "NaN", "-Infinity", '"1e999999999"', "1e-99999", "true", "{}"]


@pytest.mark.parametrize("amount", AMOUNTS)
def test_an_amount_that_is_none_is_unusable(amount):
    body = json.dumps(ANSWERS["order"] | {"price": "here"}).replace('"here"', amount)
    with pytest.raises(_wire.UnusableAnswer, match="wrong type"):
        _wire.parse(body.encode(), _wire.order)
