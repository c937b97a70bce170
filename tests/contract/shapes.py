"""The shapes of answers, and the places in them."""

from decimal import Decimal, InvalidOperation

import jsonschema_rs
from tests.contract.book import read

_SCHEMAS = read("shapes.json")
NAMES = frozenset(_SCHEMAS["$defs"])
MISSING = object()

_VALIDATORS = {}


def misfits(shape, content):
    """What is wrong with an answer, in words; empty if it has this shape."""
    if shape not in _VALIDATORS:
        _VALIDATORS[shape] = jsonschema_rs.validator_for({**_SCHEMAS, "$ref": f"#/$defs/{shape}"})
    return [
        f"{'/'.join(map(str, error.instance_path)) or 'the body'}: {error.message}"
        for error in _VALIDATORS[shape].iter_errors(content)
    ]


def at(pointer, content):
    """What a JSON pointer leads to; `A|B` is either place. MISSING if neither is there."""
    for one in pointer.split("|"):
        found = _at(one, content)
        if found is not MISSING:
            return found
    return MISSING


def _at(pointer, content):
    for name in pointer.split("/")[1:]:
        if isinstance(content, dict) and name in content:
            content = content[name]
        elif isinstance(content, list) and name.isdigit() and int(name) < len(content):
            content = content[int(name)]
        else:
            return MISSING
    return content


def is_one_of(expected, found):
    """Whether a value is the expected one, or one of several that are allowed."""
    return any(_same(it, found) for it in (expected if isinstance(expected, list) else [expected]))


def _same(expected, found):
    """Whether two values are the same, where amounts may be strings or numbers."""
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    try:
        return Decimal(str(expected)) == Decimal(str(found))
    except InvalidOperation:
        return expected == found


def code_of(content):
    """The machine code of a refusal, wherever its envelope has it."""
    for pointer in ("/error/code", "/errors/code", "/code", "/errors/detail", "/error"):
        found = at(pointer, content)
        if isinstance(found, str):
            return found.lower()
    return None
