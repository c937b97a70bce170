"""Small words of JSON Schema (draft 2020-12, the one of OpenAPI 3.1)."""

from collections.abc import Mapping, Sequence

Schema = dict[str, object]

TEXT: Schema = {"type": "string"}
NAME: Schema = {"type": "string", "minLength": 1, "pattern": r"\S"}
FLAG: Schema = {"type": "boolean"}
WHOLE: Schema = {"type": "integer", "minimum": 0}
POSITIVE: Schema = {"type": "integer", "minimum": 1}
NUMBER: Schema = {"type": "number"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
DAY: Schema = {"type": "string", "format": "date"}
IDENTIFIER: Schema = {"type": "string", "format": "uuid"}
ADDRESS: Schema = {"type": "string", "format": "uri"}
DECIMAL: Schema = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
"""An amount of money or a price: never a binary fraction."""

QUANTITY: Schema = {
    "oneOf": [POSITIVE, {"type": "string", "pattern": "^[0-9]*[1-9][0-9]*$"}],
}
"""Whole units, as an integer or as a decimal string."""


def record(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """Return an object that an answer consists of: these members and no others.

    Args:
        required: members that are always there.
        optional: members that may be missing.
    """
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def fields(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """Return an object that a request consists of; the market ignores members it does not know.

    Args:
        required: members that must be there.
        optional: members that may be missing.
    """
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
    }


def array(items: Schema) -> Schema:
    """Return a list of one kind of thing."""
    return {"type": "array", "items": items}


def one_of(*values: str) -> Schema:
    """Return a string out of a few."""
    return {"type": "string", "enum": list(values)}


def always(value: str | bool) -> Schema:  # noqa: FBT001 -- the value of a constant
    """Return a value that never differs."""
    return {"const": value}


def or_null(schema: Schema) -> Schema:
    """Return a thing that may be null instead."""
    return {"anyOf": [schema, {"type": "null"}]}


def either(*schemas: Schema) -> Schema:
    """Return a thing of one of several shapes."""
    return {"anyOf": list(schemas)}


def component(name: str) -> Schema:
    """Return a reference to a schema among the document's components."""
    return {"$ref": f"#/components/schemas/{name}"}


def enveloped(schema: Schema) -> Schema:
    """Return `{"data": ...}`, as platform and trading answer single things."""
    return record({"data": schema})


def page_of(schema: Schema) -> Schema:
    """Return `{"data": [...], "paging": {...}}`, as lists with cursors answer."""
    return record({"data": array(schema), "paging": component("Paging")})


def changing_one_of(names: Sequence[str]) -> list[Schema]:
    """Return the alternatives of an object that must have at least one of these members."""
    return [{"required": [name]} for name in names]
