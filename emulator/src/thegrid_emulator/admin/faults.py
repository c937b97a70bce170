"""Order faults: `{"method", "path", "times"}` and one of `_KINDS`."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Literal, get_args

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.admin.fields import Fields
from thegrid_emulator.errors import InvalidFieldsError
from thegrid_emulator.requests import json_object, venue_of
from thegrid_emulator.responses import no_content
from thegrid_emulator.state.faults import Delay, Drop, Fault, FaultRule, FixedAnswer, Hold

SurfaceName = Literal["platform", "trading", "consumption", "messages", "gateway"]

_KINDS = ("status", "drop", "delay_seconds", "hold_seconds")
_FIELDS = ("method", "path", "surface", "times", *_KINDS, "body", "retry_after")
_LONGEST_DELAY = 3600.0
_STATUSES = {status.value for status in HTTPStatus if status >= HTTPStatus.OK}


async def _order(request: Request) -> Response:
    venue_of(request).faults.order(fault_rule(await json_object(request)))
    return no_content()


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
    times = fields.optional("times", int)
    return FaultRule(
        method=fields.required("method", str).upper(),
        path=fields.required("path", str),
        surface=surface,
        times=1 if times is None else times,
        fault=_fault(fields),
    )


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
    raise InvalidFieldsError("status", "give exactly one of " + ", ".join(_KINDS))


def _fixed_answer(fields: Fields) -> FixedAnswer:
    status = fields.required("status", int)
    if status not in _STATUSES:
        raise InvalidFieldsError("status", "must be an HTTP status from 200")
    return FixedAnswer(status, fields.raw("body"), fields.optional("retry_after", int))


def _drop(moment: object) -> Drop:
    match moment:
        case "before" | "after":
            return Drop(moment)
    raise InvalidFieldsError("drop", "must be before or after")


def _length(fields: Fields, name: str) -> float:
    seconds = fields.seconds(name)
    if not 0 <= seconds <= _LONGEST_DELAY:
        raise InvalidFieldsError(name, f"must be from 0 to {_LONGEST_DELAY:.0f}")
    return seconds


ROUTES = [
    Route("/faults", _order, methods=["POST"]),
    Route("/faults", _clear, methods=["DELETE"]),
]
