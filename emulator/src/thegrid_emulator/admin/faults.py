"""Order faults: `{"method", "path"}`, one of `_KINDS`, and how often. See those still to strike."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Literal, get_args

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.admin.fields import Fields
from thegrid_emulator.error_shapes import SHAPES, error_body
from thegrid_emulator.errors import InvalidFieldsError
from thegrid_emulator.requests import json_object, venue_of
from thegrid_emulator.responses import code_of, data, no_content
from thegrid_emulator.state.faults import (
    Delay,
    Drop,
    Fault,
    FaultRule,
    FixedAnswer,
    Hold,
    Spoil,
)

SurfaceName = Literal["platform", "trading", "consumption", "messages", "gateway"]

_KINDS = ("status", "drop", "delay_seconds", "hold_seconds", "spoil")
_HOW_OFTEN = ("times", "every", "probability", "seed")
_FIELDS = ("method", "path", "surface", *_HOW_OFTEN, *_KINDS, "body", "shape", "retry_after")
_FOREVER = "forever"
_LONGEST_DELAY = 3600.0
_STATUSES = {status.value for status in HTTPStatus if status >= HTTPStatus.OK}


async def _order(request: Request) -> Response:
    venue_of(request).faults.order(fault_rule(await json_object(request)))
    return no_content()


async def _list(request: Request) -> Response:
    return data([_view(rule) for rule in venue_of(request).faults.pending])


async def _clear(request: Request) -> Response:
    venue_of(request).faults.clear()
    return no_content()


def fault_rule(body: Mapping[str, object]) -> FaultRule:
    """Read the order of a fault.

    Args:
        body: as posted to `/_emulator/faults`.

    Raises:
        InvalidFieldsError: if a member is missing, unknown or not of its kind.
    """
    fields = Fields(body, _FIELDS)
    surface = fields.optional("surface", str)
    if surface is not None and surface not in get_args(SurfaceName):
        raise InvalidFieldsError("surface", "must be one of " + ", ".join(get_args(SurfaceName)))
    every = fields.optional("every", int)
    seed = fields.optional("seed", int)
    return FaultRule(
        method=fields.required("method", str).upper(),
        path=fields.required("path", str),
        surface=surface,
        times=_times(fields),
        every=1 if every is None else every,
        probability=fields.number("probability") if fields.has("probability") else 1.0,
        seed=secrets.randbits(32) if seed is None else seed,
        fault=_fault(fields),
    )


def _times(fields: Fields) -> int | None:
    if fields.raw("times") == _FOREVER:
        return None
    times = fields.optional("times", int)
    return 1 if times is None else times


def _fault(fields: Fields) -> Fault:
    kinds = [kind for kind in _KINDS if fields.has(kind)]
    match kinds:
        case ["status"]:
            return _fixed_answer(fields)
        case ["drop"]:
            return _drop(fields.raw("drop"))
        case ["delay_seconds"]:
            return Delay(_length(fields, "delay_seconds"))
        case ["hold_seconds"]:
            return Hold(_length(fields, "hold_seconds"))
        case ["spoil"]:
            return _spoil(fields.raw("spoil"))
    raise InvalidFieldsError("status", "give exactly one of " + ", ".join(_KINDS))


def _fixed_answer(fields: Fields) -> FixedAnswer:
    status = fields.required("status", int)
    if status not in _STATUSES:
        raise InvalidFieldsError("status", "must be an HTTP status from 200")
    body, shape = fields.raw("body"), fields.optional("shape", int)
    if shape is not None:
        if shape not in SHAPES or body is not None:
            raise InvalidFieldsError("shape", f"must be from 1 to {len(SHAPES)}, without a body")
        phrase = HTTPStatus(status).phrase
        body = error_body(shape, code_of(HTTPStatus(status)), phrase)
    return FixedAnswer(status, body, fields.optional("retry_after", int))


def _drop(moment: object) -> Drop:
    match moment:
        case "before" | "middle" | "after":
            return Drop(moment)
    raise InvalidFieldsError("drop", "must be before, middle or after")


def _spoil(way: object) -> Spoil:
    match way:
        case "malformed" | "truncated":
            return Spoil(way)
    raise InvalidFieldsError("spoil", "must be malformed or truncated")


def _length(fields: Fields, name: str) -> float:
    seconds = fields.seconds(name)
    if not 0 <= seconds <= _LONGEST_DELAY:
        raise InvalidFieldsError(name, f"must be from 0 to {_LONGEST_DELAY:.0f}")
    return seconds


def _view(rule: FaultRule) -> dict[str, object]:
    return {
        "method": rule.method,
        "path": rule.path,
        "surface": rule.surface,
        "times": _FOREVER if rule.times is None else rule.times,
        "every": rule.every,
        "probability": rule.probability,
        "seed": rule.seed,
        **_view_of_kind(rule.fault),
    }


def _view_of_kind(fault: Fault) -> dict[str, object]:
    match fault:
        case FixedAnswer():
            return asdict(fault)
        case Drop(moment):
            return {"drop": moment}
        case Delay(seconds):
            return {"delay_seconds": seconds}
        case Hold(seconds):
            return {"hold_seconds": seconds}
        case Spoil(way):
            return {"spoil": way}


ROUTES = [
    Route("/faults", _list, methods=["GET"]),
    Route("/faults", _order, methods=["POST"]),
    Route("/faults", _clear, methods=["DELETE"]),
]
