"""What the rules of the alternate dialect are made of: changes of rows, of bodies, of answers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from thegrid_emulator.answers import EMPTY, Answer, Change
from thegrid_emulator.error_shapes import error_body

JSONObject = dict[str, object]
RowChange = Callable[[JSONObject], JSONObject]

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_ID = re.compile(r"(market|instrument)-([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.ASCII)
_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})\.[0-9]+Z", re.ASCII)


# Changes of one row: the object, or each object of the array, under `data` or without envelope.


def rows(*changes: RowChange) -> Change:
    """Change each row of a body."""

    def change(row: object) -> object:
        if isinstance(row, dict):
            for one in changes:
                row = one(row)
        return row

    def changed(answer: Answer) -> Answer:
        body = answer.body
        if not isinstance(body, dict):
            return answer
        data = body.get("data", body)
        if data is body:
            return replace(answer, body=change(body))
        inner = [change(row) for row in data] if isinstance(data, list) else change(data)
        return replace(answer, body={**body, "data": inner})

    return changed


def named(names: Mapping[str, str]) -> RowChange:
    """Call members by other names, in their place."""
    return lambda row: {names.get(name, name): value for name, value in row.items()}


def without(*names: str) -> RowChange:
    """Leave members out."""
    return lambda row: {name: value for name, value in row.items() if name not in names}


def without_null(*names: str) -> RowChange:
    """Leave members out that are null."""
    return lambda row: {
        name: value for name, value in row.items() if name not in names or value is not None
    }


def only(*names: str) -> RowChange:
    """Leave every other member out."""
    return lambda row: {name: value for name, value in row.items() if name in names}


def each(*names: str, change: Callable[[object], object]) -> RowChange:
    """Change the values of members."""
    return lambda row: {
        name: change(value) if name in names else value for name, value in row.items()
    }


def word(old: str, new: str) -> Callable[[object], object]:
    """Say another word for one value."""
    return lambda value: new if value == old else value


def as_number(value: object) -> object:
    """Return the number that a decimal string writes; anything else as it is."""
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return value
    number = Decimal(value)
    return int(number) if number == number.to_integral_value() else float(number)


def as_string(value: object) -> object:
    """Return a number as a decimal string; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return f"{Decimal(str(value)):f}"


def other_kind(value: object) -> object:
    """Return a number as a string and a string as a number."""
    return as_number(value) if isinstance(value, str) else as_string(value)


# Changes of a whole answer.


def with_status(status: int) -> Change:
    """Give another status."""
    return lambda answer: replace(answer, status=status)


def emptied(answer: Answer) -> Answer:
    """Return 204 without a body."""
    return replace(answer, status=204, body=EMPTY)


def wrapped(answer: Answer) -> Answer:
    """Put a bare object under `data`."""
    return replace(answer, body={"data": answer.body})


def in_body(change: RowChange) -> Change:
    """Change the body's own members."""

    def changed(answer: Answer) -> Answer:
        body = answer.body
        return replace(answer, body=change(body)) if isinstance(body, dict) else answer

    return changed


def texts(change: Callable[[str], str]) -> Change:
    """Change every string in a body, however deep, but no name of a member."""

    def changed(value: object) -> object:
        match value:
            case str():
                return change(value)
            case list():
                return [changed(item) for item in value]
            case dict():
                return {name: changed(item) for name, item in value.items()}
        return value

    return lambda answer: replace(answer, body=changed(answer.body))


def with_underscore(text: str) -> str:
    """Return an id of a market or an instrument in its older form."""
    return _ID.sub(r"\1_\2", text)


def without_fraction(text: str) -> str:
    """Return a time without its fraction of a second."""
    return _TIME.sub(r"\1Z", text)


# Changes of a refusal.


def code_and_text(answer: Answer) -> tuple[str, str]:
    """Return the machine code and the text of a refusal in the emulator's own shapes.

    The code is empty where a refusal is by field.
    """
    body = answer.body if isinstance(answer.body, dict) else {}
    if "error" in body:
        return str(body["error"]), str(body.get("error_description", body["error"]))
    errors = body.get("errors")
    detail = errors.get("detail") if isinstance(errors, dict) else None
    if not isinstance(errors, dict) or not isinstance(detail, str):
        return "", ""
    return detail, str(errors.get("message", detail.replace("_", " ")))


def in_shape(shape: int, *statuses: int) -> Change:
    """Say a refusal with a code in another shape.

    Args:
        shape: see `thegrid_emulator.error_shapes`.
        statuses: which refusals; none for all.
    """

    def changed(answer: Answer) -> Answer:
        code, text = code_and_text(answer)
        if not code or (statuses and answer.status not in statuses):
            return answer
        return replace(answer, body=error_body(shape, code, text))

    return changed


def if_code(codes: Mapping[str, str], change: Callable[[Answer, str], Answer]) -> Change:
    """Change refusals with certain codes.

    Args:
        codes: other codes by those of the emulator.
        change: given a refusal and its other code.
    """

    def changed(answer: Answer) -> Answer:
        code, _ = code_and_text(answer)
        return change(answer, codes[code]) if code in codes else answer

    return changed
