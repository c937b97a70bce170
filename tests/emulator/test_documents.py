"""JSON texts that fit a schema."""

import json
from decimal import Decimal

import pytest

from thegrid_emulator.errors import MarketError
from thegrid_emulator.inference.documents import document

FITTING = {
    "a string says the text": ({"type": "string"}, "hello"),
    "a schema that says nothing is met by a string": ({}, "hello"),
    "a long text is cut": ({"type": "string", "maxLength": 2}, "he"),
    "a short text is filled up": ({"type": "string", "minLength": 7}, "hello.."),
    "a format is kept": ({"type": "string", "format": "date"}, "2026-01-01"),
    "a constant is what it is": ({"const": {"a": [1]}}, {"a": [1]}),
    "the first of an enumeration": ({"type": "string", "enum": ["b", "a"]}, "b"),
    "a default": ({"type": "number", "default": Decimal("0.5")}, 0.5),
    "a number is 0 if it may": ({"type": "integer", "maximum": 9}, 0),
    "a number is its lower bound": ({"type": "integer", "minimum": 3}, 3),
    "a number is above a bound that is not its own": ({"type": "number", "exclusiveMinimum": 3}, 4),
    "a number is its upper bound": ({"type": "number", "minimum": -9, "maximum": -2}, -9),
    "a boolean": ({"type": "boolean"}, True),
    "nothing": ({"type": "null"}, None),
    "rather something than nothing": ({"type": ["null", "boolean"]}, True),
    "an array has one item if it may": ({"type": "array", "items": {"type": "boolean"}}, [True]),
    "an array has as many items as it must": ({"type": "array", "minItems": 2}, ["hello"] * 2),
    "an array that must be empty is": ({"type": "array", "items": {"const": 1}, "maxItems": 0}, []),
    "required members only": (
        {"properties": {"a": {"const": 1}, "b": {"const": 2}}, "required": ["a"]},
        {"a": 1},
    ),
    "a reference": (
        {
            "properties": {"a": {"$ref": "#/$defs/x~1y"}},
            "required": ["a"],
            "$defs": {"x/y": {"const": 1}},
        },
        {"a": 1},
    ),
    "parts are joined": (
        {
            "allOf": [{"properties": {"a": {"const": 1}}, "required": ["a"]}, {"required": ["b"]}],
            "properties": {"b": {"const": 2}},
        },
        {"a": 1, "b": 2},
    ),
    "the first choice": ({"anyOf": [{"const": 1}, {"const": 2}]}, 1),
    "what is said in a wrong type is not said": (
        {"type": 5, "required": "a", "minLength": True, "enum": [], "allOf": {}, "properties": 3},
        {},
    ),
}


@pytest.mark.parametrize("sentence", FITTING)
def test_fitting(sentence):
    schema, expected = FITTING[sentence]
    assert json.loads(document(schema, "hello")) == expected


ENDLESS = {
    "a reference to itself": {"$ref": "#"},
    "an object within itself": {
        "properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}},
        "required": ["a", "b"],
    },
    "an array without end": {"type": "array", "minItems": 10**12},
    "a string without end": {"type": "string", "minLength": 10**12},
    "a long default many times": {
        "type": "array",
        "minItems": 900,
        "items": {"default": "x" * 1000},
    },
}


@pytest.mark.parametrize("sentence", ENDLESS)
def test_a_schema_that_asks_for_too_much_is_refused(sentence):
    with pytest.raises(MarketError, match="at most 1000 values") as refused:
        document(ENDLESS[sentence], "hello")
    assert refused.value.status == 422
