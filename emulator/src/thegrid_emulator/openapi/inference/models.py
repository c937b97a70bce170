"""The model list, for everybody; a bad key is refused all the same."""

from thegrid_emulator.openapi.document import Subject
from thegrid_emulator.openapi.inference.calls import CONSUMPTION_REFUSALS
from thegrid_emulator.openapi.operation import BEARER, operation
from thegrid_emulator.openapi.schema import (
    POSITIVE,
    TEXT,
    WHOLE,
    always,
    array,
    component,
    or_null,
    record,
)

_MODEL = record(
    {
        "id": TEXT,
        "object": always("model"),
        "display_name": TEXT,
        "created": WHOLE,
        "owned_by": TEXT,
        "context_length": POSITIVE,
        "max_completion_tokens": POSITIVE,
        "capabilities": array(TEXT),
        "pricing": or_null({"type": "object"}),
    }
)

SUBJECT = Subject(
    components={"Model": _MODEL},
    paths={
        "/models": {
            "get": operation(
                "listModels",
                "What can be named as `model`.",
                {200: record({"object": always("list"), "data": array(component("Model"))})},
                refusals=CONSUMPTION_REFUSALS,
                security=[BEARER],
                optional_security=True,
            )
        }
    },
)
