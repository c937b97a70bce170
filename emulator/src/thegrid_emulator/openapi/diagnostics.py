"""The self-test that three hosts offer."""

from collections.abc import Sequence

from thegrid_emulator.openapi.document import Subject
from thegrid_emulator.openapi.operation import Answers, operation
from thegrid_emulator.openapi.schema import (
    MOMENT,
    TEXT,
    array,
    component,
    enveloped,
    one_of,
    or_null,
    record,
)

_STATUS = one_of("ok", "warn", "fail")

_CHECK = record(
    {
        "name": TEXT,
        "status": _STATUS,
        "code": or_null(TEXT),
        "detail": or_null(TEXT),
        "next_action": or_null(TEXT),
    }
)

_DIAGNOSTICS = record(
    {
        "status": _STATUS,
        "service": TEXT,
        "server_time": MOMENT,
        "checks": array(_CHECK),
        "summary": {"type": "object"},
    }
)


def subject(refusals: Answers, security: Sequence[str]) -> Subject:
    """Return the route as one host offers it.

    Args:
        refusals: what that host answers otherwise.
        security: how it recognises a caller.
    """
    return Subject(
        components={"Diagnostics": _DIAGNOSTICS},
        paths={
            "/diagnostics": {
                "get": operation(
                    "readDiagnostics",
                    "How the service sees itself and the caller.",
                    {200: enveloped(component("Diagnostics"))},
                    refusals=refusals,
                    security=security,
                )
            }
        },
    )
