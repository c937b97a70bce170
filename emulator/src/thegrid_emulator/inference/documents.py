"""JSON texts that fit a schema, found without chance, for tool calls and structured answers.

The rules, of which the first that applies counts:

1. `const`, the first of `enum`, `default`;
2. what a `$ref` within the schema points to; `allOf` joined; the first of `anyOf` or `oneOf`;
3. an object has its required members and no others; an array has as many items as it must have,
   and one if `items` says of what kind;
4. a string is the given text, cut or filled up to its length, or what its `format` asks for; a
   number is 0 or the bound that allows it; a boolean is true.

Patterns, multiples and conditions between members are not looked at.
"""

import json
import sys
from collections.abc import Mapping
from decimal import Decimal

from thegrid_emulator.errors import MarketError
from thegrid_emulator.inference.checks import out_of_range

Schema = Mapping[str, object]

_DEEPEST = 30
_MOST_VALUES = 1000
_MOST_CHARACTERS = 100_000
_LARGEST_NUMBER = 10**18

_FORMATS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "email": "somebody@example.com",
    "time": "00:00:00Z",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def document(schema: Schema, text: str) -> str:
    """Return a JSON text that fits a schema.

    Args:
        schema: a JSON schema; what it says in a wrong type is as if it were not said.
        text: what strings say.

    Raises:
        MarketError: 422 if the text would be deeper or larger than anybody needs.
    """
    try:
        return json.dumps(_Writer(schema, text).value(schema, _DEEPEST), default=_fraction)
    except RecursionError:
        raise _too_large() from None


class _Writer:
    def __init__(self, root: Schema, text: str) -> None:
        self._root = root
        self._text = text
        self._values_left = _MOST_VALUES
        self._characters_left = _MOST_CHARACTERS

    def value(self, schema: Schema, levels: int) -> object:
        self._values_left -= 1
        if min(levels, self._values_left) < 0:
            raise _too_large()
        for given in _given(schema):
            self._spend(len(str(given)))
            return given
        other = self._stand_in(schema)
        return self._of_kind(schema, levels - 1) if other is None else self.value(other, levels - 1)

    def _of_kind(self, schema: Schema, levels: int) -> object:
        match _kind(schema):
            case "object":
                return self._object(schema, levels)
            case "array":
                return self._array(schema, levels)
            case "integer" | "number":
                return _number_within(schema)
            case "boolean" | "null" as constant:
                return True if constant == "boolean" else None
        return self._string(schema)

    def _stand_in(self, schema: Schema) -> Schema | None:
        """Return the schema that counts instead of this one, if one does."""
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return _pointed_at(self._root, reference)
        if parts := _schemas(schema, "allOf"):
            rest = {name: value for name, value in schema.items() if name != "allOf"}
            return _joined([*((self._stand_in(part) or part) for part in parts), rest])
        choices = _schemas(schema, "anyOf") or _schemas(schema, "oneOf")
        return choices[0] if choices else None

    def _object(self, schema: Schema, levels: int) -> dict[str, object]:
        properties = _members(schema, "properties")
        return {
            name: self.value(_members(properties, name), levels)
            for name in _strings(schema.get("required"))
        }

    def _array(self, schema: Schema, levels: int) -> list[object]:
        items = _members(schema, "items")
        count = max(_length(schema, "minItems", 0), 1 if items else 0)
        count = min(count, _length(schema, "maxItems", count))
        return [self.value(items, levels) for _ in range(count)]

    def _string(self, schema: Schema) -> str:
        wanted = _FORMATS.get(str(schema.get("format")))
        if wanted is None:
            shortest = _length(schema, "minLength", 0)
            longest = _length(schema, "maxLength", _MOST_CHARACTERS)
            self._spend(max(shortest, min(len(self._text), longest)))
            wanted = self._text[:longest].ljust(shortest, ".")
        return wanted

    def _spend(self, characters: int) -> None:
        self._characters_left -= characters
        if self._characters_left < 0:
            raise _too_large()


def _given(schema: Schema) -> list[object]:
    """Return the value that the schema names, alone in a list, or an empty list."""
    if "const" in schema:
        return [schema["const"]]
    allowed = schema.get("enum")
    if isinstance(allowed, list) and allowed:
        return allowed[:1]
    return [schema["default"]] if "default" in schema else []


def _kind(schema: Schema) -> str:
    kind = schema.get("type")
    kinds = _strings(kind if isinstance(kind, list) else [kind])
    usual = "object" if "properties" in schema else "string"
    return next((it for it in kinds if it != "null"), kinds[0] if kinds else usual)


def _number_within(schema: Schema) -> int | Decimal:
    low, high = _number(schema, "minimum"), _number(schema, "maximum")
    above, below = _number(schema, "exclusiveMinimum"), _number(schema, "exclusiveMaximum")
    candidates = [
        0,
        *(it for it in (low, high) if it is not None),
        *(it + 1 for it in (above,) if it is not None),
        *(it - 1 for it in (below,) if it is not None),
    ]

    def fits(number: int | Decimal) -> bool:
        return (
            (low is None or number >= low)
            and (high is None or number <= high)
            and (above is None or number > above)
            and (below is None or number < below)
        )

    return next((it for it in candidates if fits(it)), 0)


def _joined(schemas: list[Schema]) -> Schema:
    joined: dict[str, object] = {}
    properties: dict[str, object] = {}
    required: list[str] = []
    for schema in schemas:
        joined |= schema
        properties |= _members(schema, "properties")
        required += _strings(schema.get("required"))
    if properties:
        joined["properties"] = properties
    return joined | {"required": list(dict.fromkeys(required))}


def _pointed_at(root: Schema, reference: str) -> Schema:
    """Return the part of a schema to which a JSON pointer in a fragment leads (RFC 6901)."""
    found = root
    for name in reference.removeprefix("#").split("/")[1:]:
        found = _members(found, name.replace("~1", "/").replace("~0", "~"))
    return found


def _members(schema: Schema, name: str) -> Schema:
    value = schema.get(name)
    return value if isinstance(value, dict) else {}


def _schemas(schema: Schema, name: str) -> list[Schema]:
    value = schema.get(name)
    return [it for it in value if isinstance(it, dict)] if isinstance(value, list) else []


def _strings(value: object) -> list[str]:
    return [it for it in value if isinstance(it, str)] if isinstance(value, list) else []


def _number(schema: Schema, name: str) -> int | Decimal | None:
    value = schema.get(name)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return value if -_LARGEST_NUMBER <= value <= _LARGEST_NUMBER else None


def _length(schema: Schema, name: str, default: int) -> int:
    value = _number(schema, name)
    return default if value is None else max(0, int(value))


def _fraction(value: object) -> float:
    """Return as JSON knows it what a request's fractions are read as."""
    assert isinstance(value, Decimal)  # noqa: S101 -- the only type of a request that JSON lacks
    largest = sys.float_info.max
    return max(-largest, min(float(value), largest))


def _too_large() -> MarketError:
    return out_of_range("schema", f"met by at most {_MOST_VALUES} values")
