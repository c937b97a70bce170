"""What a call to a model has in common, whichever shape it comes in."""

from thegrid_emulator.openapi import refusals
from thegrid_emulator.openapi.document import Subject
from thegrid_emulator.openapi.operation import (
    API_KEY,
    BEARER,
    URL_TOKEN,
    Answers,
    operation,
)
from thegrid_emulator.openapi.schema import Schema, component, or_null


def _refusals(error: Schema) -> Answers:
    return dict.fromkeys((400, 401, 402, 404, 422, 429, 503), error)


CONSUMPTION_REFUSALS: Answers = {401: refusals.ERROR, 429: refusals.ERROR}
"""How the OpenAI-shaped host refuses a route without a body."""


def called(path: str, name: str, request: Schema) -> Subject:
    """Return the route that checks a call and sends it on.

    Args:
        path: after the prefix.
        name: of the operation.
        request: schema of the body.
    """
    on_messages = path == "/messages"
    error = refusals.MESSAGES_ERROR if on_messages else refusals.ERROR
    return Subject(
        components={"Call": request},
        paths={
            path: {
                "post": operation(
                    name,
                    "Check a call and send it on to the gateway; follow the address once, at "
                    "once, and without credentials.",
                    {307: None},
                    refusals=_refusals(error),
                    security=[API_KEY if on_messages else BEARER],
                    body=component("Call"),
                    headers={307: ["location", "x-grid-request-id"]},
                )
            }
        },
    )


def answered(path: str, name: str, request: Schema, answer: Schema) -> Subject:
    """Return the gateway's route that answers a call.

    Args:
        path: after the prefix.
        name: of the operation, and prefix of its schemas' names.
        request: schema of the body.
        answer: schema of an answer that is not streamed.
    """
    call, reply = f"{name}Call", f"{name}Answer"
    return Subject(
        components={call: request, reply: answer},
        paths={
            path: {
                "post": operation(
                    f"answer{name}",
                    "Answer a call that was sent on; the token in the address is its only "
                    "credential.",
                    {200: component(reply)},
                    refusals=dict.fromkeys((400, 401, 422, 429), refusals.ERROR),
                    security=[URL_TOKEN],
                    body=component(call),
                    headers={200: ["x-grid-request-id"]},
                    stream=True,
                )
            }
        },
    )


MAYBE_FLAG: Schema = or_null({"type": "boolean"})


def within(low: float, high: float) -> Schema:
    """Return a number between two others, or null."""
    return or_null({"type": "number", "minimum": low, "maximum": high})


def whole_within(low: int, high: int) -> Schema:
    """Return an integer between two others, or null."""
    return or_null({"type": "integer", "minimum": low, "maximum": high})
