"""What may be otherwise in the answers of every route."""

from thegrid_emulator.dialect.changes import (
    JSONObject,
    in_body,
    in_shape,
    rows,
    texts,
    with_underscore,
    without_fraction,
)
from thegrid_emulator.dialect.rule import Rule

_SURFACES = ("platform", "trading", "consumption")
_UNKNOWN = {"introduced_later": {"note": "a client ignores what it does not know"}}


def _with_unknown_member(row: JSONObject) -> JSONObject:
    return {**row, **_UNKNOWN}


EVERYWHERE = (
    Rule(
        "a refusal has a text beside its code",
        "Errors and rate limits",
        ("trading", "consumption"),
        lambda answer: in_shape(2)(answer) if _is_documented(answer.body) else answer,
        to="refusals",
    ),
    Rule(
        "one request too many is refused by a bare string",
        "SDK",
        (*_SURFACES, "messages"),
        in_shape(6, 429),
        to="refusals",
    ),
    Rule(
        "ids have an underscore",
        "Manual: markets",
        _SURFACES,
        texts(with_underscore),
        to="both",
    ),
    Rule(
        "times have no fraction of a second",
        "Request and response conventions",
        _SURFACES,
        texts(without_fraction),
    ),
    Rule(
        "a member comes that nobody knows yet",
        "Request and response conventions",
        _SURFACES,
        lambda answer: in_body(_with_unknown_member)(rows(_with_unknown_member)(answer)),
        to="both",
    ),
)


def _is_documented(body: object) -> bool:
    return isinstance(body, dict) and "errors" in body
